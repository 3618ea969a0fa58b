"""Lines while a phase still waits: written past pytest's capture, in the process that waits."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from e2e_validator.events import Heartbeat, Observed
from e2e_validator.report import console


def show_live(config: pytest.Config, event: Heartbeat | Observed) -> None:
    """Print a heartbeat always, a change only with ``-v``; with ``-q`` neither."""
    verbosity = config.get_verbosity()
    if isinstance(event, Observed) and verbosity < 1:
        return
    if verbosity < 0:
        return
    line = console.observed_line(event) if isinstance(event, Observed) else console.heartbeat_line(event)
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is None:
        print(line, file=sys.stderr, flush=True)
        return
    with capture.global_and_fixture_disabled():
        print(line, file=sys.stderr, flush=True)
