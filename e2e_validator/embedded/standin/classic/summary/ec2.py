"""``reporting_awscostentrylineitem_summary_by_ec2_compute_p``: instances of the whole month (clouds.md 8.3, 19)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from e2e_validator.embedded.standin.classic.hive import ask
from e2e_validator.embedded.standin.classic.summary.line_sums import columns, insert, sums
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.database import Connection

TABLE = "reporting_awscostentrylineitem_summary_by_ec2_compute_p"
_COVERED = "CASE WHEN lineitem_lineitemtype = 'SavingsPlanCoveredUsage' THEN 0 ELSE {} END"
# On its last day a resource may have several sets of tags and categories: each has a row, with all of its cost.
_STATEMENT = """
WITH rows_of AS (
    SELECT * FROM aws_line_items_daily
    WHERE source = '{source}' AND year = '{year}' AND month = '{month}' AND lineitem_productcode = 'AmazonEC2'
        AND product_productfamily LIKE '%Compute Instance%' AND lineitem_resourceid <> ''
), totals AS (
    SELECT lineitem_resourceid AS resource, max(lineitem_usageaccountid) AS account,
        min(CAST(lineitem_usagestartdate AS date)) AS first_day, max(CAST(lineitem_usagestartdate AS date)) AS last_day,
        max(nullif(product_instancetype, '')) AS instance_type, max(nullif(product_operatingsystem, '')) AS os,
        max(nullif(product_region, '')) AS region, max(nullif(product_vcpu, '')) AS vcpu,
        max(nullif(product_memory, '')) AS memory, max(nullif(pricing_unit, '')) AS unit,{sums}
    FROM rows_of GROUP BY lineitem_resourceid
)
SELECT DISTINCT totals.*, rows_of.resourcetags AS tags, rows_of.costcategory AS category
FROM totals JOIN rows_of ON rows_of.lineitem_resourceid = totals.resource
    AND CAST(rows_of.lineitem_usagestartdate AS date) = totals.last_day
"""


def fill_instances(conn: Connection, found: Any, span: CloudSpan, enabled: set[str]) -> None:
    """Write the month's instances again.

    Raises:
        trino.exceptions.Error: It cannot be reached, or knows no such table.
    """
    statement = _STATEMENT.format(
        source=span.source, year=f"{span.start:%Y}", month=f"{span.start:%m}",
        sums=sums(_COVERED.format("lineitem_unblendedcost"), _COVERED.format("lineitem_blendedcost")),
    )  # fmt: skip
    rows = [_row(span, group, enabled) for group in ask(found, statement)]
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE source_uuid = %(source)s"
            " AND date_trunc('month', usage_start) = date_trunc('month', %(start)s::date)",
            span.parameters,
        )
        insert(cursor, TABLE, rows)


def _row(span: CloudSpan, group: dict[str, Any], enabled: set[str]) -> dict[str, Any]:
    tags = json.loads(group["tags"] or "{}")
    return {
        "uuid": uuid.uuid4(),
        "usage_start": group["first_day"],
        "usage_end": group["last_day"],
        "usage_account_id": group["account"],
        "resource_id": group["resource"],
        "instance_name": tags.get("Name"),
        "instance_type": group["instance_type"],
        "operating_system": group["os"],
        "region": group["region"],
        "vcpu": int(group["vcpu"]) if group["vcpu"] else None,
        "memory": group["memory"],
        "unit": group["unit"],
        **columns(span, group, tags, enabled, group["category"]),
    }
