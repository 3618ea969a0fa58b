"""The markup of a cloud source: a percentage of its cost model (clouds.md 11)."""

from __future__ import annotations

from datetime import date

from e2e_validator.embedded.standin.classic.bills import find_bill
from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.summary.daily import TABLE
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.classic.summary.ui_tables import fill_ui_tables
from e2e_validator.embedded.standin.database import Connection

_COLUMNS = {
    "markup_cost": "unblended_cost",
    "markup_cost_blended": "blended_cost",
    "markup_cost_savingsplan": "savingsplan_effective_cost",
    "markup_cost_amortized": "calculated_amortized_cost",
}
_AGAIN = (
    f"UPDATE {TABLE} SET "
    + ", ".join(f"{column} = {cost} * (%(percent)s::numeric / 100)" for column, cost in _COLUMNS.items())
    + " WHERE cost_entry_bill_id = %(bill)s AND usage_start BETWEEN %(start)s AND %(end)s"
)


def markup_percent(conn: Connection, provider: str) -> str:
    """The percentage, as it is written down; 0 without a cost model."""
    row = conn.execute(
        "SELECT m.markup ->> 'value' AS value FROM cost_model_map p JOIN cost_model m ON m.uuid = p.cost_model_id"
        " WHERE p.provider_uuid = %s",
        [provider],
    ).fetchone()
    return (row["value"] if row else None) or "0"


def markup_of(conn: Connection, provider: str) -> float:
    """The part of the cost that is added."""
    return float(markup_percent(conn, provider)) / 100


def mark_up_again(conn: Connection, source: str, start: date, end: date) -> None:
    """After the cost model changed: from the rounded cost, where a summary takes the unrounded one."""
    bill = find_bill(conn, source, BillMonth.of(start))
    if bill is None:
        return
    span = CloudSpan(source, start, end, bill, markup_of(conn, source))
    conn.execute(_AGAIN.encode(), span.parameters | {"percent": markup_percent(conn, source)})
    fill_ui_tables(conn, span)
