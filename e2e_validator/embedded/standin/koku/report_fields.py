"""What the parameters of every report have in common: lists, days, spans in words, and the rules over several of them.

docs/contract/koku.md 5.4. Messages are shaped as in Django REST framework: ``{field: [text]}``, nested where bracketed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from e2e_validator.embedded.standin.koku.query_string import QueryTree, Value
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, bad_parameter

OPERATORS = ("and:", "or:", "exact:")
SCOPES = {"day": ("-10", "-30", "-90"), "month": ("-1", "-2", "-3")}
Errors = dict[str, Any]


def strip_operator(key: str) -> str:
    """``and:project`` -> ``project``; the prefixes of filters and group-bys."""
    for operator in OPERATORS:
        if key.startswith(operator):
            return key[len(operator) :]
    return key


def with_operators(keys: Iterable[str]) -> set[str]:
    """Keys of filter, exclude or group_by, each with and without an operator."""
    plain = set(keys)
    return plain | {operator + key for operator in OPERATORS for key in plain}


def values_of(value: Value) -> list[str]:
    """A string or list field: lists and commas both separate values."""
    return (value if isinstance(value, str) else ",".join(value)).split(",")


def last_of(value: Value) -> str:
    """The value of a field that takes one."""
    return value if isinstance(value, str) else value[-1]


def read_day(tree: QueryTree, key: str, days: tuple[dt.date, dt.date], errors: Errors) -> dt.date | None:
    """``start_date`` or ``end_date``, which must lie within ``days``."""
    if key not in tree:
        return None
    try:
        day = dt.date.fromisoformat(last_of(cast("Value", tree[key])))
    except (ValueError, TypeError, KeyError):
        errors[key] = ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]
        return None
    first, last = days
    if not first <= day <= last:
        errors[key] = [f"Parameter {key} must be from {first} to {last}"]
    return day


def check_scope(scalars: dict[str, Any], errors: Errors) -> None:
    """Value, units and resolution of a span in words fit each other."""
    value, units = scalars.get("time_scope_value"), scalars.get("time_scope_units")
    if not errors and value and units:
        text = "Valid values are {} when time_scope_units is {}"
        if value not in SCOPES[units]:
            errors["time_scope_value"] = [text.format(", ".join(SCOPES[units]), units)]
        elif units == "day" and scalars.get("resolution") == "monthly":
            errors["resolution"] = [text.format("daily", "day")]


def check_rules(
    tree: QueryTree, scalars: dict[str, Any], days: tuple[dt.date | None, dt.date | None], known: Iterable[str]
) -> None:
    """Rules over several parameters: reported one at a time, after the fields themselves are right.

    Raises:
        Refusal: 400 with the first broken rule.
    """
    start, end = days
    if unknown := [key for key in tree if key not in known]:
        raise bad_parameter({key: [UNSUPPORTED] for key in unknown})
    if (start or end) and (scalars.get("time_scope_value") or scalars.get("time_scope_units")):
        first = "The parameters [start_date, end_date] may not be "
        raise bad_parameter({"error": [first, "used with the filters [time_scope_value, time_scope_units]"]})
    if bool(start) != bool(end):
        raise bad_parameter({"error": ["The parameters [start_date, end_date] must both be defined."]})
    if start and end and start > end:
        raise bad_parameter({"error": ["start_date must be a date that is before end_date."]})
    if (start or end) and "delta" in tree:
        text = "Delta calculation is not supported with start_date and end_date parameters."
        raise bad_parameter({"error": [text]})
    if (scalars.get("limit") or scalars.get("offset")) and not tree.get("group_by"):
        raise bad_parameter({"error": ["filter[limit] and filter[offset] requires a valid group_by param."]})


def complete_scope(scalars: dict[str, Any]) -> None:
    """Complete resolution, value and units from each other; all absent: the last 10 days, daily."""
    value, units = scalars.get("time_scope_value"), scalars.get("time_scope_units")
    value = value or ("-1" if units == "month" else "-10")
    units = units or ("month" if value in SCOPES["month"] else "day")
    resolution = scalars.get("resolution") or ("monthly" if value in SCOPES["month"] else "daily")
    scalars |= {"time_scope_value": value, "time_scope_units": units, "resolution": resolution}
