"""Asking at the terminal before a repair: only yes is yes, and nobody is asked where nobody can answer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from e2e_validator.plugin.asking import asker, refuse_without_terminal


def config(**options: Any) -> pytest.Config:
    asked = {"e2e_repair": "ask", "numprocesses": None} | options
    plugins = SimpleNamespace(getplugin=lambda _name: None)
    return cast("pytest.Config", SimpleNamespace(getoption=lambda name, *_, **__: asked[name], pluginmanager=plugins))


@pytest.mark.parametrize(
    ("typed", "meant"), [("y\n", True), (" Yes \n", True), ("n\n", False), ("\n", False), ("yep\n", False)]
)
def test_only_yes_is_yes(tmp_path: Path, typed: str, meant: bool) -> None:
    terminal = tmp_path / "tty"
    terminal.write_text(typed)
    assert asker(config(), terminal)("Do it?") is meant


def test_nobody_is_asked_without_a_terminal_or_in_a_worker(tmp_path: Path) -> None:
    with pytest.raises(pytest.UsageError, match="needs a terminal"):
        refuse_without_terminal(config(), tmp_path / "none")
    (tmp_path / "tty").touch()
    refuse_without_terminal(config(), tmp_path / "tty")
    with pytest.raises(pytest.UsageError, match="leave out -n"):
        refuse_without_terminal(config(numprocesses=2), tmp_path / "tty")
    refuse_without_terminal(config(e2e_repair="auto"), tmp_path / "none")
