"""The row of a month's bill (docs/contract/clouds.md 4)."""

from __future__ import annotations

from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.logs import log


def create_bill(conn: Connection, provider: str, month: BillMonth, payer: str) -> None:
    """The month's bill, unless it is there; its foreign key is checked at commit, so that is where it fails.

    Raises:
        psycopg.errors.ForeignKeyViolation: the provider has no row in the tenant's copy.
    """
    log("getting or creating bill", provider_uuid=provider)
    with conn.transaction():
        found = conn.execute(
            "SELECT id FROM reporting_awscostentrybill WHERE provider_id = %s AND billing_period_start = %s"
            " AND payer_account_id = %s",
            [provider, month.start, payer],
        ).fetchone()
        if found is None:
            conn.execute(
                "INSERT INTO reporting_awscostentrybill (billing_resource, payer_account_id, billing_period_start,"
                " billing_period_end, provider_id) VALUES ('aws', %s, %s, %s, %s)",
                [payer, month.start, month.last_day, provider],
            )


def find_bill(conn: Connection, provider: str, month: BillMonth) -> int | None:
    """The bill's id."""
    row = conn.execute(
        "SELECT id FROM reporting_awscostentrybill WHERE provider_id = %s AND billing_period_start = %s ORDER BY id",
        [provider, month.start],
    ).fetchone()
    return int(row["id"]) if row else None
