"""The ten tables behind the reports: sums of the daily summary per day and dimension (clouds.md 9)."""

from __future__ import annotations

from dataclasses import dataclass

from e2e_validator.embedded.standin.classic.summary.daily import TABLE
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.database import Connection

NETWORK = ("AmazonVPC", "AmazonCloudFront", "AmazonRoute53", "AmazonAPIGateway")
DATABASE = (
    "AmazonRDS",
    "AmazonDynamoDB",
    "AmazonElastiCache",
    "AmazonNeptune",
    "AmazonRedshift",
    "AmazonDocumentDB",
)
_MONEY = ("unblended_cost", "blended_cost", "markup_cost")
_OR_NOTHING = (
    "savingsplan_effective_cost",
    "calculated_amortized_cost",
    "markup_cost_blended",
    "markup_cost_savingsplan",
    "markup_cost_amortized",
)
_ACCOUNT = ("usage_account_id", "account_alias_id", "organizational_unit_id")


def _texts(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


@dataclass(frozen=True, slots=True)
class UiTable:
    """One table: what its rows are grouped by, besides the day, and which rows count."""

    name: str
    by: tuple[str, ...] = ()
    where: str = "true"
    usage: bool = False
    resources: bool = False

    def delete(self) -> str:
        """Remove the rows of source and days."""
        return f"DELETE FROM {self.name} WHERE source_uuid = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s"

    def insert(self) -> str:
        """Write them again."""
        columns = {"usage_start": "usage_start", "usage_end": "usage_start"} | {name: name for name in self.by}
        columns |= {name: f"sum({name})" for name in _MONEY}
        columns |= {name: f"sum(coalesce({name}, 0))" for name in _OR_NOTHING}
        columns["currency_code"] = "max(currency_code)"
        columns["source_uuid"] = "source_uuid"
        if self.usage:
            columns |= {"usage_amount": "sum(usage_amount)", "unit": "max(unit)"}
        if self.resources:
            inner = " AND ".join(f"i.{name} IS NOT DISTINCT FROM d.{name}" for name in ("usage_start", *self.by))
            found = (
                f"(SELECT array_agg(DISTINCT r ORDER BY r) FROM {TABLE} i, unnest(i.resource_ids) AS r"
                f" WHERE i.source_uuid = d.source_uuid AND {inner})"
            )
            columns |= {"resource_ids": found, "resource_count": f"cardinality({found})"}
        grouped = ", ".join(("usage_start", "source_uuid", *self.by))
        return (
            f"INSERT INTO {self.name} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {TABLE} d"
            f" WHERE source_uuid = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s AND {self.where}"
            f" GROUP BY {grouped}"
        )


_STORAGE = "product_family LIKE '%%Storage%%' AND unit = 'GB-Mo'"
_SERVICES = f"product_code IN ({_texts(NETWORK)})"
TABLES = (
    UiTable("reporting_aws_cost_summary_p"),
    UiTable("reporting_aws_cost_summary_by_account_p", _ACCOUNT),
    UiTable("reporting_aws_cost_summary_by_region_p", (*_ACCOUNT, "region", "availability_zone")),
    UiTable("reporting_aws_cost_summary_by_service_p", (*_ACCOUNT, "product_code", "product_family")),
    UiTable(
        "reporting_aws_compute_summary_p", ("instance_type",), "instance_type IS NOT NULL", usage=True, resources=True
    ),
    UiTable(
        "reporting_aws_compute_summary_by_account_p",
        (*_ACCOUNT, "instance_type"),
        "instance_type IS NOT NULL",
        usage=True,
        resources=True,
    ),
    UiTable("reporting_aws_storage_summary_p", ("product_family",), _STORAGE, usage=True),
    UiTable("reporting_aws_storage_summary_by_account_p", (*_ACCOUNT, "product_family"), _STORAGE, usage=True),
    UiTable("reporting_aws_network_summary_p", (*_ACCOUNT, "product_code"), _SERVICES, usage=True),
    UiTable(
        "reporting_aws_database_summary_p",
        (*_ACCOUNT, "product_code"),
        f"product_code IN ({_texts(DATABASE)})",
        usage=True,
    ),
)


def fill_ui_tables(conn: Connection, span: CloudSpan) -> None:
    """Delete and insert the rows of the days in each table."""
    for table in TABLES:
        conn.execute(table.delete(), span.parameters)
        conn.execute(table.insert(), span.parameters)
