"""Packages that only some source types need: brought by the extra ``cloud``, imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from e2e_validator.errors import Blocked

_HINT = "pip install 'e2e-validator[cloud]'"


def needed(module: str, what: str) -> ModuleType:
    """The module.

    Raises:
        Blocked: it is not installed; says how to do so.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise Blocked(f"{package} is not installed, which {what} is read with; install it: {_HINT}.") from error
