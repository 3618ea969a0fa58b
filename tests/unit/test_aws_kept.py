"""Values of tags that Koku keeps when a source of AWS goes: told with the reason and the command, and not removed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from psycopg import sql

from e2e_validator.engine.context import Context
from e2e_validator.engine.stock import Stock
from e2e_validator.providers.aws.kept_values import REASON, kept_values
from e2e_validator.providers.aws.own import note_accounts


class Tenant:
    """A tenant's schema: ``rows`` of the table are of the accounts that are asked for."""

    schema = "org7"

    def __init__(self, *, rows: int, there: bool = True) -> None:
        self.rows, self.there, self.asked = rows, there, [""]

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.schema, name)

    def value(self, statement: sql.Composable, parameters: Any = ()) -> Any:
        self.asked.append(statement.as_string())
        return self.there if parameters else self.rows


def told(folder: Path, tenant: Tenant) -> Stock:
    clients = SimpleNamespace(database=tenant)
    return Stock(tuple(kept_values(cast("Context", SimpleNamespace(folder=folder, clients=clients)))))


def test_values_of_own_accounts_are_told(tmp_path: Path) -> None:
    note_accounts(tmp_path, {"1": "900000000001", "2": "900000000002"})
    tenant = Tenant(rows=3)
    stock = told(tmp_path, tenant)
    assert stock.left == ()
    (item,) = stock.known
    assert (item.what, item.count, item.reason) == ("org7.reporting_awstags_values", 3, REASON)
    assert item.command.startswith('DELETE FROM "org7"."reporting_awstags_values" WHERE usage_account_ids <@ ')
    assert all(account in item.command for account in ("900000000001", "900000000002"))
    assert tenant.asked[-1] == f"SELECT count(*) {item.command.removeprefix('DELETE ').removesuffix(';')}"


@pytest.mark.parametrize(("rows", "there"), [(0, True), (3, False)], ids=["no_row", "no_table"])
def test_there_may_be_none(tmp_path: Path, rows: int, there: bool) -> None:
    note_accounts(tmp_path, {"1": "900000000001"})
    assert told(tmp_path, Tenant(rows=rows, there=there)) == Stock()


def test_values_of_others_are_not_asked_for(tmp_path: Path) -> None:
    """A run without accounts of its own has none that it could tell."""
    (tmp_path / "accounts.json").write_text(json.dumps({}))
    tenant = Tenant(rows=3)
    assert told(tmp_path, tenant) == Stock()
    assert tenant.asked == [""]
