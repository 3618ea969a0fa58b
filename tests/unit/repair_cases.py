"""Cases that repairs and detectors look at, each of them one that is recognised; tests take one piece away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from phase_context import PROVIDER, at, manifest, period, source_state, step

from e2e_validator.access.ended_containers import EndedContainer
from e2e_validator.access.evidence import Session
from e2e_validator.access.source_state import STATUS_NAMES, ReportStatus
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.providers.ocp.names import NAMES

SCHEMA = "org1234567"
DAY = "2026-11-01"
# The database's clock; a case is looked at now, 300 s after the announcement and 60 s after the last change.
NOW = at(1000)
LOCK = f":1:masu.processor.tasks.update_summary_tables:{SCHEMA}:OCP:{PROVIDER}:2026-11"
OTHER = "provider-2"
DONE, FAILED, DOWNLOADING, PROCESSING = 1, 2, 3, 4
TYPES = {"a.csv": "pod_usage", "b.csv": "storage_usage", "c.csv": "node_labels"}
UNPACKED = {"download": step(start=0, end=1)}
IN_FILES = UNPACKED | {"processing": step(start=1)}
CONVERTED = UNPACKED | {"processing": step(start=1, end=2)}
SUMMARISED = CONVERTED | {"summary": step(start=3, end=5)}


def key(kind: str, day: str = DAY, manifest_id: int = 10) -> str:
    """A key of the tracker."""
    return f"{kind}.{day}.{manifest_id}"


def session(
    *, opened: float | None = -500, changed: float | None = -1, state: str = "idle", pid: int = 77, name: str = ""
) -> Session:
    """A session that was there all the time and has just been used; times in seconds from now."""
    moments = [None if moment is None else at(1000 + moment) for moment in (opened, changed)]
    return Session(pid, name, "", state, *moments)


def ended(*, at_seconds: float = -200, code: int = 137, component: str = "listener") -> EndedContainer:
    """A container that was killed 100 s after the announcement; the time in seconds from now."""
    moment = at(1000 + at_seconds)
    return EndedContainer(f"cost-{component}-0", component, component, code, "OOMKilled", moment, 2)


def case(
    phase: str,
    *statuses: int,
    state: dict[str, Any] | None = None,
    tracker: tuple[str, ...] = (),
    completed: float | None = None,
    months: tuple[Any, ...] = (),
    locks: dict[str, Any] | None = None,
    line_items: dict[str, dict[str, int]] | None = None,
    files: int = 3,
    was: int | None = None,
    **change: Any,
) -> Case:
    """A case whose manifest has a file of each of ``statuses``; ``was`` is the status in which a FAILED one failed."""
    names = [*TYPES][: len(statuses)]
    failed = {name: was if number == FAILED else None for name, number in zip(names, statuses, strict=True)}
    times = {name: at(2) if number == DONE else None for name, number in zip(names, statuses, strict=True)}
    rows = [
        {
            "id": 10,
            "assembly_id": "uuid-1",
            "num_total_files": files,
            "state": state or {},
            "completed_datetime": completed,
            "s3_parquet_cleared_tracker": dict.fromkeys(tracker, True),
            "reports": [
                {
                    "report_name": name,
                    "status": number,
                    "failed_status": failed[name],
                    "completed_datetime": at(2).isoformat() if times[name] else None,
                }
                for name, number in zip(names, statuses, strict=True)
            ],
        }
    ]
    reports = tuple(
        ReportStatus(name, _named(number) or "", _named(failed[name]), times[name])
        for name, number in zip(names, statuses, strict=True)
    )
    seen = manifest(
        completed=None if completed is None else at(completed), state=state or {}, reports=reports, files=files
    )
    fields: dict[str, Any] = {
        "phase": phase,
        "provider_uuid": PROVIDER,
        "schema": SCHEMA,
        "names": NAMES,
        "manifest_uuid": "uuid-1",
        "object_key": "cluster/1.tar.gz",
        "tarball": Path("payload-1.tar.gz"),
        "month": "2026-11",
        "first_day": date(2026, 11, 1),
        "last_day": date(2026, 11, 1),
        "state": source_state(seen, periods=months or (period(summarised=None, costed=None),)),
        "evidence": {
            "provider": {"uuid": PROVIDER, "data_updated_timestamp": None},
            "manifests": rows,
            "periods": [],
            "locks": locks or {},
            "line_items": line_items or {},
        },
        "sessions": (),
        "now": NOW,
        "still_seconds": 60.0,
        "dead": False,
        "announced_seconds": 300.0,
        "converted_seconds": 100.0,
        "unattended_seconds": 60.0,
        "alone_seconds": 60.0,
        "queued": (),
        "unread": 0,
        "daily_reports": True,
        "report_types": TYPES,
        "expected_rows": {},
        "good": frozenset({"upload", "ingest", "download", "convert"}),
        "verify": lambda: None,
        "object_there": lambda: True,
    }
    return made(fields | change)


def made(fields: dict[str, Any]) -> Case:
    """A case of the fields of both its parts."""
    observed = {name: fields.pop(name) for name in ObservedSource.__dataclass_fields__ if name in fields}
    return Case(ObservedSource(**observed), ExpectedSource(**fields))


def changed(found: Case, **change: Any) -> Case:
    """The same case with other fields, of whichever part."""
    observed = {name: change.pop(name) for name in [*change] if name in ObservedSource.__dataclass_fields__}
    return Case(replace(found.observed, **observed), replace(found.expected, **change))


def _named(number: int | None) -> str | None:
    return None if number is None else STATUS_NAMES.get(number, f"undefined {number}")


def without_manifest(found: Case) -> Case:
    """The same before Koku has recorded anything."""
    state = replace(found.observed.state, manifests=())
    return changed(found, state=state, evidence={**found.observed.evidence, "manifests": []})


def in_state(found: Case, **change: Any) -> Case:
    """The same with other fields of the source's state."""
    return changed(found, state=replace(found.observed.state, **change))


