"""Runs of pytest in a copy of the checkout, and what they found."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e_validator.slowness import scaled

from .planting import environment

# The day of the recordings, whose data leave the retention period as time passes.
TODAY = "2026-11-21"
PATIENCE_SECONDS = 300.0
_RUNNING: set[int] = set()
_QUICK = (
    "-p",
    "nise_once",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:hypothesispytest",
    "-p",
    "no:anyio",
    "-p",
    "no:platformdirs",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended; ``code`` is negative if it had to be killed."""

    code: int
    text: str
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The scenarios of ``results.json`` by name."""


def run_scenarios(
    folder: Path, files: Sequence[str], *options: str, patience_seconds: float = PATIENCE_SECONDS
) -> Ended:
    """Run scenarios of a copy on embedded stacks of their own code."""
    reports = folder / "runs"
    code, text = _pytest(
        folder, [*files, "--today", TODAY, "--run-dir", str(reports), "-q", *_QUICK, *options], patience_seconds
    )
    results = reports / "latest" / "results.json"
    found = json.loads(results.read_text(encoding="utf-8"))["scenarios"] if results.exists() else []
    return Ended(code, text, {scenario["name"]: scenario for scenario in found})


def run_tests(folder: Path, tests: Sequence[str], *, patience_seconds: float = PATIENCE_SECONDS) -> Ended:
    """Run tests of a copy."""
    code, text = _pytest(folder, [*tests, "-q", "-p", "no:cacheprovider"], patience_seconds)
    return Ended(code, text)


def _pytest(folder: Path, arguments: Sequence[str], patience_seconds: float) -> tuple[int, str]:
    # A file, not a pipe: what outlives a run that is killed would hold its end open.
    output = folder / "output.txt"
    with output.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _RUNNING.add(process.pid)
        try:
            process.wait(scaled(patience_seconds))
        except subprocess.TimeoutExpired:
            _kill(process.pid)
            process.wait()
        finally:
            _RUNNING.discard(process.pid)
    return process.returncode, output.read_text(encoding="utf-8", errors="replace")


def end_all() -> None:
    """End every run that is under way: each has a session of its own, which no Ctrl-C reaches."""
    for pid in list(_RUNNING):
        _kill(pid)


def _kill(pid: int) -> None:
    # The keeper of its stack lives in a session of its own and ends with it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
