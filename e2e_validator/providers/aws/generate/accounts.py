"""Account ids of a run: the reports have no filter by source, so that each run has accounts of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from e2e_validator.errors import HarnessError
from e2e_validator.providers.aws.cost_file.columns import PAYER
from e2e_validator.providers.aws.generate.table import Table

COLUMNS = (PAYER, "lineItem/UsageAccountId")


def accounts_in(tables: Iterable[Table]) -> set[str]:
    """The accounts that pay or use."""
    return {row[name] for table in tables for row in table.rows for name in COLUMNS if row.get(name)}


def own_accounts(written: Iterable[str], token: str) -> dict[str, str]:
    """The run's account, of 12 digits, for each that is written; the same ones without a token.

    Raises:
        HarnessError: two come out alike.
    """
    own = {account: _own(account, token) if token else account for account in sorted(set(written))}
    if len(set(own.values())) != len(own):
        raise HarnessError("Two accounts of the scenario have one number in this run; run it again.")
    return own


def _own(account: str, token: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"{token}/{account}".encode()).digest()[:8], "big")
    # As long as AWS has them, so that none is a part of another.
    return str(10**11 + number % (9 * 10**11))


def with_accounts(table: Table, own: Mapping[str, str]) -> Table:
    """The table with the run's accounts in place of those that are written."""
    return Table(
        table.header,
        [{**row, **{name: own[row[name]] for name in COLUMNS if row.get(name) in own}} for row in table.rows],
    )
