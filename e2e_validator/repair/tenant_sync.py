"""The provider has no row in the tenant's schema, and nothing has been sent yet (docs/contract/koku.md 2.2)."""

from __future__ import annotations

from psycopg import sql

from e2e_validator.access.source_state import SourceState
from e2e_validator.access.writing import Transaction
from e2e_validator.diagnose.case import Case
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def insert_copy(case: Case, transaction: Transaction) -> None:
    """Insert the row that Koku's serializer writes; one that is there stays as it is."""
    transaction.change(
        sql.SQL(
            "INSERT INTO {} (uuid, name, type, provider_id) SELECT uuid, name, type, uuid FROM public.api_provider"
            " WHERE uuid = %s::uuid ON CONFLICT (uuid) DO NOTHING"
        ).format(transaction.table("reporting_tenant_api_provider")),
        [case.observed.provider_uuid],
    )


def undo_of_copy(case: Case) -> str:
    """How to take the row away again."""
    seen = case.observed
    return f"DELETE FROM {seen.schema}.reporting_tenant_api_provider WHERE uuid = '{seen.provider_uuid}';"


def apply(case: Case, tools: Tools) -> RepairResult:
    """Insert the copy."""
    result = RepairResult("inserted the provider's row into the tenant's schema", undo_of_copy(case))
    with tools.writing.transaction() as transaction:
        insert_copy(case, transaction)
        tools.keep(result)
    return result


def took(_before: Case, now: SourceState) -> bool:
    """Whether the row is there."""
    return now.tenant_copy


REPAIR = Repair(
    name="tenant_sync",
    phases=("source",),
    causes=("tenant_copy_missing",),
    action="inserts the row that Koku's serializer writes",
    writes="one row of reporting_tenant_api_provider",
    undo="a DELETE of that row",
    contract="docs/contract/koku.md 2.2, 7.4",
    effect_seconds=10.0,
    apply=apply,
    took=took,
)
