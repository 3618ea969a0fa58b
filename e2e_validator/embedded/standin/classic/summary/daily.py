"""``reporting_awscostentrylineitem_daily_summary``: grouped by Trino, written to PostgreSQL (clouds.md 8.2)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from e2e_validator.embedded.standin.classic.hive import ask
from e2e_validator.embedded.standin.classic.summary.line_sums import columns, insert, sums
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.database import Connection

TABLE = "reporting_awscostentrylineitem_daily_summary"
_KEYS = (
    "bill_billingentity, lineitem_productcode, product_productname, lineitem_usageaccountid,"
    " lineitem_availabilityzone, product_productfamily, product_region, resourcetags, costcategory,"
    " product_instancetype, pricing_unit"
)
_STATEMENT = f"""
SELECT CAST(lineitem_usagestartdate AS date) AS day, {_KEYS},
    array_agg(DISTINCT lineitem_resourceid) AS resources,{sums()}
FROM aws_line_items_daily
WHERE {{where}}
GROUP BY CAST(lineitem_usagestartdate AS date), {_KEYS}
"""


def read_groups(found: Any, span: CloudSpan) -> list[dict[str, Any]]:
    """The groups of the days, from Trino.

    Raises:
        trino.exceptions.Error: It cannot be reached, or knows no such table.
    """
    return ask(found, _STATEMENT.format(where=span.where))


def write_groups(conn: Connection, span: CloudSpan, groups: list[dict[str, Any]], enabled: set[str]) -> None:
    """Insert them, tags cut to the enabled keys.

    Raises:
        psycopg.errors.NotNullViolation: A group has no product code: then none of them is written.
    """
    rows = [_row(span, group, enabled) for group in groups]
    with conn.transaction(), conn.cursor() as cursor:
        insert(cursor, TABLE, rows)


def delete_days(conn: Connection, span: CloudSpan) -> None:
    """Remove the rows of the days, by bill."""
    conn.execute(
        f"DELETE FROM {TABLE} WHERE usage_start BETWEEN %(start)s AND %(end)s AND cost_entry_bill_id = %(bill)s",
        span.parameters,
    )


def product_code(group: dict[str, Any]) -> str | None:
    """The service: the product's name in the marketplace, else its code; nothing is NULL."""
    if group["bill_billingentity"] == "AWS Marketplace":
        return group["product_productname"] or group["lineitem_productcode"] or None
    return group["lineitem_productcode"] or None


def _row(span: CloudSpan, group: dict[str, Any], enabled: set[str]) -> dict[str, Any]:
    tags = json.loads(group["resourcetags"] or "{}")
    return {
        "uuid": uuid.uuid4(),
        "usage_start": group["day"],
        "usage_end": group["day"],
        "usage_account_id": group["lineitem_usageaccountid"],
        "product_code": product_code(group),
        "product_family": group["product_productfamily"] or None,
        "availability_zone": group["lineitem_availabilityzone"] or None,
        "region": group["product_region"] or None,
        "instance_type": group["product_instancetype"] or None,
        "unit": group["pricing_unit"] or None,
        "resource_ids": sorted(group["resources"]),
        "resource_count": len(group["resources"]),
        **columns(span, group, tags, enabled, group["costcategory"]),
    }
