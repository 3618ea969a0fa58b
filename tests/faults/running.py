"""Runs of pytest as a user would start them, each in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.slowness import scaled

CHECKOUT = Path(__file__).parent.parent.parent
SCENARIOS = CHECKOUT / "scenarios"
# The day of the recordings; any other would do.
TODAY = "2026-11-21"
PATIENCE_SECONDS = 1800.0
# Codes of runs that came to their end, whatever they found; others are bugs or mistakes in the call.
ENDED = frozenset({0, 1, 10, 12, 13})


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended."""

    code: int
    folder: Path
    text: str


def make_project(folder: Path) -> Path:
    """Make ``folder`` a project with our fixtures, whose scenarios stand in the folder that is returned."""
    scenarios = folder / "scenarios"
    scenarios.mkdir(parents=True)
    (folder / "fixtures").symlink_to(CHECKOUT / "fixtures")
    (folder / "pytest.ini").write_text(
        "[pytest]\ne2e_scenarios = scenarios\naddopts = -p no:valkey -p no:faker\n", encoding="utf-8"
    )
    return scenarios


def run(
    scenarios: Sequence[Path],
    folder: Path,
    *more: str,
    project: Path = CHECKOUT,
    workers: int = 2,
    env: dict[str, str] | None = None,
) -> Ran:
    """Run scenarios of a project on ``workers`` (0: without xdist); the run's folder is made below ``folder``.

    Raises:
        RuntimeError: pytest did not run the scenarios to their end; the message holds what it said.
    """
    command = [sys.executable, "-m", "pytest", *map(str, scenarios), "-q", "-p", "no:cacheprovider"]
    # Named, because pytest looks for it by what it takes for paths: the file of a target, too, wherever that lies.
    config = next(path for name in ("pytest.ini", "pyproject.toml") if (path := project / name).exists())
    command += ["-c", str(config), "--today", TODAY, "--run-dir", str(folder)]
    done = subprocess.run(
        [*command, *(["-n", str(workers)] if workers else []), *more],
        cwd=project,
        env=_environment() | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=scaled(PATIENCE_SECONDS),
        check=False,
    )
    text = done.stdout + done.stderr
    if done.returncode not in ENDED:
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{text}")
    return Ran(done.returncode, (folder / "latest").resolve(strict=True), text)


def _environment() -> dict[str, str]:
    """Ours without what belongs to a test session around it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "E2E_"))}
