"""The manifest stays open although summary and costs are there and agree with the data.

``completed_datetime`` is stamped last, and only after summary, costs and UI tables have been compared afresh with the
expectation: it is never written in place of work that was not done (docs/contract/koku.md 1.5).
"""

from __future__ import annotations

from psycopg import sql

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.repair.half_written import hold
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Compare once more, then stamp manifest and provider in one transaction, as ``mark_manifest_complete`` does."""
    case.expected.verify()
    before = case.observed.evidence["provider"]["data_updated_timestamp"]
    old = f"'{before}'" if before else "NULL"
    result = RepairResult(
        "compared summary and costs once more, then stamped completed_datetime",
        "UPDATE public.reporting_common_costusagereportmanifest SET completed_datetime = NULL"
        f" WHERE provider_id = '{case.observed.provider_uuid}' AND assembly_id = '{case.observed.manifest_uuid}';\n"
        f"UPDATE public.api_provider SET data_updated_timestamp = {old}"
        f" WHERE uuid = '{case.observed.provider_uuid}';",
    )
    values = {"provider": case.observed.provider_uuid, "uuid": case.observed.manifest_uuid}
    with tools.writing.transaction() as transaction:
        hold(case, transaction)
        stamped = transaction.change(
            sql.SQL(
                "UPDATE public.reporting_common_costusagereportmanifest m"
                " SET completed_datetime = greatest(now(), (SELECT max(p.derived_cost_datetime) FROM {} p"
                " WHERE p.provider_id = m.provider_id))"
                " WHERE m.provider_id = %(provider)s::uuid AND m.assembly_id = %(uuid)s"
                " AND m.completed_datetime IS NULL RETURNING m.completed_datetime"
            ).format(transaction.table(case.observed.names.tables.periods)),
            values,
        )
        if not stamped:
            raise LookupError("the manifest was completed meanwhile")
        transaction.change(
            sql.SQL(
                "UPDATE public.api_provider SET data_updated_timestamp = %(stamp)s::timestamptz"
                " WHERE uuid = %(provider)s::uuid"
            ),
            values | {"stamp": stamped[0]["completed_datetime"]},
        )
        tools.keep(result)
    return result


def took(before: Case, now: SourceState) -> bool:
    """Whether the manifest is completed."""
    manifest = now.manifest(before.observed.manifest_uuid)
    return manifest is not None and manifest.completed is not None


REPAIR = Repair(
    name="lost_completion",
    phases=("manifest",),
    causes=("completion_lost",),
    action="compares daily summary, costs and UI tables once more with what the data say; only then stamps"
    " completed_datetime and data_updated_timestamp",
    writes="completed_datetime of the manifest, data_updated_timestamp of the provider",
    undo="an UPDATE that puts both back",
    contract="docs/contract/koku.md 1.5",
    effect_seconds=10.0,
    apply=apply,
    took=took,
)
