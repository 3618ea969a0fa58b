"""What tests of every room share: one embedded stack for the session, made when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from e2e_validator.target import Target
from e2e_validator.target import embedded as embedded_target

# The day of the recordings: their data leave the retention period as time passes.
RECORDED_DAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def stack_target() -> Iterator[Target]:
    """The target of an embedded stack whose clock stands on the day of the recordings."""
    target, stack = embedded_target.start(today=RECORDED_DAY)
    with stack:
        yield target


@pytest.fixture(scope="session")
def target_file(stack_target: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for ``--target`` that names the session's stack."""
    path = tmp_path_factory.mktemp("target") / "stack.json"
    stack_target.save(path)
    return path


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the project."""
    return Path(__file__).parent.parent
