"""The detectors: what each names, and that it keeps silent when one piece is missing."""

from __future__ import annotations

from typing import Any

import pytest
from phase_context import period, step
from repair_cases import (
    CONVERTED,
    DAY,
    DONE,
    DOWNLOADING,
    FAILED,
    PROCESSING,
    SUMMARISED,
    case,
    changed,
    ended,
    lost,
    open_manifest,
    session,
    stuck,
    unsummarised,
    without_manifest,
)

from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.detector import Detector
from e2e_validator.diagnose.registry import DETECTORS, recognise
from e2e_validator.finding import Finding
from e2e_validator.repair.registry import REPAIRS

PODS = {("pod_usage", DAY): 24, ("pod_usage", "2026-11-02"): 24, ("storage_usage", DAY): 0}


REPAIRED = {cause for repair in REPAIRS for cause in repair.causes}
WAITING = tuple(one for one in DETECTORS if not one.figures and one.cause not in REPAIRED)
DIFFERING = tuple(one for one in DETECTORS if one.figures)


def first(detectors: tuple[Detector, ...], found: Case) -> Finding | None:
    figures = detectors == DIFFERING
    return recognise(found.observed, found.expected, figures=figures, detectors=detectors)


def alone(cause: str, found: Case) -> Finding | None:
    """What the detectors of one cause say, where the phase asks them."""
    detectors = tuple(one for one in DETECTORS if one.cause == cause)
    return recognise(found.observed, found.expected, figures=detectors[0].figures, detectors=detectors)


def rows(**tables: dict[str, int]) -> dict[str, dict[str, int]]:
    return {f"openshift_{name}": days for name, days in tables.items()}


def measured(pods: dict[str, int], *statuses: int, **change: Any) -> Case:
    fields = {"state": SUMMARISED, "expected_rows": PODS, **change}
    return case("convert", *statuses or (DONE, DONE, DONE), line_items=rows(pod_usage_line_items=pods), **fields)


def test_a_failed_file_is_named_with_what_to_look_for() -> None:
    found = alone("file_failed", stuck(statuses=(DONE, FAILED, DOWNLOADING), was=PROCESSING))
    assert found is not None
    assert (found.cause, found.final) == ("file_failed", True)
    assert found.sentence == "1 of 3 files FAILED; Koku's log says why"
    assert found.evidence["failed"] == ["b.csv"]


@pytest.mark.parametrize("make", [stuck, lambda: without_manifest(stuck())])
def test_without_a_failed_file_nothing_has_failed(make: Any) -> None:
    assert alone("file_failed", make()) is None


@pytest.mark.parametrize("make", [lost, stuck], ids=["nothing recorded", "in the middle of a file"])
@pytest.mark.parametrize(("count", "said"), [(1, "1 message in Kafka"), (3, "3 messages in Kafka")])
def test_unread_messages_are_named_and_may_yet_be_read(make: Any, count: int, said: str) -> None:
    finding = first(WAITING, make(unread=count))
    assert finding is not None
    assert (finding.cause, finding.final) == ("not_read", False)
    assert finding.sentence == f"{said} not committed by Koku's listener, and no process works on this payload"


@pytest.mark.parametrize(
    "found",
    [lost(), lost(unread=None), lost(unread=1, dead=True), unsummarised(unread=1)],
    ids=["everything is read", "brokers that cannot tell", "a dead state", "the listener's part is over"],
)
def test_without_a_message_to_read_nothing_is_unread(found: Case) -> None:
    assert alone("not_read", found) is None


def test_a_task_that_waits_is_not_taken() -> None:
    found = alone("not_taken", unsummarised(queued=("ocp: a", "ocp: b")))
    assert found is not None
    assert (found.cause, found.final) == ("not_taken", False)
    assert found.sentence == "ocp: a waits in its queue and no worker takes it"
    assert found.evidence == {"queued": ["ocp: a", "ocp: b"]}


def test_a_container_killed_since_the_announcement_is_named() -> None:
    found = alone("container_killed", stuck(ended=(ended(), ended(at_seconds=-250, component="worker"))))
    assert found is not None
    assert (found.cause, found.final) == ("container_killed", False)
    assert found.sentence.startswith(
        "container listener of pod cost-listener-0 ended with exit code 137 (OOMKilled) at"
    )
    assert found.sentence.endswith(" UTC, after the payload was announced, and 1 more container")


