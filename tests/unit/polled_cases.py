"""Cases of sources that Koku polls, each of them one that is recognised; tests take one piece away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from phase_context import PROVIDER, at, period
from repair_cases import CONVERTED, DONE, DOWNLOADING, FAILED, PROCESSING, case, changed, in_state, without_manifest

from e2e_validator.access.archived import Archived
from e2e_validator.diagnose.case import Case
from e2e_validator.providers.ocp.names import NAMES

DAYS = ("2026-11-01", "2026-11-02")
STEMS = tuple(f"{day}_manifestid-10_basefile-cur-1_batch-0" for day in DAYS)
RAW, DAILY = (
    tuple(f"{kind}/{stem}{ending}.parquet" for stem in STEMS) for kind, ending in (("raw", "_0"), ("daily", "_daily_0"))
)
WHOLE = Archived(tuple(f"csv/{stem}.csv" for stem in STEMS), (RAW, DAILY), ())
POLLED = replace(NAMES, polled=True, archives=("csv/", "raw/", "daily/"), warehouse=("lines", "lines_daily"))
FILE = f"{PROVIDER}:cur/a.csv.gz"
BEGUN = {"download": {"start": at(0).isoformat()}}
CUT = CONVERTED | {"processing": {"start": at(1).isoformat()}}
BROKEN = CONVERTED | {"processing": {"start": at(1).isoformat(), "failed": at(2).isoformat()}}


def polled(phase: str, *statuses: int, updated: float | None = None, asked: float | None = 5, **change: Any) -> Case:
    """A case of such a source; ``updated`` and ``asked`` are the times of its last data and of its last poll."""
    names = {"names": POLLED, "files": max(1, len(statuses)), "archived": WHOLE, **change}
    locks, task, etag = (
        names.pop(name, default) for name, default in (("file_locks", {}), ("task", "t"), ("etag", "e"))
    )
    found = case(phase, *statuses, **{"good": frozenset({"upload", "ingest", "download", "parquet"}), **names})
    provider = {
        "uuid": PROVIDER,
        "data_updated_timestamp": None if updated is None else at(updated).isoformat(),
        "polling_timestamp": None if asked is None else at(asked).isoformat(),
    }
    manifests = [
        row
        | {
            "reports": [
                one | {"started_datetime": None, "celery_task_id": task, "etag": etag} for one in row["reports"]
            ]
        }
        for row in found.observed.evidence["manifests"]
    ]
    evidence = {**found.observed.evidence, "provider": provider, "file_locks": locks, "manifests": manifests}
    return changed(found, evidence=evidence)


def unrecorded(**change: Any) -> Case:
    """A payload that stands at its source and was not recorded."""
    return without_manifest(polled("download", **{"converted_seconds": None, **change}))


def polling_lock() -> Case:
    """Polled after its last data, with nothing to come of it."""
    return unrecorded(updated=4, asked=5)


def unheard() -> Case:
    """Polled by nobody since its last data."""
    return unrecorded(updated=5, asked=4)


def fruitless() -> Case:
    """Polled, with nothing known of it."""
    return unrecorded()


def no_bill(**change: Any) -> Case:
    """A file failed because the provider's row in the tenant's schema is missing."""
    found = polled("parquet", FAILED, **{"state": BROKEN, "was": PROCESSING, "dead": True, **change})
    return in_state(found, tenant_copy=False, periods=())


def entry_left(**change: Any) -> Case:
    """A worker was killed while it fetched a file."""
    return polled(
        "download", DOWNLOADING, **{"state": BEGUN, "etag": None, "file_locks": {":w:worker": [FILE]}, **change}
    )


def not_fetched(**change: Any) -> Case:
    """The task of a file was lost."""
    return polled("download", DOWNLOADING, **{"etag": None, "task": None, **change})


def cut_off(**change: Any) -> Case:
    """A worker was killed while it converted a file."""
    return polled("parquet", PROCESSING, **{"state": CUT, "file_locks": {":w:worker": [FILE]}, **change})


def failed(**change: Any) -> Case:
    """A file failed, and no log says why."""
    return polled("parquet", FAILED, **{"state": BROKEN, "was": PROCESSING, "dead": True, **change})


def said(line: str) -> Case:
    """A file failed, and a log has this line."""
    return failed(said=(line,))


def falsely_done(**change: Any) -> Case:
    """A file says done, and nothing was made of its day CSVs."""
    found = polled("parquet", DONE, **{"state": CONVERTED, "archived": replace(WHOLE, parquet=((), ())), **change})
    return in_state(found, periods=())


def object_lost(**change: Any) -> Case:
    """A daily parquet object is gone."""
    return polled(
        "parquet", DONE, **{"state": CONVERTED, "archived": replace(WHOLE, parquet=(RAW, DAILY[1:])), **change}
    )


def object_damaged(**change: Any) -> Case:
    """A daily parquet object is none."""
    return polled("parquet", DONE, **{"state": CONVERTED, "archived": replace(WHOLE, damaged=DAILY[:1]), **change})


def uncalled(**change: Any) -> Case:
    """Every file is done, and what follows was lost."""
    return polled("summary", DONE, **{"state": CONVERTED, "months": (period(summarised=None, costed=None),), **change})


def unsynced(**change: Any) -> Case:
    """Trino does not know the month."""
    return polled("parquet", DONE, **{"state": CONVERTED, "unsynced": ("lines 2026-11",), **change})
