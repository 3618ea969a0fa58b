"""The API's answers, in the shape of the expectation (koku contract 5.2, 5.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.fields import EFFICIENCY, TAG_PREFIX, WASTED, fields
from e2e_validator.expect.measures import Key, Measures


def read_answer(report: str, grouping: str, body: Any) -> Measures:
    """The figures in the body of a report's answer, keyed as ``expect.figures`` keys them.

    ``body`` is the JSON document, read with ``parse_float=Decimal``. A field that is missing or null is absent
    from the row; that is never the same as 0. A group that is listed twice has ``#2`` after its date.

    Raises:
        Inconclusive: the answer has no total (Koku knows no tenant), is one page of several, or has another shape.
    """
    name = f"{report} by {grouping}"
    try:
        meta, data = body["meta"], body["data"]
        if "total" not in meta:
            raise Inconclusive(f"The answer to {name} has no meta.total: Koku knows no such organisation.")
        if (body.get("links") or {}).get("next"):
            raise Inconclusive(f"The answer to {name} is only its first page: ask for more than {meta.get('limit')}.")
        rows: Measures = {(report, grouping, "", ""): _values(report, grouping, meta["total"])}
        for period in data:
            for group, entry in _entries(grouping, period):
                key: Key = (report, grouping, group, str(period["date"]))
                number = 1
                while key in rows:
                    number += 1
                    key = (*key[:3], f"{period['date']}#{number}")
                rows[key] = _values(report, grouping, entry)
    except (KeyError, TypeError, AttributeError) as error:
        raise Inconclusive(f"The answer to {name} has an unknown shape: {error!r}.") from error
    return rows


def _entries(grouping: str, period: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if grouping in {"total", "daily"}:
        for entry in period["values"]:
            yield "", entry
        return
    name = grouping.removeprefix(TAG_PREFIX)
    for group in period[f"{name}s"]:
        for entry in group["values"]:
            yield str(group[name]), entry


def _values(report: str, grouping: str, entry: Mapping[str, Any]) -> dict[str, Decimal]:
    values: dict[str, Decimal] = {}
    for field in fields(report, grouping):
        number = _at(entry, field)
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, Decimal | int | float):
            raise Inconclusive(f"The answer to {report} by {grouping} has no number in {field}: {number!r}.")
        values[field] = Decimal(str(number))
    return values


def _at(entry: Mapping[str, Any], field: str) -> Any:
    if field in {EFFICIENCY, WASTED}:
        score = entry.get("score", entry.get("total_score"))
        if not isinstance(score, Mapping):
            return None
        found = score.get("usage_efficiency_percent" if field == EFFICIENCY else "wasted_cost")
        return _value(found)
    group, _, part = field.partition(".")
    found = entry.get(group)
    if not isinstance(found, Mapping):
        return None
    return _value(found.get(part)) if part else found.get("value")


def _value(found: Any) -> Any:
    return found.get("value") if isinstance(found, Mapping) else found