def stuck(**change: Any) -> Case:
    """A listener was killed in the middle of the second of three files."""
    fields: dict[str, Any] = {"state": IN_FILES, "tracker": (key("pod_usage"), key("storage_usage")), **change}
    return case("convert", *fields.pop("statuses", (DONE, PROCESSING, DOWNLOADING)), **fields)


def lost(**change: Any) -> Case:
    """A payload of which nothing has come."""
    return without_manifest(case("download", **{"converted_seconds": None, **change}))


def unsummarised(**change: Any) -> Case:
    """Every file is done, and nobody summarises them."""
    return case("summary", *change.pop("statuses", (DONE, DONE, DONE)), **{"state": CONVERTED, **change})


def locked(**change: Any) -> Case:
    """The same, with a lock of which nobody is the holder."""
    lock = {LOCK: {"value": "gASILg==", "expires": "2026-11-21T13:00:00+00:00"}}
    return unsummarised(**{"locks": lock, **change})


def uncosted(**change: Any) -> Case:
    """The summary has passed, and nobody prices it."""
    fields = {"state": SUMMARISED, "months": (period(summarised=4, costed=None),), **change}
    return case("cost", DONE, DONE, DONE, **{"good": frozenset({"convert", "summary"}), **fields})


def open_manifest(**change: Any) -> Case:
    """Summary and costs have passed, and nobody completes the manifest."""
    fields = {"state": SUMMARISED, "months": (period(),), **change}
    return case("manifest", DONE, DONE, DONE, **{"good": frozenset({"convert", "summary", "cost"}), **fields})


def no_copy(**change: Any) -> Case:
    """A source without its row in the tenant's schema, before anything was sent."""
    found = without_manifest(case("source", **{"good": frozenset({"preflight"}), **change}))
    return in_state(found, tenant_copy=False)


def failed_without_copy(**change: Any) -> Case:
    """A file has failed because that row is missing."""
    state = UNPACKED | {"processing": step(start=1, failed=2)}
    fields = {"state": state, "tracker": (key("pod_usage"),), "was": PROCESSING, "dead": True, **change}
    return in_state(
        case("convert", *fields.pop("statuses", (FAILED, DOWNLOADING, DOWNLOADING)), **fields), tenant_copy=False
    )
