"""A payload that was lost between its announcement and the manifest row (a listener killed, a message lost)."""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def recognise(case: Case) -> Finding | None:
    """No manifest row long after the announcement, the object is there, no message waits, and no process is at work.

    A listener takes one payload after the other, each with a session of its own, and this one may be the last of many.
    """
    if case.manifest is not None or not case.still_seconds or case.at_work():
        return None
    if not case.alone_seconds:
        return None
    # What waits in Kafka is not lost: announced once more, two listeners may count it twice at the same time.
    if case.unread != 0:
        return None
    if case.announced_seconds < case.still_seconds or not case.state.exists or not case.state.tenant_copy:
        return None
    if not case.object_there():
        return None
    return Finding(
        "payload_lost",
        f"announced {case.announced_seconds:.0f} s ago, and no manifest is recorded or in work",
        {"announced seconds ago": round(case.announced_seconds, 1), "object": case.object_key},
        "announce the payload again, under the same uuid; if nothing comes of it, the listener's log says why",
    )


def apply(case: Case, tools: Tools) -> RepairResult:
    """Announce the same object: under the same uuid a second delivery changes nothing that is done."""
    tools.transport.announce(case.object_key, case.tarball)
    return RepairResult("announced the payload again, under the same uuid", "nothing was written")


REPAIR = Repair(
    name="payload_lost",
    phases=("download",),
    detection="no manifest row for the payload's uuid, the object still in the bucket, no message in Kafka that the"
    " listener has not committed, and no database session of a process that could be at work on it or on those before"
    " it",
    action="announces the same payload again, under the same uuid",
    writes="nothing",
    undo="not needed",
    contract="docs/contract/koku.md 3.1, 7.1",
    limit=1,
    recognise=recognise,
    apply=apply,
)
