"""The API's answers, in the shape of the expectation (docs/contract/koku.md 5.2, 5.5)."""

from __future__ import annotations

from typing import Any

from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.fields import fields
from e2e_validator.providers.ocp.expect.surface.shown import Shown, WrongShape, measures, read_shown


def read_answer(report: str, grouping: str, body: Any) -> Measures:
    """The figures in the body of a report's answer, keyed as ``expect.figures`` keys them.

    ``body`` is the JSON document, read with ``parse_float=Decimal``. A field that is missing or null is absent
    from the row; that is never the same as 0. A group that is listed twice has ``#2`` after its date.

    Raises:
        WrongShape: the answer has no total (Koku knows no tenant), is one page of several, has a figure that is no
            number or has another unit, or another shape.
    """
    return figures_of(grouping, read_whole(report, grouping, body))


def read_whole(report: str, grouping: str, body: Any) -> Shown:
    """The whole answer to a plain question; raises as ``read_answer`` does."""
    shown = read_shown(report, (grouping,), body)
    if shown.links.get("next"):
        limit = shown.meta.get("limit")
        raise WrongShape(f"the answer to {report} by {grouping} says that more follows after {limit} dates; none can")
    return shown


def figures_of(grouping: str, shown: Shown) -> Measures:
    """The figures of a plain answer that has been read."""
    return measures(shown, fields(shown.report, grouping), grouping)
