"""The markup of a cloud source: a percentage of its cost model (clouds.md 11)."""

from __future__ import annotations

from datetime import date

from e2e_validator.embedded.standin.classic.summary.daily import TABLE
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.classic.summary.ui_tables import fill_ui_tables
from e2e_validator.embedded.standin.database import Connection

_AGAIN = f"""
UPDATE {TABLE} SET markup_cost = unblended_cost * %(markup)s, markup_cost_blended = blended_cost * %(markup)s,
    markup_cost_savingsplan = savingsplan_effective_cost * %(markup)s,
    markup_cost_amortized = calculated_amortized_cost * %(markup)s
WHERE source_uuid = %(source)s AND cost_entry_bill_id = %(bill)s AND usage_start BETWEEN %(start)s AND %(end)s
"""


def markup_of(conn: Connection, provider: str) -> float:
    """The part of the cost that is added."""
    row = conn.execute(
        "SELECT m.markup ->> 'value' AS value FROM cost_model_map p JOIN cost_model m ON m.uuid = p.cost_model_id"
        " WHERE p.provider_uuid = %s",
        [provider],
    ).fetchone()
    return float(row["value"] or 0) / 100 if row else 0.0


def mark_up_again(conn: Connection, source: str, bill: int, start: date, end: date) -> None:
    """After the cost model changed: from the rounded cost, where a summary takes the unrounded one."""
    span = CloudSpan(source, start, end, bill, markup_of(conn, source))
    row = conn.execute(
        "SELECT m.markup ->> 'value' AS value FROM cost_model_map p JOIN cost_model m ON m.uuid = p.cost_model_id"
        " WHERE p.provider_uuid = %s",
        [source],
    ).fetchone()
    percent = (row["value"] if row else None) or "0"
    conn.execute(
        _AGAIN.replace("%(markup)s", "(%(percent)s::numeric / 100)").encode(), span.parameters | {"percent": percent}
    )
    fill_ui_tables(conn, span)
