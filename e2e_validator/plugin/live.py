"""Lines while a phase still waits: written past pytest's capture, in the process that waits."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

import pytest

from e2e_validator.events import Heartbeat, Observed, Recognised, Repaired
from e2e_validator.plugin.run_session import SESSION
from e2e_validator.plugin.width import terminal_width
from e2e_validator.report import console

Live = Heartbeat | Observed | Recognised | Repaired


def show_live(config: pytest.Config, event: Live) -> None:
    """Print a heartbeat, a fault and a repair always, a change only with ``-v``; with ``-q`` nothing."""
    verbosity = config.get_verbosity()
    if isinstance(event, Observed) and verbosity < 1:
        return
    if verbosity < 0:
        return
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture is not None else nullcontext():
        line = config.stash[SESSION].redactor().text(_line(event, _layout(config, event)))
        terminal: Any = config.pluginmanager.getplugin("terminalreporter")
        if terminal is None:  # an xdist worker
            print(line, file=sys.stderr, flush=True)
        else:
            terminal.ensure_newline()
            terminal.write_line(line)


def _line(event: Live, layout: console.Layout) -> str:
    match event:
        case Observed():
            return console.observed_line(event, layout=layout)
        case Heartbeat():
            return console.heartbeat_line(event, layout=layout)
        case Recognised():
            return console.fault_line(event, layout=layout)
        case Repaired():
            return console.repair_line(event, layout=layout)


def _layout(config: pytest.Config, event: Live) -> console.Layout:
    """The columns of the phase lines; a worker does not know the other scenarios' names, only its own."""
    started = config.stash[SESSION].started_event
    width = terminal_width()
    if started is not None:
        return console.Layout.of(started, width)
    return console.Layout(
        scenario=len(event.scenario), phase=11, width=width if width == console.UNCUT else min(width, 100)
    )
