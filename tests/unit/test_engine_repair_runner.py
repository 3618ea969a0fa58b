"""A repair on disk: what stands there before it is done, when it is cut short, and after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from attended import Attended, a_repair, attended, finding, scenario
from phase_context import at, emitted, period, source_state
from repair_cases import SUMMARISED, changed, key, stuck, unsummarised

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.diagnose.case import Case
from e2e_validator.engine import repair_runner as mending
from e2e_validator.engine.context import Context
from e2e_validator.engine.repair_runner import RepairRunner, Try, close_open_tries
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import NumbersDiffer, PhaseFailed
from e2e_validator.events import Recognised, Repaired
from e2e_validator.repair.repair import Repair, RepairResult, Tools

ROWS = [{"usage_start": "2026-11-01", "n": 1}]
Mend = Callable[[Case, Tools], RepairResult]


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    here: Attended = attended(tmp_path, monkeypatch)
    here.evidence = {"summary_rows": 3}
    return here.context


def folder_of(context: Context, number: int = 1, name: str = "mend_it") -> Path:
    return context.run.folder / "scenario_x" / "repairs" / f"{number}-{name}"


def on_disk(context: Context) -> list[dict[str, Any]]:
    return ScenarioState.load(context.state.path.parent).repairs


def mend_with(context: Context, mend: Mend, case: Case | None = None, **change: Any) -> Try | None:
    repair = a_repair(apply=mend, **change)
    return RepairRunner(context, clock=lambda: 7.0).do(
        repair, case or unsummarised(), finding(evidence={"why": "this"})
    )


def repaired(context: Context) -> list[Repaired]:
    return [event for event in emitted(context) if isinstance(event, Repaired)]


def test_evidence_and_intent_are_on_disk_before_anything_is_done(context: Context) -> None:
    """Kill -9 leaves what an interrupt in the middle of the action leaves."""

    def cut_short(_case: Case, _tools: Tools) -> RepairResult:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mend_with(context, cut_short, unsummarised(queued=("ocp: a",)))
    before = json.loads((folder_of(context) / "before.json").read_text())
    assert before["finding"]["cause"] == "it_is_broken"
    assert before["evidence"]["manifests"][0]["assembly_id"] == "uuid-1"
    assert (before["queued"], before["still_seconds"]) == (["ocp: a"], 60.0)
    (record,) = on_disk(context)
    assert (record["repair"], record["effect"], record["phase"]) == ("mend_it", "begun", "summary")
    assert (record["did"], record["undo"], record["number"], record["limit"]) == ("", "", 1, 1)
    assert sorted(path.name for path in folder_of(context).iterdir()) == ["before.json"]
    assert repaired(context) == []


def test_removed_rows_and_undo_are_on_disk_before_the_commit(context: Context) -> None:
    def cut_short(_case: Case, tools: Tools) -> RepairResult:
        tools.keep(RepairResult("removed 1 half-written row", "INSERT it;", {"openshift_pod_usage_line_items": ROWS}))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mend_with(context, cut_short)
    folder = folder_of(context)
    assert json.loads((folder / "removed-openshift_pod_usage_line_items.json").read_text()) == ROWS
    assert (folder / "undo.sql").read_text() == "INSERT it;\n"
    (record,) = on_disk(context)
    assert (record["effect"], record["did"], record["undo"]) == ("begun", "removed 1 half-written row", "INSERT it;")


def test_what_was_done_waits_for_its_effect(context: Context) -> None:
    attempt = mend_with(context, lambda _case, _tools: RepairResult("mended it", "undo it", {"t": ROWS}))
    assert attempt is not None
    (record,) = on_disk(context)
    assert (record["effect"], record["did"], record["undo"]) == ("begun", "mended it", "undo it")
    assert json.loads((folder_of(context) / "removed-t.json").read_text()) == ROWS
    assert repaired(context) == []


@pytest.mark.parametrize("effect", ["worked", "no effect"])
def test_what_came_of_it_is_noted_with_the_evidence_of_after(context: Context, effect: str) -> None:
    attempt = mend_with(context, lambda *_: RepairResult("mended it", "undo it"))
    assert attempt is not None
    RepairRunner(context, clock=lambda: 9.5).ended(attempt, effect)
    after = json.loads((folder_of(context) / "after.json").read_text())
    assert (after["effect"], after["evidence"]["summary_rows"]) == (effect, 3)
    (record,) = on_disk(context)
    assert (record["effect"], record["seconds"]) == (effect, 2.5)
    (event,) = repaired(context)
    assert (event.repair, event.cause, event.effect, event.number, event.limit) == (
        "mend_it", "it_is_broken", effect, 1, 1
    )  # fmt: skip
    assert (event.did, event.undo, event.seconds, event.expected) == ("mended it", "undo it", 2.5, False)
    assert (event.scenario, event.phase, event.folder) == ("scenario_x", "summary", "scenario_x/repairs/1-mend_it")
    assert context.repairs == [
        {
            name: getattr(event, name)
            for name in Repaired.__dataclass_fields__
            if name not in {"at", "scenario", "phase"}
        }
    ]


@pytest.mark.parametrize("error", [Unreachable("gone"), psycopg.errors.UndefinedTable("gone")])
def test_evidence_of_after_that_cannot_be_read_is_said(
    context: Context, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def gone(_context: Context) -> Any:
        raise error

    attempt = mend_with(context, lambda *_: RepairResult("mended it", "undo it"))
    assert attempt is not None
    monkeypatch.setattr(mending, "evidence_of", gone)
    RepairRunner(context).ended(attempt, "worked")
    assert json.loads((folder_of(context) / "after.json").read_text()) == {"effect": "worked", "not readable": "gone"}
    assert on_disk(context)[0]["effect"] == "worked"


@pytest.mark.parametrize(
    "error",
    [
        LookupError("the lock is gone"),
        psycopg.errors.LockNotAvailable("the lock is gone"),
        Unreachable("the lock is gone"),
        Refused("the lock is gone", 404, ""),
        PhaseFailed("the lock is gone"),
        NumbersDiffer("the lock is gone", detail="a table"),
    ],
)
def test_what_cannot_be_done_has_failed_and_says_why(context: Context, error: Exception) -> None:
    def fails(_case: Case, _tools: Tools) -> RepairResult:
        raise error

    assert mend_with(context, fails) is None
    (event,) = repaired(context)
    assert (event.effect, event.did) == ("failed", "the lock is gone")
    assert (folder_of(context) / "after.json").exists()


def test_what_failed_half_way_says_what_was_done(context: Context) -> None:
    def fails(_case: Case, tools: Tools) -> RepairResult:
        tools.keep(RepairResult("removed 3 half-written rows", "INSERT them;"))
        raise Unreachable("masu did not answer")

    assert mend_with(context, fails) is None
    (event,) = repaired(context)
    assert event.did == "removed 3 half-written rows; then: masu did not answer"
    assert (event.effect, event.undo) == ("failed", "INSERT them;")


def test_a_bug_of_ours_is_none_of_a_repairs(context: Context) -> None:
    def bug(_case: Case, _tools: Tools) -> RepairResult:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        mend_with(context, bug)
    assert on_disk(context)[0]["effect"] == "begun"


def test_tries_are_numbered_by_repair_and_phase_in_own_folders(context: Context) -> None:
    context.state.repairs = [{"repair": "mend_it", "phase": "convert", "effect": "worked", "folder": "x"}]
    for name in ("mend_it", "stale_lock", "mend_it"):
        repair = a_repair(name, limit=2)
        assert RepairRunner(context).do(repair, unsummarised(), finding()) is not None
    found = [(one["repair"], one.get("number"), one["folder"].rpartition("/")[2]) for one in on_disk(context)[1:]]
    assert found == [("mend_it", 1, "2-mend_it"), ("stale_lock", 1, "3-stale_lock"), ("mend_it", 2, "4-mend_it")]


def test_the_stamps_of_before_are_noted(context: Context) -> None:
    case = unsummarised(months=(period(summarised=4, costed=None),))
    mend_with(context, lambda *_: RepairResult("m", "u"), case)
    mend_with(context, lambda *_: RepairResult("m", "u"), changed(case, month="2026-10"))
    first, second = on_disk(context)
    assert (first["summarised"], first["costed"]) == (at(4).isoformat(), None)
    assert (second["summarised"], second["costed"]) == (None, None)


@pytest.mark.parametrize(
    ("expected", "is_expected"), [(None, False), ((), False), (("x",), False), (("mend_it",), True)]
)
def test_a_repair_that_the_scenario_waits_for_is_expected(
    context: Context, expected: tuple[str, ...] | None, is_expected: bool
) -> None:
    scenario(context, expect={"repaired": expected})
    attempt = mend_with(context, lambda *_: RepairResult("m", "u"))
    assert attempt is not None
    RepairRunner(context).ended(attempt, "worked")
    assert repaired(context)[0].expected is is_expected


@pytest.mark.parametrize(
    ("tries", "may"), [([], True), (["no effect"], True), (["worked"], True), (["failed"] * 2, False)]
)
def test_there_is_a_limit_of_tries(context: Context, tries: list[str], may: bool) -> None:
    repair: Repair = a_repair(limit=2)
    here = {"repair": "mend_it", "phase": "summary"}
    context.state.repairs = [here | {"effect": effect, "folder": str(n)} for n, effect in enumerate(tries)]
    context.state.repairs += [here | {"phase": "cost", "effect": "x", "folder": "a"}] * 5
    context.state.repairs += [here | {"repair": "stale_lock", "effect": "x", "folder": "b"}] * 5
    refusal = RepairRunner(context).refusal(repair, finding())
    assert (refusal == "") is may
    assert may or refusal == "mend_it was tried 2 of 2 times: failed, failed"


def test_a_fault_is_told_once_and_kept_as_the_cause(context: Context) -> None:
    here = RepairRunner(context)
    for still in (30.04, 60.0):
        here.recognise(finding(evidence={"n": 1}), "mend_it", still)
    here.recognise(finding("another"), "", 90.0)
    told = [event for event in emitted(context) if isinstance(event, Recognised)]
    assert [(one.cause, one.repair, one.unchanged_seconds) for one in told] == [
        ("it_is_broken", "mend_it", 30.0), ("another", "", 90.0)
    ]  # fmt: skip
    here.recognise(finding(), "mend_it", 120.0)
    assert context.finding == finding()


def test_a_try_without_a_seen_effect_is_said_at_the_phases_end(context: Context) -> None:
    mend_with(context, lambda *_: RepairResult("mended it", "undo it"))
    worked = {"repair": "mend_it", "phase": "summary", "effect": "worked", "folder": "w"}
    elsewhere = {"repair": "mend_it", "phase": "cost", "effect": "begun", "folder": "e"}
    context.state.repairs += [worked, elsewhere]
    close_open_tries(context)
    assert {one["folder"].rpartition("/")[2]: one["effect"] for one in on_disk(context)} == {
        "w": "worked", "e": "begun", "1-mend_it": "no effect"
    }  # fmt: skip
    (event,) = repaired(context)
    assert event.effect == "no effect"
    close_open_tries(context)
    assert len(repaired(context)) == 1


def test_what_was_declined_is_noted_as_a_try(context: Context) -> None:
    context.repair = "ask"
    assert RepairRunner(context).refusal(a_repair(), finding()) == "mend_it was declined at the terminal"
    (event,) = repaired(context)
    assert (event.effect, event.did, event.number) == ("declined", "nothing: declined at the terminal", 1)
    assert RepairRunner(context).refusal(a_repair(), finding()).endswith("was tried 1 of 1 times: declined")


def test_a_case_with_its_evidence_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, monkeypatch, phase="convert", shows=source_state())
    case = stuck(state=SUMMARISED)
    RepairRunner(here.context).do(a_repair(), case, finding())
    before = json.loads((folder_of(here.context) / "before.json").read_text())
    assert before["evidence"] == json.loads(json.dumps(case.observed.evidence, default=str))
    assert key("pod_usage") in before["evidence"]["manifests"][0]["s3_parquet_cleared_tracker"]
