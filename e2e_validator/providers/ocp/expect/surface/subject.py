"""What the families know of a scenario: its plain answers, and what its data say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.ocp.expect.fields import EFFICIENCY, REPORTS, TAG_PREFIX, WASTED, fields
from e2e_validator.providers.ocp.expect.surface.question import Question, report_path
from e2e_validator.providers.ocp.expect.surface.shown import Shown, ShownRow

ZERO = Decimal(0)
# Koku ranks by these where no order is asked for (docs/contract/koku.md 5.4).
RANKED_BY = {"costs": "cost.total", "compute": "usage", "memory": "usage", "volumes": "usage"}
GROUPS = ("project", "node", "cluster")
# More than any scenario has of dates or groups.
LIMIT = 1000


def no_cost_group(_project: str) -> str | None:
    """No project has one."""
    return None


@dataclass(frozen=True)
class Subject:
    """One source in its organisation, after the ingest.

    ``shown`` has the plain answers by (report, grouping); ``expected`` gives the figures that the API must show of a
    span of days (``expect.figures``), for this source alone. ``today`` is Koku's.
    """

    cluster_id: str
    cluster_alias: str
    first: date
    last: date
    today: date
    shown: Mapping[tuple[str, str], Shown]
    expected: Callable[[date, date], Measures]
    full: bool = False
    tags: tuple[str, ...] = ()
    tag_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The values of each enabled key in the summary."""
    old_tag_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that earlier uploads had."""
    claims: Mapping[str, dict[str, Decimal]] = field(default_factory=dict)
    """``usage`` and ``request`` of each claim, in GiB-months."""
    source_uuid: str = ""
    months: tuple[str, ...] = ()
    """The months (``YYYY-MM``) of its payloads; none where a payload goes over a month's end."""
    distributed: bool = False
    """Whether cost of the platform or of idle workers was shared out."""
    cost_group: Callable[[str], str | None] = no_cost_group
    """The cost group of a project."""

    def question(
        self, report: str, *groupings: str, more: Mapping[str, str] | None = None, daily: bool = False
    ) -> Question:
        """Ask for the days of the data and this source alone; ``more`` are further parameters."""
        return self.question_of(report, self.span(daily=daily) | _grouped(groupings) | dict(more or {}))

    def question_of(self, report: str, params: Mapping[str, object]) -> Question:
        """Ask for this source alone."""
        return Question.of(report_path(report), {"filter[cluster]": self.cluster_id} | dict(params))

    def span(self, *, daily: bool = False) -> dict[str, object]:
        """The parameters that name the days of the data."""
        return {
            "filter[resolution]": "daily" if daily else "monthly",
            "start_date": self.first.isoformat(),
            "end_date": self.last.isoformat(),
        }

    def pairs(self, *fast: tuple[str, str]) -> list[tuple[str, str, Shown]]:
        """(report, grouping, plain answer) of those named, or of all where everything is asked."""
        wanted = [(report, group) for report in REPORTS for group in GROUPS] if self.full else fast
        return [(*pair, self.shown[pair]) for pair in wanted]


def _grouped(groupings: Iterable[str]) -> dict[str, object]:
    return {f"group_by[{name}]": "*" for name in groupings}


def additive(report: str, *groupings: str) -> tuple[str, ...]:
    """The fields of which a whole has the sum of its parts, in whatever groups: no capacity, no quotient."""
    common = [set(fields(report, grouping)) for grouping in groupings or ("total",)]
    return tuple(
        name
        for name in fields(report, (groupings or ("total",))[0])
        if all(name in each for each in common)
        and not name.startswith("capacity")
        and name not in {EFFICIENCY, WASTED, "request.unused", "request.unused_percent"}
    )


@exactly
def summed(rows: Iterable[ShownRow], names: Iterable[str]) -> dict[str, Decimal]:
    """The sum of each of ``names`` over rows."""
    rows = list(rows)
    return {name: sum((row.figures.get(name, ZERO) for row in rows), ZERO) for name in names}


@exactly
def by_group(rows: Iterable[ShownRow], names: Iterable[str], place: int | None = None) -> dict[str, dict[str, Decimal]]:
    """Group (or its part number ``place``) -> the sums of ``names`` over all dates."""
    names = tuple(names)
    found: Measures = {}
    for row in rows:
        group = row.group if place is None else row.groups[place]
        add(found, (group,), {name: row.figures.get(name, ZERO) for name in names})
    return {key[0]: values for key, values in found.items()}


def keyed(report: str, grouping: str, sums: Mapping[str, dict[str, Decimal]]) -> Measures:
    """Sums by group as measures, so that they can be compared and described."""
    return {(report, grouping, group, ""): values for group, values in sums.items()}


def some(sums: Mapping[str, dict[str, Decimal]]) -> dict[str, dict[str, Decimal]]:
    """Without groups of which every figure is 0: whether those are shown depends on how one asks."""
    return {group: values for group, values in sums.items() if any(values.values())}


def is_tag(grouping: str) -> bool:
    """Whether it groups by the values of a label."""
    return grouping.startswith(TAG_PREFIX)
