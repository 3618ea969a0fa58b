"""The shape of every comparison: key -> field -> exact value, and how it is kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Context, Decimal, localcontext
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Key = tuple[str, ...]
# A field that is absent is NULL (or was not given): that is not the same as 0. In keys, NULL and '' are both ''.
Measures = dict[Key, dict[str, Decimal]]

# Wide enough that sums of a month of byte-seconds are exact, and quotients lose nothing that 1e-9 could see.
_EXACT = Context(prec=60)

_ROUGH = Context(prec=9)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def exactly(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run ``function`` with 60 significant digits, whatever the caller's decimal context is."""

    @wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with localcontext(_EXACT):
            return function(*args, **kwargs)

    return wrapper


def add(into: Measures, key: Key, values: dict[str, Decimal]) -> None:
    """Add each of ``values`` to the row ``key`` of ``into``."""
    row = into.setdefault(key, {})
    for field, value in values.items():
        row[field] = row[field] + value if field in row else value


def numbered(twins: Mapping[Key, Sequence[dict[str, Decimal]]]) -> Measures:
    """One row for each of several that have one key: the second has ``#2`` at the end of the key's last part.

    The largest comes first, so that both sides of a comparison number the same rows alike, in whatever order they are.
    """
    found: Measures = {}
    for key, rows in twins.items():
        ordered = sorted(rows, key=_by_size, reverse=True) if len(rows) > 1 else rows
        for number, row in enumerate(ordered, start=1):
            found[key if number == 1 else (*key[:-1], f"{key[-1]}#{number}")] = row
    return found


def _by_size(row: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    # Nine digits: what differs only by rounding must not change places.
    return [(field, _ROUGH.plus(row[field])) for field in sorted(row)]


def to_json(measures: Measures) -> list[Any]:
    """Rows as ``[[key parts], {field: "decimal string"}]``, sorted by key."""
    return [[list(key), {name: str(value) for name, value in measures[key].items()}] for key in sorted(measures)]


def from_json(rows: Iterable[Any]) -> Measures:
    """The inverse of ``to_json``."""
    return {tuple(key): {name: Decimal(text) for name, text in values.items()} for key, values in rows}
