"""What the plugin costs a project that has nothing of ours: CPU of its import, beside pytest's own."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass

ROUNDS = 5
BUDGET_SECONDS = 0.15
_TIMED = """
import time
start = time.process_time(); import pytest
own = time.process_time(); import e2e_validator.plugin
print(own - start, time.process_time() - own)
"""


@dataclass(frozen=True, slots=True)
class Importing:
    """Seconds of CPU: importing pytest, and the plugin after it."""

    pytest: float
    plugin: float


def importing() -> Importing:
    """The medians of five imports, each in a process of its own."""
    rounds = []
    for _ in range(ROUNDS):
        done = subprocess.run([sys.executable, "-c", _TIMED], check=True, capture_output=True, text=True)
        rounds.append([float(word) for word in done.stdout.split()])
    return Importing(*(statistics.median(one) for one in zip(*rounds, strict=True)))
