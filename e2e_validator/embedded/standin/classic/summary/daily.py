"""``reporting_awscostentrylineitem_daily_summary``: grouped by Trino, written to PostgreSQL (clouds.md 8.2)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.classic.hive import ask
from e2e_validator.embedded.standin.classic.summary.rounding import LONG, rounded
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.database import Connection

TABLE = "reporting_awscostentrylineitem_daily_summary"
_BY_PLAN = "'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee'"
_KEYS = (
    "bill_billingentity, lineitem_productcode, product_productname, lineitem_usageaccountid,"
    " lineitem_availabilityzone, product_productfamily, product_region, resourcetags, costcategory,"
    " product_instancetype, pricing_unit"
)
_STATEMENT = f"""
SELECT CAST(lineitem_usagestartdate AS date) AS day, {_KEYS},
    array_agg(DISTINCT lineitem_resourceid) AS resources,
    sum(CASE WHEN lineitem_lineitemtype = 'SavingsPlanNegation' THEN 0 ELSE lineitem_usageamount END) AS usage,
    max(lineitem_normalizationfactor) AS factor,
    sum(lineitem_normalizedusageamount) AS normalized,
    max(lineitem_currencycode) AS currency,
    max(lineitem_unblendedrate) AS unblended_rate,
    sum(lineitem_unblendedcost) AS unblended,
    max(lineitem_blendedrate) AS blended_rate,
    sum(lineitem_blendedcost) AS blended,
    sum(savingsplan_savingsplaneffectivecost) AS plan,
    sum(CASE WHEN lineitem_lineitemtype IN ({_BY_PLAN})
        THEN savingsplan_savingsplaneffectivecost ELSE lineitem_unblendedcost END) AS amortized,
    sum(pricing_publicondemandcost) AS on_demand,
    max(pricing_publicondemandrate) AS on_demand_rate
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
    if not rows:
        return
    names = list(rows[0])
    statement = f"INSERT INTO {TABLE} ({', '.join(names)}) VALUES ({', '.join(f'%({name})s' for name in names)})"
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(statement, rows)


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
        "cost_category": Jsonb(json.loads(group["costcategory"] or "{}")),
        "source_uuid": span.source,
        "cost_entry_bill_id": span.bill,
    }
