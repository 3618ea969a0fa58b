"""Query strings: ``filter[cluster]=a&filter[cluster]=b`` becomes ``{"filter": {"cluster": ["a", "b"]}}``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from e2e_validator.embedded.standin.koku.refusal import bad_parameter

if TYPE_CHECKING:
    from typing import TypeAlias

Value: TypeAlias = "str | list[str]"
QueryTree: TypeAlias = "dict[str, Value | dict[str, Value]]"

_KEY = re.compile(r"^([^\[\]]+)(?:\[([^\[\]]+)\])?(\[\])?$")


def _add(into: dict[str, Value] | QueryTree, key: str, value: str) -> None:
    """Set a value; a key given twice becomes a list in the order given."""
    before = into.get(key)
    if before is None:
        into[key] = value
    elif isinstance(before, list):
        before.append(value)
    elif isinstance(before, str):
        into[key] = [before, value]
    else:
        raise bad_parameter({"details": "Invalid query parameter format."})


def parse_query(raw: str) -> QueryTree:
    """Read a raw query string.

    Raises:
        Refusal: 400 for a key with unbalanced or nested brackets, and for a value with a null character.
    """
    tree: QueryTree = {}
    for key, value in parse_qsl(raw, keep_blank_values=True):
        match = _KEY.match(key)
        if not match or "\0" in value:
            raise bad_parameter({"details": "Invalid query parameter format."})
        outer, inner, _ = match.groups()
        if inner is None:
            _add(tree, outer, value)
            continue
        branch = tree.setdefault(outer, {})
        if not isinstance(branch, dict):
            raise bad_parameter({"details": "Invalid query parameter format."})
        _add(branch, inner, value)
    return tree
