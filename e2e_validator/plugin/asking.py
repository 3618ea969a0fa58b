"""``--repair=ask``: the question at the terminal. pytest captures standard input, so the terminal itself is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.plugin.options import value

TERMINAL = Path("/dev/tty")


def refuse_without_terminal(config: pytest.Config, terminal: Path = TERMINAL) -> None:
    """Refuse to ask where no answer can come.

    Raises:
        pytest.UsageError: there is no terminal, or the phases run in workers.
    """
    if value(config, "--repair") != "ask":
        return
    if config.getoption("numprocesses", default=None):
        raise pytest.UsageError("--repair=ask asks at the terminal, which workers do not have; leave out -n.")
    try:
        terminal.open(encoding="utf-8").close()
    except OSError:
        raise pytest.UsageError("--repair=ask needs a terminal; use --repair=auto or --repair=off here.") from None


def asker(config: pytest.Config, terminal: Path = TERMINAL) -> Callable[[str], bool]:
    """A function that puts a question and says whether it was answered with yes; silence means no."""

    def ask(question: str) -> bool:
        reporter: Any = config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.flush()
        # Two streams: a terminal cannot be positioned, which one for both would need.
        with terminal.open(encoding="utf-8") as answers, terminal.open("a", encoding="utf-8") as questions:
            questions.write(f"{question} [y/N] ")
            questions.flush()
            answer = answers.readline()
        return answer.strip().lower() in {"y", "yes"}

    return ask
