"""What the plugin costs a project that has nothing of ours: CPU of its import, beside pytest's own."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass

ROUNDS = 5
BUDGET_SECONDS = 0.15
HELP_BUDGET_SECONDS = 0.3
_TIMED = """
import time
start = time.process_time(); import pytest
own = time.process_time(); import e2e_validator.plugin
print(own - start, time.process_time() - own)
"""

_HELP = """
import contextlib, io, time
start = time.process_time()
with contextlib.redirect_stdout(io.StringIO()):
    from e2e_validator.cli import cli
    cli(["--help"], standalone_mode=False)
print(start, time.process_time())
"""


@dataclass(frozen=True, slots=True)
class Importing:
    """Seconds of CPU: importing pytest, and the plugin after it."""

    pytest: float
    plugin: float


def importing() -> Importing:
    """The medians of five imports, each in a process of its own."""
    return Importing(*_medians(_TIMED))


@dataclass(frozen=True, slots=True)
class Help:
    """Seconds of CPU: an interpreter that does nothing, and one that shows ``e2e-validator --help``."""

    nothing: float
    whole: float


def help_shown() -> Help:
    """The medians of five calls, each in a process of its own."""
    return Help(*_medians(_HELP))


def _medians(code: str) -> list[float]:
    rounds = []
    for _ in range(ROUNDS):
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        rounds.append([float(word) for word in done.stdout.split()])
    return [statistics.median(one) for one in zip(*rounds, strict=True)]
