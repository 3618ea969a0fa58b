"""The values of tags that stay when a source goes (docs/contract/clouds.md 11).

``reporting_awstags_summary`` goes with its bill, to which it is bound by a foreign key. ``reporting_awstags_values``
names neither source nor bill, but the accounts: those of a run are its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from e2e_validator.engine.context import Context
from e2e_validator.engine.stock import Item
from e2e_validator.providers.aws.own import accounts_of

TABLE = "reporting_awstags_values"
REASON = "Koku keeps the values of tags, and removes those of a key that no bill has at its next summary of AWS"


def kept_values(context: Context) -> Sequence[Item]:
    """Rows that are of no other accounts than the run's; none where it has no accounts of its own."""
    accounts, database = accounts_of(context), context.clients.database
    if not accounts or not database.value(
        sql.SQL("SELECT to_regclass(%s) IS NOT NULL"), [f"{database.schema}.{TABLE}"]
    ):
        return ()
    where = sql.SQL("FROM {} WHERE usage_account_ids <@ {}").format(database.table(TABLE), list(accounts))
    count = database.value(sql.SQL("SELECT count(*) {}").format(where))
    command = sql.SQL("DELETE {};").format(where).as_string()
    return (Item(f"{database.schema}.{TABLE}", int(count), command, REASON),) if count else ()
