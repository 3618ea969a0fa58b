"""A question to ``reports/aws/*`` or ``reports/aws/resources/ec2-compute/`` (docs/contract/clouds.md 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

UNBLENDED_COST = "unblended_cost"
COSTS, INSTANCES, STORAGE, COMPUTE = "costs", "instance-types", "storage", "ec2-compute"
PATHS = {
    COSTS: "reports/aws/costs/",
    INSTANCES: "reports/aws/instance-types/",
    STORAGE: "reports/aws/storage/",
    COMPUTE: "reports/aws/resources/ec2-compute/",
}
# The unit that a report without rows shows.
USAGE_UNITS = {INSTANCES: "Hrs", STORAGE: "GB-Mo", COMPUTE: "Hrs"}
# What a report groups by on its own, inside the groups that were asked for.
OWN_GROUPS = {INSTANCES: ("instance_type",), COMPUTE: ("resource_id",)}
TAG, CATEGORY = "tag:", "aws_category:"
GROUPINGS = ("account", "service", "region", "az", "product_family", "instance_type")

Choice = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the days ``start`` to ``end`` (both included), by day or by month.

    ``groups`` are names of ``GROUPINGS``, ``tag:KEY`` or ``aws_category:KEY``. ``filters`` and ``excludes`` are pairs
    of such a name and values. With ``limit`` the largest groups are shown, the others as ``Others``. ``by_scope``: the
    days are this month or the last one, and are asked for by that.
    """

    report: str
    start: date
    end: date
    daily: bool = False
    cost_type: str = UNBLENDED_COST
    groups: tuple[str, ...] = ()
    filters: tuple[Choice, ...] = ()
    excludes: tuple[Choice, ...] = ()
    limit: int | None = None
    by_scope: bool = False

    @property
    def path(self) -> str:
        """The path below ``/api/cost-management/v1/``."""
        return PATHS[self.report]

    @property
    def shown_groups(self) -> tuple[str, ...]:
        """The groups of the answer, the report's own last."""
        own = tuple(name for name in OWN_GROUPS.get(self.report, ()) if name not in self.groups)
        return (*self.groups, *own)

    @property
    def categories(self) -> tuple[str, ...]:
        """The keys of the cost categories that it names anywhere."""
        names = (*self.groups, *(name for name, _ in (*self.filters, *self.excludes)))
        return tuple(name.removeprefix(CATEGORY) for name in names if name.startswith(CATEGORY))

    def params(self) -> dict[str, str]:
        """The parameters of the request."""
        found = {
            "start_date": self.start.isoformat(),
            "end_date": self.end.isoformat(),
            "filter[resolution]": "daily" if self.daily else "monthly",
        }
        if self.cost_type != UNBLENDED_COST:
            found["cost_type"] = self.cost_type
        found |= {f"group_by[{name}]": "*" for name in self.groups}
        found |= {f"filter[{name}]": ",".join(values) for name, values in self.filters}
        found |= {f"exclude[{name}]": ",".join(values) for name, values in self.excludes}
        if self.limit is not None:
            found["filter[limit]"] = str(self.limit)
        return found
