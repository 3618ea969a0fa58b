"""The ten UI tables: sums of the daily summary by day and dimension (docs/contract/clouds.md 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from e2e_validator.expect.measures import Key, Measures, exactly
from e2e_validator.providers.aws.expect.summary import MONEY, SummaryRow

NETWORK = ("AmazonVPC", "AmazonCloudFront", "AmazonRoute53", "AmazonAPIGateway")
DATABASE = (
    "AmazonRDS", "AmazonDynamoDB", "AmazonElastiCache", "AmazonNeptune", "AmazonRedshift", "AmazonDocumentDB",
)  # fmt: skip
STORAGE_UNIT = "GB-Mo"


@dataclass(frozen=True, slots=True)
class UiTable:
    """One table: which rows it sums, by which of their attributes, and what it has beside the costs."""

    name: str
    dimensions: tuple[str, ...]
    takes: Callable[[SummaryRow], bool]
    usage: bool = False
    resources: bool = False


def _all(_row: SummaryRow) -> bool:
    return True


def is_compute(row: SummaryRow) -> bool:
    """Whether a row has an instance type."""
    return bool(row.instance_type)


def is_storage(row: SummaryRow) -> bool:
    """Whether a row is of storage, as the tables see it: with a capital S."""
    return "Storage" in row.product_family and row.unit == STORAGE_UNIT


def _is_network(row: SummaryRow) -> bool:
    return row.product_code in NETWORK


def _is_database(row: SummaryRow) -> bool:
    return row.product_code in DATABASE


_ACCOUNT = "account"
UI_TABLES = {
    table.name: table
    for table in (
        UiTable("reporting_aws_cost_summary_p", (), _all),
        UiTable("reporting_aws_cost_summary_by_account_p", (_ACCOUNT,), _all),
        UiTable("reporting_aws_cost_summary_by_region_p", (_ACCOUNT, "region", "az"), _all),
        UiTable("reporting_aws_cost_summary_by_service_p", (_ACCOUNT, "product_code", "product_family"), _all),
        UiTable("reporting_aws_compute_summary_p", ("instance_type",), is_compute, usage=True, resources=True),
        UiTable(
            "reporting_aws_compute_summary_by_account_p",
            (_ACCOUNT, "instance_type"), is_compute, usage=True, resources=True,
        ),
        UiTable("reporting_aws_storage_summary_p", ("product_family",), is_storage, usage=True),
        UiTable("reporting_aws_storage_summary_by_account_p", (_ACCOUNT, "product_family"), is_storage, usage=True),
        UiTable("reporting_aws_network_summary_p", (_ACCOUNT, "product_code"), _is_network, usage=True),
        UiTable("reporting_aws_database_summary_p", (_ACCOUNT, "product_code"), _is_database, usage=True),
    )
}  # fmt: skip
# The columns of the tables that have another name than the attribute.
COLUMNS = {"account": "usage_account_id", "az": "availability_zone"}


@exactly
def ui_rows(table: UiTable, rows: Iterable[SummaryRow]) -> Measures:
    """The rows of one table, by (table, day, its dimensions, unit, currency, resources as ``a,b``)."""
    groups: dict[Key, list[SummaryRow]] = defaultdict(list)
    for row in rows:
        if table.takes(row):
            groups[(row.day, *(str(getattr(row, name)) for name in table.dimensions))].append(row)
    found: Measures = {}
    for key, members in groups.items():
        values = {name: sum((row.values[name] for row in members), Decimal(0)) for name in MONEY}
        texts = ["", max(row.currency for row in members), ""]
        if table.usage:
            values["usage_amount"] = sum((row.values["usage_amount"] for row in members), Decimal(0))
            texts[0] = max(row.unit for row in members)
        if table.resources:
            resources = sorted({one for row in members for one in row.resources})
            values["resource_count"] = Decimal(len(resources))
            texts[2] = ",".join(resources)
        found[(table.name, *key, *texts)] = values
    return found


@exactly
def ui_tables(rows: Iterable[SummaryRow]) -> Measures:
    """The rows of all ten tables."""
    every = list(rows)
    found: Measures = {}
    for table in UI_TABLES.values():
        found |= ui_rows(table, every)
    return found
