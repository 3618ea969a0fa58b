"""What a phase makes of deviations from the data: accepted ones are KNOWN, any other is a failure with its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from e2e_validator.engine.context import Context
from e2e_validator.engine.deviating import refuse_missing, refuse_unaccepted
from e2e_validator.expect.known_deviation import UNEXPLAINED
from e2e_validator.expect.ledger import RELATIVE, SMALLEST
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.deviations.finding import Deviation, TwoValues
from e2e_validator.providers.ocp.expect.deviations.text import deviation_details
from e2e_validator.providers.ocp.expect.fields import GROUPINGS
from e2e_validator.providers.ocp.expect.figures import figures
from e2e_validator.providers.ocp.own import own_expectation


def check_deviations(context: Context, first: date, last: date) -> list[Deviation]:
    """The deviations in what Koku showed, each of them accepted; Koku's figures are known to be those expected of it.

    Raises:
        Deviates: one is not accepted; names the first of them and its worst figure.
        PhaseFailed: one that the scenario names does not happen.
    """
    if context.plan.negative:
        return []
    found = own_expectation(context).deviations(first, last)
    refuse_unaccepted(context, found, deviation_details)
    refuse_missing(context, found)
    return found


def refuse_lost_days(context: Context) -> None:
    """Nothing, unless Koku never summarises days of the data: nothing after the summary could show them.

    Raises:
        Deviates: they are lost, and that was not accepted.
    """
    if context.plan.negative or context.payload_index < len(context.plan.payloads):
        return
    found = own_expectation(context).deviations(context.plan.first_day, context.plan.last_day)
    lost = [one for one in found if one.name == "month_end_never_summarised"]
    refuse_unaccepted(context, lost, deviation_details)


def gone(found: Sequence[Deviation], actual: Measures) -> list[str]:
    """The names of the deviations that are no more: each of their figures is what the data say."""
    return [one.name for one in found if all(_is_by_data(figure, actual) for figure in one.figures)]


def _is_by_data(figure: TwoValues, actual: Measures) -> bool:
    want = figure.by_data
    have = actual.get(figure.key, {}).get(figure.field, Decimal(0))
    return have.is_finite() and abs(have - want) <= max(RELATIVE * max(abs(want), abs(have)), SMALLEST)


def repaired_in(context: Context, summary: Measures) -> list[str]:
    """The names of the deviations that are no more in a daily summary that is not what was expected of Koku."""
    if context.plan.negative or context.payload_index < len(context.plan.payloads):
        return []
    span = context.plan.first_day, context.plan.last_day
    found = [
        replace(one, figures=tuple(figure for figure in one.figures if _is_in_summary(figure)))
        for one in own_expectation(context).deviations(*span)
    ]
    shown = figures(summary, own_expectation(context).cluster_id, *span)
    return gone([one for one in found if one.figures], shown)


def _is_in_summary(figure: TwoValues) -> bool:
    """Whether the daily summary alone decides it: a quantity, by no label."""
    return figure.field in {"usage", "request", "limit", "capacity"} and figure.key[1] in GROUPINGS


def with_what_is_gone(context: Context, headline: str, actual: Measures, first: date, last: date) -> str:
    """The headline of figures that are not as Koku's; says so when they are what the data say instead."""
    names = [] if context.plan.negative else gone(own_expectation(context).deviations(first, last), actual)
    return with_names_of_gone(headline, names, "it shows")


def with_names_of_gone(headline: str, names: Sequence[str], how: str) -> str:
    """The headline behind what is to be said of deviations that are no more; ``how`` is where that was seen.

    What no known deviation explains is none that Koku could have mended: there the expectation of Koku is in doubt.
    """
    known = [name for name in names if name != UNEXPLAINED]
    if known:
        headline = f"Koku no longer deviates by {', '.join(known)}: {how} what the data say; {headline}"
    elif names:
        headline = f"{how} what the data say: what is expected of Koku here is wrong, or Koku has changed; {headline}"
    return headline
