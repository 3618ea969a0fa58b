"""What a scenario comes to, in text: the totals of every report, and where they are not what the data say."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.engine.context import Context
from e2e_validator.expect.deviation_text import foretold
from e2e_validator.expect.ledger import number
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.deviations.finding import differing
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.own import own_expectation


def explain(context: Context) -> str:
    """The total of each report, cost type and month, also beside the data's days; what deviates, also by the data."""
    return told(own_expectation(context))


def told(expectation: Expectation) -> str:
    """The same of an expectation."""
    days = expectation.every_day()
    if not days:
        return "no figures: nothing is summarised of these data\n"
    # A row of the whole month begins on its first day, whatever the days of the other rows are.
    span = min(days), max(days)
    said = _totals(expectation.by_data(*span), expectation.as_koku(*span))
    return "\n".join([*said, *foretold(expectation.deviations())]) + "\n"


def _totals(by_data: Measures, as_koku: Measures) -> Iterator[str]:
    wrong = {(one.key, one.field): one for one in differing(by_data, as_koku)}
    for key in sorted(by_data.keys() | as_koku.keys()):
        report, cost_type, grouping, _, period = key
        if grouping != "total":
            continue
        fields = []
        for field in sorted(by_data.get(key, {}).keys() | as_koku.get(key, {}).keys()):
            there = as_koku.get(key, {}).get(field)
            one = wrong.get((key, field))
            say = "" if one is None else f" (the data say {'nothing' if one.by_data is None else number(one.by_data)})"
            fields.append(f"{field} {'missing' if there is None else number(there)}{say}")
        yield f"{report} {cost_type} of {period}: {', '.join(fields)}"
