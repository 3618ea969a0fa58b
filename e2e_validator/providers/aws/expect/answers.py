"""The API's answers, in the shape of ``reports.answer`` (docs/contract/clouds.md 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Key, Measures
from e2e_validator.providers.aws.expect.question import USAGE_UNITS, Question
from e2e_validator.providers.aws.expect.reports import TOTAL

_PARTS = ("cost", "infrastructure", "supplementary")
_MONEY = ("raw", "markup", "usage", "total")


class WrongShapeError(ValueError):
    """An answer is not what an answer to this question looks like; one sentence without a full stop."""


def read_answer(question: Question, body: Any) -> Measures:
    """The figures in the body of an answer, read with ``parse_float=Decimal``.

    A figure that is missing or null is absent; that is never the same as 0. A group that is listed twice has ``#2``
    after its last part.

    Raises:
        WrongShapeError: it has no data and total, is one page of several, or a figure is no number.
    """
    try:
        data, meta = body["data"], body["meta"]
        found: Measures = {TOTAL: _figures(question, meta["total"])}
        if body["links"]["next"]:
            raise WrongShapeError("the answer is one page of several")
        for entry in data:
            for key, values in _values(question.shown_groups, entry, (str(entry["date"]),)):
                found[_free(found, key)] = _figures(question, values)
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise WrongShapeError(f"the answer has not the shape of {question.report}: {error!r}") from error
    return found


def _free(found: Measures, key: Key) -> Key:
    free, number = key, 1
    while free in found:
        number += 1
        free = (*key[:-1], f"{key[-1]}#{number}")
    return free


def _values(names: Sequence[str], entry: Mapping[str, Any], key: Key) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Each row of figures below a date or a group, with the names on the way to it."""
    if not names:
        for values in entry["values"]:
            yield key, values
        return
    name = names[0].partition(":")[2] or names[0]
    for one in entry[f"{name}s"]:
        yield from _values(names[1:], one, (*key, str(one[name])))


def _figures(question: Question, node: Mapping[str, Any]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in _PARTS:
        for name in _MONEY:
            _put(found, f"{part}.{name}", node.get(part, {}).get(name))
    if question.report in USAGE_UNITS:
        _put(found, "usage", node.get("usage"))
    return found


def _put(found: dict[str, Decimal], name: str, figure: Any) -> None:
    if not figure or figure.get("value") is None:
        return
    value = figure["value"]
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise WrongShapeError(f"{name} is {value!r}, which is no number")
    found[f"{name} {figure['units']}"] = Decimal(value)
