"""The manifest stays open although summary and costs are there and agree with the data.

``completed_datetime`` is stamped last, and only after summary, costs and UI tables have been compared afresh with the
expectation: it is never written in place of work that was not done (docs/contract/koku.md 1.5).
"""

from __future__ import annotations

from psycopg import sql

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding
from e2e_validator.repair.half_written import hold
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def recognise(case: Case) -> Finding | None:
    """Summary and costs have passed, the manifest is open, no task waits, and no worker is at one."""
    manifest = case.manifest
    if manifest is None or not {"summary", "cost"} <= case.good or not case.still_seconds:
        return None
    if manifest.completed is not None or not case.nobody_will():
        return None
    return Finding(
        "completion_lost",
        "summary and costs agree with the data, the manifest is still open, and no task for this source waits or runs",
        {"state": manifest.states(), "periods": case.evidence["periods"], "completed_datetime": None},
        "stamp completed_datetime, after summary and costs have been compared once more",
    )


def apply(case: Case, tools: Tools) -> RepairResult:
    """Compare once more, then stamp manifest and provider in one transaction, as ``mark_manifest_complete`` does."""
    case.verify()
    before = case.evidence["provider"]["data_updated_timestamp"]
    old = f"'{before}'" if before else "NULL"
    result = RepairResult(
        "compared summary and costs once more, then stamped completed_datetime",
        "UPDATE public.reporting_common_costusagereportmanifest SET completed_datetime = NULL"
        f" WHERE provider_id = '{case.provider_uuid}' AND assembly_id = '{case.manifest_uuid}';\n"
        f"UPDATE public.api_provider SET data_updated_timestamp = {old}"
        f" WHERE uuid = '{case.provider_uuid}';",
    )
    values = {"provider": case.provider_uuid, "uuid": case.manifest_uuid}
    with tools.writing.transaction() as transaction:
        hold(case, transaction)
        stamped = transaction.change(
            sql.SQL(
                "UPDATE public.reporting_common_costusagereportmanifest m"
                " SET completed_datetime = greatest(now(), (SELECT max(p.derived_cost_datetime) FROM {} p"
                " WHERE p.provider_id = m.provider_id))"
                " WHERE m.provider_id = %(provider)s::uuid AND m.assembly_id = %(uuid)s"
                " AND m.completed_datetime IS NULL RETURNING m.completed_datetime"
            ).format(transaction.table("reporting_ocpusagereportperiod")),
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
    manifest = now.manifest(before.manifest_uuid)
    return manifest is not None and manifest.completed is not None


REPAIR = Repair(
    name="lost_completion",
    phases=("manifest",),
    detection="summary and costs have passed, completed_datetime is NULL, no task of this source in any queue, and no"
    " database session of a worker that could be at it",
    action="compares daily summary, costs and UI tables once more with what the data say; only then stamps"
    " completed_datetime and data_updated_timestamp",
    writes="completed_datetime of the manifest, data_updated_timestamp of the provider",
    undo="an UPDATE that puts both back",
    contract="docs/contract/koku.md 1.5",
    effect_seconds=10.0,
    recognise=recognise,
    apply=apply,
    took=took,
)
