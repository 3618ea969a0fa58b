"""Files that say DONE, and what of them stands in the archive, the bill and the summary (docs/contract/clouds.md)."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.errors import counted
from e2e_validator.finding import Finding

_AGAIN = (
    "have the files read again with their etag forgotten; a poll alone takes them for done, and report_data/ summarises"
    " what is not there"
)


def false_done(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """Every file is DONE and completed, day CSVs are there, and no bill or no parquet was ever made of them."""
    manifest, archived = observed.manifest, observed.archived
    if (
        manifest is None
        or archived is None
        or not observed.quiet()
        or not _all_done(observed)
        or not archived.stems(manifest.id)
    ):
        return None
    bill = bool(observed.state.periods) if expected is None else observed.state.period(expected.month) is not None
    parquet = archived.has_parquet(manifest.id)
    if (bill and parquet) or not observed.state.tenant_copy:
        return None
    missing = " and ".join(
        name for name, there in (("no bill", bill), ("no parquet", parquet), ("no summary", _summarised(observed)))
        if not there
    )  # fmt: skip
    return Finding(
        "false_done",
        f"every file is DONE and completed, and there is {missing}: Koku took them for done because they were fetched"
        " before",
        {
            "status": manifest.statuses(),
            "state": manifest.states(),
            "day CSVs": len(archived.stems(manifest.id)),
            "without parquet": archived.missing(manifest.id),
        },
        _AGAIN,
        "docs/contract/clouds.md 13",
    )


def archive_damaged(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Parquet objects that are none."""
    manifest, archived = observed.manifest, observed.archived
    if manifest is None or archived is None or not observed.quiet() or not _all_done(observed):
        return None
    broken = archived.broken(manifest.id)
    if not broken:
        return None
    return Finding(
        "archive_damaged",
        f"{counted(len(broken), 'object')} of the archive {'are' if len(broken) > 1 else 'is'} no parquet file; the"
        f" first is {broken[0].rsplit('/', 1)[-1]}",
        {"damaged": broken, "state": manifest.states()},
        "have the files read again with their etag forgotten: objects of the same manifest are overwritten",
        "docs/contract/clouds.md 6, 13",
    )


def archive_incomplete(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Day CSVs without the parquet that is made of each."""
    manifest, archived = observed.manifest, observed.archived
    if manifest is None or archived is None or not observed.quiet() or not _all_done(observed):
        return None
    missing = archived.missing(manifest.id)
    if not missing:
        return None
    return Finding(
        "archive_incomplete",
        f"every file is DONE, and {counted(len(missing), 'parquet object')} {'are' if len(missing) > 1 else 'is'} not"
        f" there; the first is {missing[0]}",
        {"missing": missing, "state": manifest.states()},
        _AGAIN,
        "docs/contract/clouds.md 6, 13",
    )


def callback_lost(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Every file is done and whole in the archive, the summary was never begun, and nothing will begin it."""
    manifest = observed.manifest
    if manifest is None or manifest.completed is not None or not observed.names.polled or not _all_done(observed):
        return None
    if manifest.step("summary") or not observed.quiet():
        return None
    if observed.archived is None or observed.archived.missing(manifest.id) or not observed.archived.stems(manifest.id):
        return None
    return Finding(
        "callback_lost",
        "every file is done, what follows the last one was lost, and no task for this source waits or runs",
        {"status": manifest.statuses(), "state": manifest.states(), "queued": list(observed.queued or ())},
        "have the files read again: masu's report_data/ makes the summary, and leaves the manifest open for ever",
        "docs/contract/clouds.md 13",
    )


def partition_missing(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Parquet is there, and Trino does not know its partition: the summary finds no row and fails of nothing."""
    if not observed.unsynced or observed.archived is None or not any(observed.archived.parquet):
        return None
    schema, table = observed.schema, observed.unsynced[0].partition(" ")[0]
    return Finding(
        "partition_missing",
        f"Trino knows no partition {observed.unsynced[0].partition(' ')[2]} of {table}, though its parquet objects are"
        " there",
        {"unknown to Trino": list(observed.unsynced)},
        f"CALL hive.system.sync_partition_metadata('{schema}', '{table}', 'FULL'), then report_data/ for the days",
        "docs/contract/clouds.md 7, 8",
    )


def _all_done(observed: ObservedSource) -> bool:
    manifest = observed.manifest
    if manifest is None or not observed.names.polled:
        return False
    return bool(manifest.reports) and all(report.done for report in manifest.reports)


def _summarised(observed: ObservedSource) -> bool:
    return observed.manifest is not None and bool(observed.manifest.step("summary"))
