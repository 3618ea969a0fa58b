"""Beside a waiter: when evidence is read, when a fault is believed, and what becomes of a repair."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attended import AFTER, WAITS, Attended, a_repair, attended, finding, scenario, when_nobody_will
from phase_context import file, manifest, source_state
from repair_cases import session

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.events import Recognised, Repaired
from e2e_validator.finding import Finding
from e2e_validator.repair.repair import RepairResult
from e2e_validator.waiting import dead, done, pending
from e2e_validator.waiting.reading import Progress

TASK = ("ocp: a",)
FAILED_FILE = source_state(
    manifest(reports=(file(), file("FAILED", completed=None, name="b.csv", failed="PROCESSING")))
)
DEAD = dead("1 of 3 files done, 1 failed", "report b.csv is FAILED")
ALWAYS = a_repair()


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def effects(here: Attended) -> list[str]:
    return [event.effect for event in here.events(Repaired)]


def test_no_evidence_is_read_before_the_first_look(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    assert [here.after(seconds) for seconds in (0, 0.2, 0.2)] == [WAITS] * 3
    assert here.asked == []
    here.after(0.2)
    assert here.asked == ["around", "evidence"]


def test_before_the_stillness_ends_one_looks_and_asks_nothing(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    here.every_second(int(AFTER))
    assert here.asked == ["around", "evidence"] * 2
    assert here.events(Recognised) == []


def test_a_short_stillness_has_an_early_first_look(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    here.context.repair_after = 0.4
    here.after()
    here.after(0.19)
    assert here.asked == []
    here.after(0.02)
    assert here.asked == ["around", "evidence"]


def test_who_else_is_there_is_looked_for_before_the_evidence(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    """Who ends in between has then changed the evidence, and is not taken for dead."""
    here = attended(tmp_path, patch)
    here.until_still()
    assert here.asked == ["around", "evidence"] * 2


@pytest.mark.parametrize("change", ["reading", "evidence"])
def test_what_moves_makes_the_time_begin_anew(tmp_path: Path, patch: pytest.MonkeyPatch, change: str) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, apply=lambda *_: pytest.fail("not still")))
    here.every_second(25)
    if change == "reading":
        here.reading = pending("summary running")
    else:
        here.evidence = {"summary_rows": 1}
    found = here.every_second(int(AFTER))
    assert found == here.reading
    assert here.events(Recognised) == []


@pytest.mark.parametrize("change", ["reading", "evidence"])
def test_what_stands_still_again_is_believed_later(tmp_path: Path, patch: pytest.MonkeyPatch, change: str) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    here.every_second(25)
    if change == "reading":
        here.reading = pending("summary running")
    else:
        here.evidence = {"summary_rows": 1}
    here.every_second(2 * int(AFTER))
    assert [event.cause for event in here.events(Recognised)] == ["it_is_broken"]


def test_done_passes_through_untouched(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    here.reading = done("4 summary rows", rows=4)
    assert here.after() is here.reading
    assert here.after(1e6) is here.reading
    assert here.asked == []


def test_a_terminal_state_beyond_repair_is_believed_and_named(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS, phase="convert", shows=FAILED_FILE)
    here.reading = DEAD
    assert here.after() is DEAD
    assert here.context.finding is not None
    assert here.context.finding.cause == "file_failed"
    assert [event.repair for event in here.events(Recognised)] == [""]


def test_a_terminal_state_that_may_be_mended_is_watched(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, phase="convert", shows=FAILED_FILE)
    here.only(replace(ALWAYS, after_failure=True, apply=here.mends))
    here.reading = DEAD
    found = here.every_second(int(AFTER))
    assert (found.progress, here.did) == (Progress.PENDING, [])
    assert found.seen == "1 of 3 files done, 1 failed; looking whether that can be repaired"
    here.every_second(5)
    assert here.did == ["mended"]


def test_a_repair_of_living_states_keeps_no_dead_one(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    for_summary = replace(ALWAYS, after_failure=True, phases=("summary",))
    here = attended(tmp_path, patch, ALWAYS, for_summary, phase="convert", shows=FAILED_FILE)
    here.reading = DEAD
    assert here.after() is DEAD


def test_repairs_of_other_phases_are_not_asked(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, phases=("convert",)))
    here.every_second(100)
    assert here.events(Recognised) == []


def test_what_no_repair_mends_in_this_phase_is_dead(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS, replace(ALWAYS, name="other", causes=("another",)))
    here.only(replace(ALWAYS, causes=("another",)))
    found = here.until_still()
    assert (found.progress, found.reason) == (Progress.DEAD, "it is broken")
    assert [event.repair for event in here.events(Recognised)] == [""]


def test_the_first_repair_of_the_cause_does_it(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    other = a_repair("other", causes=("another",))
    here = attended(tmp_path, patch, other, replace(ALWAYS, name="second"), replace(ALWAYS, name="third"))
    here.until_still()
    assert [record["repair"] for record in here.context.state.repairs] == ["second"]


def test_an_effect_that_is_seen_lets_the_phase_go_on(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    seen = False
    here = attended(tmp_path, patch, replace(ALWAYS, took=lambda _case, _state: seen))
    found = here.until_still()
    assert found == pending("mend_it: done, waiting for its effect")
    assert here.after(1).seen == "mend_it: waiting for its effect; summary not started"
    here.reading = done("4 summary rows")  # not believed before the repair is seen to have had an effect
    assert here.after(1).progress is Progress.PENDING
    seen = True
    assert here.after(1) is here.reading
    assert effects(here) == ["worked"]
    assert here.context.finding is None


def test_an_effect_that_stays_away_is_tried_up_to_the_limit(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, limit=2, effect_seconds=10.0))
    found = here.every_second(200)
    assert found.progress is Progress.DEAD
    assert found.reason == "it is broken; mend_it was tried 2 of 2 times: no effect, no effect"
    assert effects(here) == ["no effect", "no effect"]
    assert here.context.finding is not None  # the phase fails of what is broken
    assert [event.cause for event in here.events(Recognised)] == ["it_is_broken"]  # said once


@pytest.mark.parametrize(
    ("after", "effect_seconds", "patience"),
    [(30.0, 120.0, 120.0), (2.0, 120.0, 8.0), (2.0, 10.0, 5.0), (60.0, 600.0, 1200.0)],
)
def test_an_effect_is_waited_for_at_the_deployments_pace(
    tmp_path: Path, patch: pytest.MonkeyPatch, after: float, effect_seconds: float, patience: float
) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, effect_seconds=effect_seconds))
    here.context.repair_after = after
    here.after()
    here.after(1)
    here.after(after)
    assert here.after(patience - 0.1).progress is Progress.PENDING
    assert effects(here) == []
    here.after(0.2)
    assert effects(here) == ["no effect"]


def test_what_is_done_too_late_is_done_all_the_same(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, effect_seconds=10.0))
    here.until_still()
    here.reading = done("4 summary rows")
    assert here.after(11) is here.reading
    assert effects(here) == ["no effect"]
    assert here.context.finding is None  # figures that differ then have another cause


def test_after_a_repair_that_worked_a_dead_reading_is_waited_on(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    """The FAILED file of before stands until Koku takes it up again."""
    here = attended(tmp_path, patch, replace(ALWAYS, limit=1, took=lambda *_: True), phase="convert", shows=FAILED_FILE)
    here.until_still()
    here.reading = DEAD
    assert here.after(1).progress is Progress.PENDING
    found = here.every_second(int(AFTER))
    assert found.progress is Progress.PENDING
    found = here.every_second(5)
    assert (found.progress, found.reason) == (
        Progress.DEAD, "it is broken; mend_it was tried 1 of 1 times: worked"
    )  # fmt: skip


def test_a_dead_reading_without_a_cause_is_believed_at_last(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    broken = True

    def detect(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
        return finding() if broken and observed.still_seconds else None

    once = replace(ALWAYS, took=lambda *_: True)
    here = attended(tmp_path, patch, once, phase="convert", shows=FAILED_FILE, detect=detect)
    here.until_still()
    here.reading, broken = DEAD, False
    found = here.every_second(2 * int(AFTER))
    assert (found.progress, found.reason) == (Progress.DEAD, "1 of 3 files FAILED; Koku's log says why")


def test_what_could_not_be_done_is_said(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> RepairResult:
        raise LookupError("the lock is gone\nand more")

    here = attended(tmp_path, patch, replace(ALWAYS, apply=fails))
    assert here.until_still().seen == "mend_it: could not be done"
    (event,) = here.events(Repaired)
    assert (event.effect, event.did) == ("failed", "the lock is gone")
    assert here.every_second(2 * int(AFTER)).reason.endswith("mend_it was tried 1 of 1 times: failed")


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "off": ({"repair": "off"}, {}, "mend_it could repair it; repairs are off"),
    "none": ({}, {"repairs": "none"}, "mend_it could repair it; the scenario does not allow that"),
    "no list": ({}, {"repairs": ()}, "mend_it could repair it; the scenario does not allow that"),
    "others": ({}, {"repairs": ("stale_lock",)}, "mend_it could repair it; the scenario does not allow that"),
    "asked": ({"repair": "ask"}, {}, "mend_it was declined at the terminal"),
}


@pytest.mark.parametrize(("how", "said", "words"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_repaired_is_dead_with_the_reason(
    tmp_path: Path, patch: pytest.MonkeyPatch, how: dict[str, Any], said: dict[str, Any], words: str
) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, apply=lambda *_: pytest.fail("refused")), **how)
    scenario(here.context, **said)
    found = here.until_still()
    assert (found.progress, found.reason) == (Progress.DEAD, f"it is broken; {words}")
    assert here.context.finding is not None
    assert effects(here) == (["declined"] if how == {"repair": "ask"} else [])


@pytest.mark.parametrize("said", [{"repairs": ("mend_it",)}, {"repairs": None}])
def test_what_the_scenario_allows_is_done(tmp_path: Path, patch: pytest.MonkeyPatch, said: dict[str, Any]) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    scenario(here.context, **said)
    assert here.until_still().progress is Progress.PENDING


def test_asking_tells_what_is_wrong_what_is_done_and_the_undo(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []

    def yes(question: str) -> bool:
        questions.append(question)
        return True

    here = attended(tmp_path, patch, repair="ask", ask=yes)
    here.only(replace(ALWAYS, apply=here.mends))
    here.until_still()
    assert here.did == ["mended"]
    assert questions == [
        "scenario_x: summary: it is broken.\nmend_it mends it.\nIt writes nothing. Undo: not needed.\nDo it?"
    ]


def test_tries_of_before_an_interruption_count(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, ALWAYS)
    before = {"repair": "mend_it", "phase": "summary", "effect": "begun", "folder": "x"}
    here.context.state.repairs = [before, before | {"phase": "convert", "folder": "y"}]
    found = here.until_still()
    assert found.reason == "it is broken; mend_it was tried 1 of 1 times: begun"


def test_who_is_slow_is_named_and_left_alone(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch)
    here.sessions = (session(),)
    here.context.sent.announced_at = "2026-01-01T00:00:00+00:00"
    found = here.every_second(100)
    assert found is WAITS
    (event,) = here.events(Recognised)
    assert (event.cause, event.repair) == ("in_work", "")
    assert here.context.finding is not None


@pytest.mark.parametrize("moves", ["reading", "evidence", "done"])
def test_what_held_it_up_is_no_cause_of_what_comes_after(tmp_path: Path, patch: pytest.MonkeyPatch, moves: str) -> None:
    here = attended(tmp_path, patch)
    here.sessions = (session(),)
    here.context.sent.announced_at = "2026-01-01T00:00:00+00:00"
    here.every_second(100)
    if moves == "evidence":
        here.evidence = {"summary_rows": 7}
    else:
        here.reading = done("4 summary rows") if moves == "done" else pending("summary running")
    here.every_second(20)
    assert here.context.finding is None


@pytest.mark.parametrize(
    ("later", "opened", "repaired"),
    [
        ({"sessions": True}, -20, False),  # the task was taken 20 s ago by who still is at it
        ({}, 0, True),  # it was lost with its queue
    ],
)
def test_a_task_that_left_its_queue_may_be_with_a_process(
    tmp_path: Path, patch: pytest.MonkeyPatch, later: dict[str, bool], opened: float, repaired: bool
) -> None:
    """The source stood still all the time: by that alone, whoever came later would not count."""
    here = attended(tmp_path, patch)
    here.only(a_repair(apply=here.mends), detect=when_nobody_will)
    here.context.sent.announced_at = "2026-01-01T00:00:00+00:00"
    here.queued = TASK
    here.every_second(20)
    here.queued = ()
    if later:
        here.sessions = (session(opened=opened, state="active"),)
    here.every_second(80)
    assert bool(here.did) is repaired


def test_tasks_that_go_round_do_not_hide_that_nothing_changes(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    cases: list[ObservedSource] = []

    def note(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
        cases.append(observed)
        return None

    here = attended(tmp_path, patch, a_repair(), detect=note)
    for second in range(100):
        here.queued = TASK if second % 2 else ()
        here.after(1)
    assert cases
    assert all(case.still_seconds >= AFTER for case in cases)
    assert all(case.unattended_seconds == 0 or case.unattended_seconds >= AFTER for case in cases)
    assert not any(case.queued and case.unattended_seconds for case in cases)


def test_a_source_without_anything_sent_can_be_attended(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    here = attended(tmp_path, patch, replace(ALWAYS, phases=("source",)), phase="source")
    here.context.state.payloads = []
    here.until_still()
    assert [record["repair"] for record in here.context.state.repairs] == ["mend_it"]
