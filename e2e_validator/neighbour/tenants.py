"""Another organisation sees nothing of a scenario's source: not in the reports, not among the sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from e2e_validator.access.other_organisation import OtherOrganisation
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import NeighbourChanged

NOT_LOOKED_AT = "another organisation not looked at: a token names one organisation, and only that"


def check(context: Context) -> str:
    """What is now true, in a few words; empty for a scenario without a source.

    Raises:
        NeighbourChanged: another organisation sees something; names what.
    """
    if not context.neighbour or context.state.source is None or context.run.stopped():
        return ""
    if not OtherOrganisation.can_be(context.target):
        return NOT_LOOKED_AT
    other = OtherOrganisation(context.target, f"e2e{context.state.token}")
    answers = context.waiter().wait_for_value("the reports of another organisation", lambda: _answers(context, other))
    for what, body in answers.items():
        seen = next(
            chain(_names(body, (context.source_key, context.source_name, context.provider_uuid)), _figures(body)), None
        )
        if seen is not None:
            raise NeighbourChanged(f"another organisation sees {seen} of this source in {what}")
    shut = sum(body is None for body in answers.values())
    return f"another organisation sees nothing ({len(answers)} questions, {shut} refused)"


def _answers(context: Context, other: OtherOrganisation) -> dict[str, Mapping[str, Any] | None]:
    found = provider_of(context).asked_by_others(context)
    found["sources/"] = {"limit": 10}
    found[f"sources/{context.provider_uuid}/"] = {}
    bodies = side_by_side(lambda asked: other.asked(*asked), list(found.items()))
    return dict(zip(found, bodies, strict=True))


def _names(body: Any, names: tuple[str, ...]) -> Iterator[str]:
    """Names of the source in any place of the body but where the question is repeated."""
    if isinstance(body, Mapping):
        for key, value in body.items():
            if key not in {"links", "filter", "group_by", "order_by", "exclude"}:
                yield from _names(value, names)
    elif isinstance(body, list):
        for value in body:
            yield from _names(value, names)
    elif isinstance(body, str) and body in names:
        yield f"the name {body}"


def _figures(body: Any) -> Iterator[str]:
    """Each ``value`` in the body that is not 0."""
    if isinstance(body, Mapping):
        value = body.get("value")
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value:
            yield f"the figure {value}"
        for one in body.values():
            yield from _figures(one)
    elif isinstance(body, list):
        for one in body:
            yield from _figures(one)
