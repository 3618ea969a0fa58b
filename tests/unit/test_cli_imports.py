"""What ``e2e-validator --help`` loads: a command imports what it needs when it is called, not before."""

from __future__ import annotations

import subprocess
import sys

import pytest
from patience import patience

HEAVY = {"pyarrow", "pydantic", "boto3", "kubernetes", "psycopg", "minio", "requests", "yaml", "pytest", "rich"}
_LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def loaded_by(*words: str) -> set[str]:
    """The top-level modules in memory after ``e2e-validator WORDS``."""
    said = f"from e2e_validator.cli import cli\ncli({list(words)!r}, standalone_mode=False)\n{_LOADED}"
    done = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True, timeout=patience())
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("lint", "--help"), ("doctor", "--help")])
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    assert loaded_by(*words) & HEAVY == set()


def test_a_command_that_needs_pydantic_is_seen_to_load_it() -> None:
    assert "pydantic" in loaded_by("schema")
