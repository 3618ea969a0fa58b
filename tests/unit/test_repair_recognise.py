"""What each repair rests on: a case that it recognises, and the same with one piece of evidence taken away.

Every piece is one without which the repair would do harm, or mend what is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from phase_context import at, period, step
from polled_cases import (
    cut_off,
    entry_left,
    failed,
    falsely_done,
    fruitless,
    no_bill,
    not_fetched,
    object_damaged,
    object_lost,
    polling_lock,
    uncalled,
    unheard,
)
from repair_cases import (
    CONVERTED,
    DONE,
    DOWNLOADING,
    FAILED,
    IN_FILES,
    LOCK,
    OTHER,
    PROCESSING,
    SUMMARISED,
    TYPES,
    UNPACKED,
    changed,
    failed_without_copy,
    in_state,
    key,
    locked,
    lost,
    no_copy,
    open_manifest,
    session,
    stuck,
    uncosted,
    unsummarised,
    without_manifest,
)

from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.detector import Detector
from e2e_validator.diagnose.observed import AskedTwice
from e2e_validator.diagnose.registry import DETECTORS, recognise
from e2e_validator.finding import Finding
from e2e_validator.repair.registry import REPAIRS
from e2e_validator.repair.repair import Repair

BY_NAME = {repair.name: repair for repair in REPAIRS}
Make = Callable[[], Case]
TASK = "ocp: masu.processor.tasks.summarize_reports"
PRICING = "cost_model: masu.processor.tasks.update_cost_model_costs"
COMPLETING = "priority: masu.processor.tasks.mark_manifest_complete"
A_LOCK = {"value": "gASILg==", "expires": "2026-11-21T13:00:00+00:00"}
# An idle session of the summary's time; one like it from before is the listener's.
WORKER, LISTENER = session(opened=-90), session(opened=-400)
FAILED_STATE = UNPACKED | {"processing": step(start=1, failed=2)}
COSTED = (period(summarised=4, costed=6),)


def recognised(name: str, case: Case) -> Finding | None:
    return recognise(
        case.observed, case.expected, figures=name == "stale_view_cache", detectors=detectors_of(BY_NAME[name])
    )


def detectors_of(repair: Repair) -> list[Detector]:
    return [one for one in DETECTORS if one.cause in repair.causes and set(one.phases) & set(repair.phases)]


def open_manifest_in_api(asked: AskedTwice | None = None) -> Case:
    return changed(open_manifest(), phase="api", asked=asked)


FOUND: list[tuple[str, str, Make]] = [
    ("poll_again", "no poll came", unheard),
    ("poll_again", "the first poll brought nothing", fruitless),
    ("polling_unlocked", "polled after its last data", polling_lock),
    ("file_released", "killed while it fetched", entry_left),
    ("file_released", "its task was lost", not_fetched),
    ("file_again", "killed while it converted", cut_off),
    ("file_again", "failed once", failed),
    ("file_again", "done and nothing made of it", falsely_done),
    ("file_again", "an object gone", object_lost),
    ("file_again", "an object damaged", object_damaged),
    ("file_again", "what follows was lost", uncalled),
    ("provider_copied", "the bill has no provider", no_bill),
    ("stale_view_cache", "old in the same words", lambda: open_manifest_in_api(AskedTwice(1, "x", steady=True))),
    ("stuck_report", "in the middle of a file", stuck),
    ("stuck_report", "before any file is recorded", lambda: stuck(statuses=(), state={}, tracker=())),
    ("stuck_report", "while unpacking", lambda: stuck(statuses=(DOWNLOADING,) * 3, state={}, tracker=())),
    ("stuck_report", "before all files are recorded", lambda: stuck(statuses=(DOWNLOADING,), state={}, tracker=())),
    ("stuck_report", "after the first file", lambda: stuck(statuses=(DONE, DOWNLOADING, DOWNLOADING))),
    ("stuck_report", "somebody came later", lambda: stuck(sessions=(session(opened=-10),))),
    ("stuck_report", "somebody who did nothing since", lambda: stuck(sessions=(session(changed=-400),))),
    ("stuck_report", "unpacking, not split", lambda: stuck(statuses=(3, 3, 3), tracker=(), daily_reports=False)),
    ("payload_lost", "no manifest row", lost),
    ("payload_lost", "somebody came later", lambda: lost(sessions=(session(opened=-10),))),
    ("lost_summary", "never begun", unsummarised),
    ("lost_summary", "begun, not ended", lambda: unsummarised(state=CONVERTED | {"summary": step(start=3)})),
    ("lost_summary", "an idle listener", lambda: unsummarised(sessions=(LISTENER,))),
    ("lost_summary", "another's lock", lambda: unsummarised(locks={LOCK.replace("provider-1", OTHER): A_LOCK})),
    ("stale_lock", "a lock that nobody holds", locked),
    ("stale_lock", "the summary goes round in its queue", lambda: locked(queued=(TASK,), unattended_seconds=0.0)),
    ("stale_lock", "queues that cannot be read", lambda: locked(queued=None)),
    ("stale_lock", "begun, not ended", lambda: locked(state=CONVERTED | {"summary": step(start=3)})),
    ("stale_lock", "who comes for the task and leaves it", lambda: locked(sessions=(session(opened=-1),))),
    ("lost_cost_step", "never priced", uncosted),
    ("lost_cost_step", "priced before this summary", lambda: uncosted(months=(period(summarised=4, costed=4.5),))),
    ("lost_completion", "costed, open", open_manifest),
    ("tenant_sync", "no row, no manifest", no_copy),
    ("tenant_sync_after_failure", "no row, a file FAILED of it", failed_without_copy),
]


@pytest.mark.parametrize(("name", "make"), [pytest.param(n, m, id=f"{n}: {what}") for n, what, m in FOUND])
def test_the_fault_is_recognised(name: str, make: Make) -> None:
    found = recognised(name, make())
    assert found is not None
    assert found.final
    assert found.remedy


WITHOUT: list[tuple[str, str, Make]] = [
    ("poll_again", "a task in a queue", lambda: changed(unheard(), queued=(TASK,))),
    ("polling_unlocked", "a process that may have it", lambda: changed(polling_lock(), unattended_seconds=0.0)),
    ("file_released", "a list that cannot be read", lambda: not_fetched(file_locks={":w:worker": None})),
    ("file_again", "a process that may have it", lambda: changed(cut_off(), unattended_seconds=0.0)),
    ("file_again", "an archive that does not answer", lambda: falsely_done(archived=None)),
    ("provider_copied", "the row is there", lambda: in_state(no_bill(), tenant_copy=True)),
    ("stale_view_cache", "nobody asked", open_manifest_in_api),
    ("stale_view_cache", "the same words are right now", lambda: open_manifest_in_api(AskedTwice(0, "", steady=True))),
    ("stale_view_cache", "other words come and go", lambda: open_manifest_in_api(AskedTwice(1, "x", steady=False))),
    # A slow listener goes on and counts what it has written and what it writes again.
    ("stuck_report", "a session at work", lambda: stuck(sessions=(session(state="active"),))),
    ("stuck_report", "an idle session", lambda: stuck(sessions=(session(),))),
    ("stuck_report", "a session with hidden times", lambda: stuck(sessions=(session(opened=None, changed=None),))),
    ("stuck_report", "Kafka delivers it again", lambda: stuck(unread=1)),
    ("stuck_report", "brokers that cannot tell", lambda: stuck(unread=None)),
    ("stuck_report", "not still", lambda: stuck(still_seconds=0.0)),
    ("stuck_report", "a dead state", lambda: stuck(dead=True)),
    ("stuck_report", "no manifest", lambda: without_manifest(stuck())),
    ("stuck_report", "another manifest", lambda: changed(stuck(), manifest_uuid="uuid-2")),
    ("stuck_report", "a FAILED file", lambda: stuck(statuses=(DONE, FAILED, DOWNLOADING), was=PROCESSING)),
    ("stuck_report", "an undefined status", lambda: stuck(statuses=(DONE, 7, DOWNLOADING))),
    ("stuck_report", "download failed", lambda: stuck(state={"download": step(start=0, failed=1)})),
    ("stuck_report", "processing failed", lambda: stuck(state=FAILED_STATE)),
    ("stuck_report", "everything done", lambda: stuck(statuses=(DONE, DONE, DONE))),
    ("stuck_report", "done and not done of a type", lambda: stuck(report_types=TYPES | {"b.csv": "pod_usage"})),
    ("stuck_report", "a type the payload has not", lambda: stuck(tracker=(key("gpu_usage"),))),
    ("stuck_report", "types are not known", lambda: stuck(report_types={})),
    # Without the split by day the tracker holds nothing, and what is half written cannot be told.
    ("stuck_report", "begun and not split by day", lambda: stuck(tracker=(), daily_reports=False)),
    ("payload_lost", "a manifest row", lambda: changed(stuck(), phase="download")),
    ("payload_lost", "not still", lambda: lost(still_seconds=0.0)),
    ("payload_lost", "a session at work", lambda: lost(sessions=(session(),))),
    ("payload_lost", "somebody may take it next", lambda: lost(alone_seconds=0.0)),
    ("payload_lost", "announced a moment ago", lambda: lost(announced_seconds=59.0)),
    ("payload_lost", "a message waits in Kafka", lambda: lost(unread=1)),
    ("payload_lost", "brokers that cannot tell", lambda: lost(unread=None)),
    ("payload_lost", "the object is gone", lambda: lost(object_there=lambda: False)),
    ("payload_lost", "no tenant copy", lambda: in_state(lost(), tenant_copy=False)),
    ("payload_lost", "no source", lambda: in_state(lost(), exists=False)),
    ("lost_summary", "convert has not passed", lambda: unsummarised(good=frozenset({"download"}))),
    ("lost_summary", "not still", lambda: unsummarised(still_seconds=0.0)),
    ("lost_summary", "no manifest", lambda: without_manifest(unsummarised())),
    ("lost_summary", "a task is queued", lambda: unsummarised(queued=(TASK,))),
    ("lost_summary", "queues cannot be read", lambda: unsummarised(queued=None)),
    ("lost_summary", "somebody may have the task", lambda: unsummarised(unattended_seconds=0.0)),
    ("lost_summary", "its month is locked", locked),
    ("lost_summary", "ended", lambda: unsummarised(state=SUMMARISED)),
    ("lost_summary", "failed", lambda: unsummarised(state=CONVERTED | {"summary": step(start=3, failed=4)})),
    ("lost_summary", "a file not done", lambda: unsummarised(statuses=(DONE, DONE, PROCESSING))),
    ("stale_lock", "no lock", unsummarised),
    ("stale_lock", "another source's lock", lambda: unsummarised(locks={LOCK.replace("provider-1", OTHER): A_LOCK})),
    ("stale_lock", "another month's lock", lambda: unsummarised(locks={LOCK.replace("-11", "-10"): A_LOCK})),
    ("stale_lock", "not still", lambda: locked(still_seconds=0.0)),
    ("stale_lock", "convert has not passed", lambda: locked(good=frozenset())),
    ("stale_lock", "no manifest", lambda: without_manifest(locked())),
    ("stale_lock", "a worker holds it", lambda: locked(sessions=(WORKER,))),
    ("stale_lock", "a worker at a statement", lambda: locked(sessions=(session(opened=-400, state="active"),))),
    ("stale_lock", "ended", lambda: locked(state=SUMMARISED)),
    ("stale_lock", "failed", lambda: locked(state=CONVERTED | {"summary": step(start=3, failed=4)})),
    ("lost_cost_step", "summary has not passed", lambda: uncosted(good=frozenset({"convert"}))),
    ("lost_cost_step", "not still", lambda: uncosted(still_seconds=0.0)),
    ("lost_cost_step", "no manifest", lambda: without_manifest(uncosted())),
    ("lost_cost_step", "the cost step is queued", lambda: uncosted(queued=(PRICING,))),
    ("lost_cost_step", "queues cannot be read", lambda: uncosted(queued=None)),
    ("lost_cost_step", "priced", lambda: uncosted(months=COSTED)),
    ("lost_cost_step", "the summary has not ended", lambda: uncosted(state=CONVERTED | {"summary": step(start=3)})),
    ("lost_completion", "costs have not passed", lambda: open_manifest(good=frozenset({"convert", "summary"}))),
    ("lost_completion", "summary has not passed", lambda: open_manifest(good=frozenset({"convert", "cost"}))),
    ("lost_completion", "not still", lambda: open_manifest(still_seconds=0.0)),
    ("lost_completion", "no manifest", lambda: without_manifest(open_manifest())),
    ("lost_completion", "completed", lambda: open_manifest(completed=7)),
    ("lost_completion", "completion is queued", lambda: open_manifest(queued=(COMPLETING,))),
    ("lost_completion", "queues cannot be read", lambda: open_manifest(queued=None)),
    # With a manifest something may be half written, and the row alone doubles it.
    ("tenant_sync", "a manifest", failed_without_copy),
    ("tenant_sync", "the row is there", lambda: in_state(no_copy(), tenant_copy=True)),
    ("tenant_sync", "no source", lambda: in_state(no_copy(), exists=False)),
    ("tenant_sync_after_failure", "the row is there", lambda: in_state(failed_without_copy(), tenant_copy=True)),
    ("tenant_sync_after_failure", "no source", lambda: in_state(failed_without_copy(), exists=False)),
    ("tenant_sync_after_failure", "no manifest", lambda: without_manifest(failed_without_copy())),
    ("tenant_sync_after_failure", "not still", lambda: failed_without_copy(still_seconds=0.0)),
    ("tenant_sync_after_failure", "failed in the download", lambda: failed_without_copy(was=DOWNLOADING)),
    ("tenant_sync_after_failure", "nothing FAILED", lambda: failed_without_copy(statuses=(PROCESSING, 3, 3))),
    ("tenant_sync_after_failure", "processing did not fail", lambda: failed_without_copy(state=IN_FILES)),
    ("tenant_sync_after_failure", "not split by day", lambda: failed_without_copy(daily_reports=False)),
    (
        "tenant_sync_after_failure",
        "done and FAILED of a type",
        lambda: failed_without_copy(statuses=(DONE, FAILED, 3), report_types=TYPES | {"b.csv": "pod_usage"}),
    ),
]


@pytest.mark.parametrize(("name", "make"), [pytest.param(n, m, id=f"{n}: {what}") for n, what, m in WITHOUT])
def test_without_one_piece_of_evidence_it_is_not(name: str, make: Make) -> None:
    assert recognised(name, make()) is None


def test_every_repair_that_can_be_done_has_its_evidence_tested() -> None:
    every = {repair.name for repair in REPAIRS}
    assert {name for name, _, _ in FOUND} == every == {name for name, _, _ in WITHOUT}


@pytest.mark.parametrize(
    ("tracker", "statuses", "half", "said"),
    [
        ((), (), [], "3 of 3 files are not done and no process works on them; no day is half written"),
        ((), (3, 3, 3), [], "3 of 3 files are not done and no process works on them; no day is half written"),
        (
            (key("pod_usage"), key("storage_usage")),
            (DONE, PROCESSING, DOWNLOADING),
            [key("storage_usage")],
            "2 of 3 files are not done and no process works on them; 1 day is half written",
        ),
        (
            (key("storage_usage"), key("node_labels")),
            (DONE, DONE, PROCESSING),
            [key("node_labels")],
            "1 of 3 files is not done and no process works on them; 1 day is half written",
        ),
        (
            (key("storage_usage"), key("node_labels"), key("storage_usage", "2026-11-02")),
            (DONE, PROCESSING, PROCESSING),
            [key("node_labels"), key("storage_usage"), key("storage_usage", "2026-11-02")],
            "2 of 3 files are not done and no process works on them; 2 days are half written",
        ),
        # What another manifest has begun is not this one's.
        (
            (key("storage_usage", manifest_id=9),),
            (DONE, PROCESSING, DOWNLOADING),
            [],
            "2 of 3 files are not done and no process works on them; no day is half written",
        ),
    ],
)
def test_a_stuck_report_says_what_is_half_written(
    tracker: tuple[str, ...], statuses: tuple[int, ...], half: list[str], said: str
) -> None:
    found = recognised("stuck_report", stuck(tracker=tracker, statuses=statuses))
    assert found is not None
    assert (found.evidence["half written"], found.sentence) == (half, said)


def test_a_cost_repair_takes_an_earlier_stamp_for_none() -> None:
    found = recognised("lost_cost_step", uncosted(months=(replace(period(), cost_derived=at(4.9)),)))
    assert found is not None
    assert found.cause == "cost_step_lost"


def test_what_users_read_of_a_repair_names_no_recording() -> None:
    texts = [text for repair in REPAIRS for text in (repair.detection, repair.action, repair.writes, repair.undo)]
    assert [text for text in texts if not text or "faults" in text or ".md" in text] == []
    pages = ("docs/contract/koku.md ", "docs/contract/clouds.md ")
    assert [repair.name for repair in REPAIRS if not repair.contract.startswith(pages)] == []
