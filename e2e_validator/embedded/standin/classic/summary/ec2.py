"""``reporting_awscostentrylineitem_summary_by_ec2_compute_p``: instances of the whole month (clouds.md 8.3, 19)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.classic.hive import ask
from e2e_validator.embedded.standin.classic.summary.rounding import LONG, rounded
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.database import Connection

TABLE = "reporting_awscostentrylineitem_summary_by_ec2_compute_p"
_COVERED = "CASE WHEN lineitem_lineitemtype = 'SavingsPlanCoveredUsage' THEN 0 ELSE {} END"
_BY_PLAN = "'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee'"
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
        max(nullif(product_memory, '')) AS memory, max(nullif(pricing_unit, '')) AS unit,
        sum(CASE WHEN lineitem_lineitemtype = 'SavingsPlanNegation' THEN 0 ELSE lineitem_usageamount END) AS usage,
        max(lineitem_normalizationfactor) AS factor,
        sum(lineitem_normalizedusageamount) AS normalized, max(lineitem_currencycode) AS currency,
        max(lineitem_unblendedrate) AS unblended_rate, sum({unblended}) AS unblended,
        max(lineitem_blendedrate) AS blended_rate, sum({blended}) AS blended,
        sum(savingsplan_savingsplaneffectivecost) AS plan,
        sum(CASE WHEN lineitem_lineitemtype IN ({by_plan})
            THEN savingsplan_savingsplaneffectivecost ELSE lineitem_unblendedcost END) AS amortized,
        sum(pricing_publicondemandcost) AS on_demand, max(pricing_publicondemandrate) AS on_demand_rate
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
        source=span.source, year=f"{span.start:%Y}", month=f"{span.start:%m}", by_plan=_BY_PLAN,
        unblended=_COVERED.format("lineitem_unblendedcost"), blended=_COVERED.format("lineitem_blendedcost"),
    )  # fmt: skip
    rows = [_row(span, group, enabled) for group in ask(found, statement)]
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE source_uuid = %(source)s"
            " AND date_trunc('month', usage_start) = date_trunc('month', %(start)s::date)",
            span.parameters,
        )
        if rows:
            names = list(rows[0])
            values = ", ".join(f"%({name})s" for name in names)
            cursor.executemany(f"INSERT INTO {TABLE} ({', '.join(names)}) VALUES ({values})", rows)


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
        "usage_amount": rounded(group["usage"]),
        "normalization_factor": group["factor"],
        "normalized_usage_amount": group["normalized"],
        "currency_code": group["currency"],
        "unblended_rate": rounded(group["unblended_rate"]),
        "unblended_cost": rounded(group["unblended"]),
        "blended_rate": rounded(group["blended_rate"]),
        "blended_cost": rounded(group["blended"]),
        "savingsplan_effective_cost": rounded(group["plan"]),
        "calculated_amortized_cost": rounded(group["amortized"]),
        "public_on_demand_cost": rounded(group["on_demand"]),
        "public_on_demand_rate": rounded(group["on_demand_rate"]),
        "markup_cost": rounded(group["unblended"] * span.markup),
        "markup_cost_blended": rounded(group["blended"] * span.markup, LONG),
        "markup_cost_savingsplan": rounded(group["plan"] * span.markup, LONG),
        "markup_cost_amortized": rounded(group["amortized"] * span.markup),
        "tags": Jsonb({key: value for key, value in tags.items() if key in enabled}),
        "cost_category": Jsonb(json.loads(group["category"] or "{}")),
        "source_uuid": span.source,
        "cost_entry_bill_id": span.bill,
    }
