"""How long tests wait: so many seconds on an idle machine, longer by one factor on one that is slow now.

A limit here is for what hangs, never a statement about speed; speed is what ``make bench`` shows.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from e2e_validator.slowness import expired, measured, slowness

LOOK_SECONDS = 0.02
# For one answer of a server: nothing is lost where it comes at once.
ANSWER_SECONDS = 60.0 * slowness()
WAIT_SECONDS = 30.0
COMMAND_SECONDS = 60.0


def patience(seconds: float = WAIT_SECONDS) -> float:
    """A limit for whoever takes one number, measured now."""
    return seconds * measured()


def came(condition: Callable[[], object], seconds: float = WAIT_SECONDS) -> bool:
    """Whether it became true."""
    began = time.monotonic()
    while not condition():
        if expired(seconds, began):
            return bool(condition())
        time.sleep(LOOK_SECONDS)
    return True


def until(condition: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Wait until it is true; a failure that names ``what`` when it does not become so."""
    if not came(condition, seconds):
        pytest.fail(f"did not come: {what}")


def finished(
    command: Sequence[str], *, seconds: float = COMMAND_SECONDS, check: bool = False, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and take what it says as text."""
    more = {"capture_output": True, "text": True} | more
    done: subprocess.CompletedProcess[str] = subprocess.run(command, timeout=patience(seconds), check=check, **more)
    return done
