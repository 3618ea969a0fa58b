"""The reports of AWS: the tables they read by what is asked, and whether they have usage (clouds.md 9, 10)."""

from __future__ import annotations

from dataclasses import dataclass, field

DAILY = "reporting_awscostentrylineitem_daily_summary"
COLUMNS = {
    "account": "usage_account_id",
    "az": "availability_zone",
    "instance_type": "instance_type",
    "product_family": "product_family",
    "region": "region",
    "service": "product_code",
    "storage_type": "product_family",
}
# cost_type= -> the column of the cost and that of its markup.
COST_TYPES = {
    "unblended_cost": ("unblended_cost", "markup_cost"),
    "blended_cost": ("blended_cost", "markup_cost_blended"),
    "savingsplan_effective_cost": ("savingsplan_effective_cost", "markup_cost_savingsplan"),
    "calculated_amortized_cost": ("calculated_amortized_cost", "markup_cost_amortized"),
}
DEFAULT_COST_TYPE = "unblended_cost"
Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class AwsReport:
    """One report."""

    name: str
    tables: dict[Keys, str]
    where: str = "TRUE"
    """Of the daily summary; the other tables hold such rows alone."""
    unit: str | None = None
    """Of its usage where no row says one; None: it has no usage."""
    always_by: str | None = None
    """A group that every answer has innermost."""
    falls_back: bool = False
    """Whether a cost of 0 is replaced by the unblended one, row by row."""
    default_order: str = "cost_total"
    further: dict[str, str] = field(default_factory=dict)

    def table(self, keys: Keys) -> str:
        """The table for these filter, exclude and group-by keys."""
        return self.tables.get(keys, DAILY)


def _keys(*sets: str) -> list[Keys]:
    return [frozenset(names.split()) for names in sets]


_COST = "reporting_aws_cost_summary"
COSTS = AwsReport(
    "costs",
    {
        **dict.fromkeys(_keys(""), f"{_COST}_p"),
        **dict.fromkeys(_keys("account"), f"{_COST}_by_account_p"),
        **dict.fromkeys(_keys("region", "account region"), f"{_COST}_by_region_p"),
        **dict.fromkeys(
            _keys("service", "product_family", "account service", "account product_family"), f"{_COST}_by_service_p"
        ),
    },
)
INSTANCE_TYPES = AwsReport(
    "instance-types",
    {
        **dict.fromkeys(_keys("", "instance_type"), "reporting_aws_compute_summary_p"),
        **dict.fromkeys(_keys("account", "account instance_type"), "reporting_aws_compute_summary_by_account_p"),
    },
    where="instance_type IS NOT NULL",
    unit="Hrs",
    always_by="instance_type",
    default_order="usage",
)
STORAGE = AwsReport(
    "storage",
    {
        **dict.fromkeys(_keys("", "product_family", "storage_type"), "reporting_aws_storage_summary_p"),
        **dict.fromkeys(_keys("account", "account product_family"), "reporting_aws_storage_summary_by_account_p"),
    },
    where="product_family ILIKE '%Storage%' AND unit = 'GB-Mo'",
    unit="GB-Mo",
    falls_back=True,
    default_order="usage",
)
REPORTS = {report.name: report for report in (COSTS, INSTANCE_TYPES, STORAGE)}
