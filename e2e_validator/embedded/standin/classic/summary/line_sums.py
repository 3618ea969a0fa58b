"""What two tables say alike of some line items: their quantities and costs (docs/contract/clouds.md 8)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from psycopg import Cursor
from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.classic.summary.rounding import LONG, rounded
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan

_BY_PLAN = "'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee'"
_SUMS = f"""
    sum(CASE WHEN lineitem_lineitemtype = 'SavingsPlanNegation' THEN 0 ELSE lineitem_usageamount END) AS usage,
    max(lineitem_normalizationfactor) AS factor,
    sum(lineitem_normalizedusageamount) AS normalized,
    max(lineitem_currencycode) AS currency,
    max(lineitem_unblendedrate) AS unblended_rate,
    sum({{unblended}}) AS unblended,
    max(lineitem_blendedrate) AS blended_rate,
    sum({{blended}}) AS blended,
    sum(savingsplan_savingsplaneffectivecost) AS plan,
    sum(CASE WHEN lineitem_lineitemtype IN ({_BY_PLAN})
        THEN savingsplan_savingsplaneffectivecost ELSE lineitem_unblendedcost END) AS amortized,
    sum(pricing_publicondemandcost) AS on_demand,
    max(pricing_publicondemandrate) AS on_demand_rate"""


def sums(unblended: str = "lineitem_unblendedcost", blended: str = "lineitem_blendedcost") -> str:
    """The columns of a SELECT that ``columns`` reads; the two expressions say what of a line item is summed."""
    return _SUMS.format(unblended=unblended, blended=blended)


def columns(
    span: CloudSpan, group: dict[str, Any], tags: dict[str, Any], enabled: set[str], category: str | None
) -> dict[str, Any]:
    """Their columns, with markup, enabled tags, cost category, source and bill."""
    return {
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
        "cost_category": Jsonb(json.loads(category or "{}")),
        "source_uuid": span.source,
        "cost_entry_bill_id": span.bill,
    }


def insert(cursor: Cursor[Any], table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that have the same columns; none is fine."""
    if not rows:
        return
    names = list(rows[0])
    values = ", ".join(f"%({name})s" for name in names)
    cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", rows)
