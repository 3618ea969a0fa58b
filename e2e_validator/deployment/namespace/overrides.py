"""Values given by hand: by ``--set NAME=VALUE``, by environment, by a file; in this order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from e2e_validator.deployment.endpoints import FORMER_KEYS, present_key, read_mapping
from e2e_validator.deployment.namespace.found import Value
from e2e_validator.deployment.namespace.names import SETTINGS, variable
from e2e_validator.errors import UsageError


class Overrides:
    """What was given by hand, by setting."""

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        """Nothing is given by default."""
        self._values = dict(values or {})

    def get(self, name: str) -> Value | None:
        """The value given for a setting."""
        return self._values.get(name)

    @classmethod
    def collect(
        cls, given: Iterable[str] = (), environ: Mapping[str, str] | None = None, file: Path | None = None
    ) -> Overrides:
        """Everything that was given.

        Raises:
            UsageError: one sentence: an unknown name, no ``=``, a file that cannot be read.
        """
        found = {**_of_file(file), **_of_environment(environ or {}), **_of_options(given)}
        return cls(found)


def _of_options(given: Iterable[str]) -> dict[str, Value]:
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError("--set: write NAME=VALUE, such as --set database.host=db.example.com.")
        name = present_key(name)
        _check(f"--set {name}", name)
        found[name] = _value(name, value, "--set")
    return found


def _of_environment(environ: Mapping[str, str]) -> dict[str, Value]:
    known = {variable(old): new for old, new in FORMER_KEYS.items()} | {variable(name): name for name in SETTINGS}
    return {
        known[key]: _value(known[key], value, f"environment {key}")
        for key, value in environ.items()
        if key in known and value
    }


def _of_file(file: Path | None) -> dict[str, Value]:
    if file is None:
        return {}
    found = {}
    for name, value in _flat(read_mapping(file)).items():
        _check(f"--target {file}: {name}", name)
        found[name] = _value(name, value, f"file {file}")
    return found


def _flat(data: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """``{"database": {"host": "x"}}`` and ``{"database.host": "x"}`` mean the same."""
    found: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = "" if value is None else str(value)
    return found


def _check(where: str, name: str) -> None:
    if name in SETTINGS:
        return
    close = difflib.get_close_matches(name, SETTINGS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(SETTINGS)}"
    raise UsageError(f"{where}: is no setting of a namespace ({hint}).")


def _value(name: str, value: str, origin: str) -> Value:
    return Value(name, value, origin, secret=SETTINGS[name].secret)