@pytest.mark.parametrize(
    "change",
    [
        {"ended": None},
        {"ended": ()},
        {"ended": (ended(at_seconds=-301),)},
        {"ended": (ended(code=1),)},
        {"ended": (ended(),), "announced_seconds": 0.0},
    ],
    ids=["no cluster", "none ended", "before the announcement", "ended by itself", "nothing announced"],
)
def test_other_ends_of_containers_are_not_killed(change: dict[str, Any]) -> None:
    assert alone("container_killed", stuck(**change)) is None


@pytest.mark.parametrize("change", [{"queued": ()}, {"queued": None}, {"queued": ("ocp: a",), "dead": True}])
def test_no_queue_or_a_dead_state_is_no_waiting_task(change: dict[str, Any]) -> None:
    assert alone("not_taken", unsummarised(**change)) is None


@pytest.mark.parametrize(
    "found",
    [
        stuck(sessions=(session(),)),
        lost(sessions=(session(),)),
        lost(sessions=(session(),), unread=1),
        unsummarised(sessions=(session(opened=-90),)),
        unsummarised(sessions=(session(opened=-40, state="active"),), unattended_seconds=0.0),
        open_manifest(sessions=(session(opened=-90, state="active"),)),
    ],
    ids=[
        "a listener",
        "a listener, nothing recorded",
        "a listener, not committed",
        "a worker",
        "who took the task later",
        "at a statement",
    ],
)
def test_somebody_who_lives_is_in_work_and_no_repair_is_told_of(found: Case) -> None:
    finding = first(WAITING, found)
    assert finding is not None
    assert (finding.cause, finding.final) == ("in_work", False)
    assert finding.sentence.startswith("nothing has changed for 60 s, and session 77 (no name, ")


@pytest.mark.parametrize(
    "found",
    [
        stuck(),
        stuck(sessions=(session(),), dead=True),
        stuck(sessions=(session(opened=-10),)),
        unsummarised(sessions=(session(opened=-400),)),
        unsummarised(sessions=(session(opened=-40),), unattended_seconds=45.0),
    ],
    ids=["nobody", "a dead state", "who came later", "the listener's idle session", "who came after the last look"],
)
def test_nobody_who_may_be_at_it_is_not_in_work(found: Case) -> None:
    assert alone("in_work", found) is None


def test_the_listener_counts_in_conversion_and_not_in_summary() -> None:
    listener = session(opened=-400)
    assert alone("in_work", stuck(sessions=(listener,))) is not None
    assert alone("in_work", unsummarised(sessions=(listener,))) is None


def half_summarised(*stamps: float | None, **change: Any) -> Case:
    """A package over a month's end whose summary has ended; the months were summarised then, or not (None)."""
    names = ("2026-10", "2026-11")
    periods = tuple(period(name, summarised=stamp) for name, stamp in zip(names, stamps or (None, 4), strict=True))
    return changed(unsummarised(**{"state": SUMMARISED, "months": periods} | change), months=names)


@pytest.mark.parametrize(
    ("stamps", "said"),
    [
        ((None, 4), "2026-10 (2026-11 has one)"),
        ((4, -9), "2026-11 (2026-10 has one)"),
        ((None, None), "2026-10 and 2026-11"),
    ],
    ids=["the earlier", "the later has that of another payload", "both"],
)
def test_a_month_that_the_summary_left_out_is_named(stamps: tuple[float | None, float | None], said: str) -> None:
    finding = first(WAITING, half_summarised(*stamps))
    assert finding is not None
    assert (finding.cause, finding.final) == ("month_unsummarised", True)
    assert finding.sentence == (
        f"state.summary has ended without a summary of {said}, and no task for this source waits or runs"
    )


@pytest.mark.parametrize(
    "found",
    [
        half_summarised(4, 4),
        half_summarised(state=CONVERTED | {"summary": step(start=3)}),
        half_summarised(state=CONVERTED | {"summary": step(start=3, end=5, failed=6)}),
        half_summarised(queued=("summary: update_summary_tables",)),
        half_summarised(queued=None),
        half_summarised(unattended_seconds=0.0),
        half_summarised(still_seconds=0.0),
        half_summarised(dead=True),
        half_summarised(sessions=(session(opened=-90),)),
        changed(half_summarised(), phase="cost"),
    ],
    ids=[
        "both are there", "one is at work", "failed", "a task waits", "queues cannot be read", "somebody may have it",
        "not still", "a dead state", "a worker", "another phase",
    ],
)  # fmt: skip
def test_a_month_may_yet_be_summarised_or_nothing_is_missing(found: Case) -> None:
    finding = first(WAITING, found)
    assert finding is None or finding.cause != "month_unsummarised"


