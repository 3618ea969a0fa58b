"""``--repair=ask``: the question at the terminal, while pytest's capture stands aside."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest


def refuse_without_terminal(config: pytest.Config) -> None:
    """Refuse to ask where nobody can answer.

    Raises:
        pytest.UsageError: there is no terminal, or the phases run in workers.
    """
    if config.getoption("--repair") != "ask":
        return
    if config.getoption("numprocesses", default=None):
        raise pytest.UsageError("--repair=ask asks at the terminal, which workers do not have; leave out -n.")
    if not sys.stdin.isatty():
        raise pytest.UsageError("--repair=ask needs a terminal; use --repair=auto or --repair=off here.")


def asker(config: pytest.Config) -> Callable[[str], bool]:
    """A function that puts a question and says whether it was answered with yes."""

    def ask(question: str) -> bool:
        capture: Any = config.pluginmanager.getplugin("capturemanager")
        terminal: Any = config.pluginmanager.getplugin("terminalreporter")
        if capture is not None:
            capture.suspend_global_capture(in_=True)
        try:
            if terminal is not None:
                terminal.ensure_newline()
            answer = input(f"{question} [y/N] ")
        except EOFError:
            return False
        finally:
            if capture is not None:
                capture.resume_global_capture()
        return answer.strip().lower() in {"y", "yes"}

    return ask