def test_a_failed_file_comes_before_all_else() -> None:
    found = stuck(statuses=(DONE, FAILED, 3), was=PROCESSING, sessions=(session(),), queued=("ocp: a",))
    finding = first(WAITING, found)
    assert finding is not None
    assert finding.cause == "file_failed"


ENDED = {"download": {"start": 1, "end": 1}, "processing": {"start": 1, "end": 1}}


def unread(*statuses: int, **change: Any) -> Case:
    fields: dict[str, Any] = {"state": ENDED, "sessions": (session(),), **change}
    return case(fields.pop("phase", "convert"), *statuses or (DONE, DONE, DOWNLOADING), **fields)


def test_a_file_that_is_never_taken_up_is_a_cause_of_its_own() -> None:
    finding = first(WAITING, unread())
    assert finding is not None
    assert (finding.cause, finding.final) == ("file_unread", True)
    assert "1 of 3 files stay DOWNLOADING" in finding.sentence
    assert finding.sentence.endswith("the first is c.csv")
    assert finding.evidence["status"] == {"DONE": 2, "DOWNLOADING": 1}


@pytest.mark.parametrize(
    "found",
    [
        unread(DONE, PROCESSING, DOWNLOADING),
        unread(DOWNLOADING, DOWNLOADING, DOWNLOADING),
        unread(DONE, DONE, DONE),
        unread(state={"download": {"start": 1, "end": 1}, "processing": {"start": 1}}),
        unread(state={"download": {"start": 1}, "processing": {"start": 1, "end": 1}}),
        unread(sessions=(session(state="active"),)),
        unread(unread=1),
        unread(unread=None),
        unread(dead=True),
        unread(still_seconds=0.0),
        unread(phase="summary"),
        without_manifest(unread()),
    ],
    ids=[
        "one is processed",
        "none was taken up",
        "all are done",
        "processing has not ended",
        "it is still unpacked",
        "somebody is at a statement",
        "a message that comes again",
        "brokers that cannot tell",
        "a dead state",
        "not yet still",
        "another phase",
        "no manifest",
    ],
)
def test_a_file_whose_turn_may_come_is_not_unread(found: Case) -> None:
    assert alone("file_unread", found) is None


def test_more_line_items_than_the_payload_has_were_counted_twice() -> None:
    finding = first(DIFFERING, measured({DAY: 48, "2026-11-02": 24}))
    assert finding is not None
    assert finding.cause == "counted_twice"
    assert f"pod_usage of {DAY} has 48 line items, the payload has 24" in finding.sentence
    assert finding.evidence == {f"pod_usage {DAY}": "48 rows, expected 24"}


def test_a_day_without_line_items_although_every_file_is_done() -> None:
    finding = first(DIFFERING, measured({"2026-11-02": 24}))
    assert finding is not None
    assert finding.cause == "done_without_rows"
    assert finding.evidence == {"without rows": [f"pod_usage {DAY}"]}


@pytest.mark.parametrize(
    "found",
    [
        measured({DAY: 24, "2026-11-02": 24}),
        measured({DAY: 23, "2026-11-02": 24}),
        measured({"2026-11-02": 24}, DONE, DONE, PROCESSING),
        measured({"2026-11-02": 24}, files=3, state={}, expected_rows={}),
        without_manifest(measured({"2026-11-02": 24})),
        measured({DAY: 24, "2026-11-02": 24, "2026-11-03": 24}),
        changed(measured({DAY: 24, "2026-11-02": 24}), expected_rows=PODS | {("storage_usage", "2026-11-09"): 0}),
    ],
    ids=["whole", "a row is missing", "not done", "nothing expected yet", "no manifest", "a day of nobody", "no rows"],
)
def test_other_differences_are_no_known_fault(found: Case) -> None:
    assert first(DIFFERING, found) is None


def test_daily_rows_are_not_taken_for_line_items() -> None:
    found = measured({DAY: 24, "2026-11-02": 24})
    found.observed.evidence["line_items"]["openshift_pod_usage_line_items_daily"] = {DAY: 48}
    assert first(DIFFERING, found) is None
