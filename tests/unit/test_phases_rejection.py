"""A rejection is believed late: when a healthy payload sent after it went the whole way, and nothing changed since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import (
    CONTROL_PROVIDER,
    FILES,
    NOTHING,
    PROVIDER,
    at,
    context,
    database,
    file,
    manifest,
    source_state,
    step,
)

from e2e_validator.access.source_state import Manifest, SourceState
from e2e_validator.errors import HarnessError
from e2e_validator.phases.rejection import LEAST_SETTLE_SECONDS, Watch, wanted_traces
from e2e_validator.scenario.model import Rejected, ReportStatus, State
from e2e_validator.waiting import Reading
from e2e_validator.waiting.reading import Progress

PENDING, DONE, DEAD = Progress.PENDING, Progress.DONE, Progress.DEAD
NOTHING_LEFT = Rejected(manifest="absent")
ONE_MISSING = Rejected(
    manifest="present",
    report_status=ReportStatus(DONE=2, DOWNLOADING=1),
    state=State(download=("start", "end"), processing=("start", "end")),
)
STATE = {"download": step(start=0, end=1), "processing": step(start=1, end=2)}
MISSING = manifest(state=STATE, completed=None, reports=(file(), file(), file("DOWNLOADING", completed=None)))


def control(**change: Any) -> SourceState:
    """The control payload's source, when its manifest is completed (0.5 s after it was made)."""
    return source_state(manifest(uuid="uuid-w", completed=at(0.5), **change))


class Scene:
    """A watch with a clock that the test moves."""

    def __init__(self, folder: Path, expected: Rejected = NOTHING_LEFT, **more: Any) -> None:
        self.now = 1000.0
        self.context = context(folder, "rejection", rejected=expected, **more)
        self.database = database(self.context)
        self.watch = Watch(self.context, expected, clock=lambda: self.now)

    def look(self, seconds: float, **shows: Any) -> Reading:
        """One look ``seconds`` after the last, when the database shows both payloads like this."""
        self.now += seconds
        for name, provider in (("bad", PROVIDER), ("control", CONTROL_PROVIDER)):
            if name in shows:
                self.database.states[provider] = shows[name]
        return self.watch.look()


def bad(row: Manifest = MISSING, rows: int = 0) -> SourceState:
    return source_state(row, summary_rows=rows, periods=())


def test_nothing_is_believed_before_the_control_is_there(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert scene.look(0).progress is PENDING
    assert scene.look(1000).seen == "control payload: no manifest row yet; traces: manifest absent"


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"reports": (), "completed": None}, "0 of 3 files done"),
        ({"reports": (file(), file(), file("PROCESSING", completed=None)), "completed": None}, "2 of 3 files done"),
        ({"completed": None}, "3 of 3 files done, not completed yet"),
        # completed in the database, but not whole: that is no control payload either
        ({"reports": (file(), file())}, "2 of 3 files done"),
    ],
)
def test_a_control_under_way_proves_nothing(tmp_path: Path, change: dict[str, Any], standing: str) -> None:
    scene = Scene(tmp_path)
    shows = source_state(manifest(**{"uuid": "uuid-w", "completed": at(0.5)} | change))
    for seconds in (0, 100, 100):
        reading = scene.look(seconds, control=shows)
        assert (reading.progress, reading.seen) == (PENDING, f"control payload: {standing}; traces: manifest absent")


def test_a_control_of_another_run_is_none(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    shows = source_state(manifest(uuid="uuid-of-yesterday", completed=at(0.5)))
    assert [scene.look(100, control=shows).progress for _ in range(3)] == [PENDING] * 3


def test_a_control_that_fails_ends_the_wait(tmp_path: Path) -> None:
    shows = source_state(manifest(uuid="uuid-w", reports=(file(), file("FAILED")), completed=None))
    reading = Scene(tmp_path).look(1, control=shows)
    assert (reading.progress, reading.reason) == (DEAD, "the control payload failed, so nothing proves a rejection")


def test_a_still_source_is_believed_after_the_controls_time(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.look(0)
    assert scene.look(10, control=control()).progress is PENDING
    assert scene.look(9.9).progress is PENDING
    reading = scene.look(0.2)
    assert (reading.progress, reading.seen) == (DONE, "manifest absent")


def test_a_quick_control_still_leaves_some_time_to_settle(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.look(0, control=control())
    assert scene.look(LEAST_SETTLE_SECONDS - 0.1).progress is PENDING
    assert scene.look(0.2).progress is DONE


def test_a_control_done_before_the_first_look_counts_its_time(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    slow = source_state(manifest(uuid="uuid-w", created=at(0), completed=at(30)))
    scene.look(0, control=slow)
    assert scene.look(29.9).progress is PENDING
    assert scene.look(0.2).progress is DONE


def test_without_the_times_of_koku_its_own_clock_counts(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.look(0)
    scene.look(20, control=control(created=None))
    assert scene.look(19.9).progress is PENDING
    assert scene.look(0.2).progress is DONE


def test_traces_that_change_start_the_clock_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path, ONE_MISSING)
    scene.look(0, bad=bad(), control=control())
    assert scene.look(1.9).progress is PENDING
    other = replace(MISSING, reports=(file(), file(), file("PROCESSING", completed=None)))
    assert scene.look(0.05, bad=bad(other)).seen.startswith("control payload is through; traces: 2 DONE, 1 PROCESSING")
    assert scene.look(0.05, bad=bad()).progress is PENDING
    assert scene.look(1.9).progress is PENDING
    assert scene.look(0.2).progress is DONE


def test_a_control_that_is_lost_again_starts_the_clock_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.look(0, control=control())
    scene.look(1.9, control=NOTHING)
    assert scene.look(0.2, control=control()).progress is PENDING
    assert scene.look(1.9).progress is PENDING
    assert scene.look(0.2).progress is DONE


@pytest.mark.parametrize(
    ("expected", "shows", "taken"),
    [
        (NOTHING_LEFT, bad(), "it has a manifest row"),
        (NOTHING_LEFT, bad(replace(MISSING, uuid="uuid-of-another")), "it has a manifest row"),
        (NOTHING_LEFT, source_state(summary_rows=0), "its manifest is completed"),
        (ONE_MISSING, bad(rows=1), "1 rows in the daily summary"),
        (ONE_MISSING, bad(replace(MISSING, completed=at(3))), "its manifest is completed"),
    ],
)
def test_a_payload_that_was_taken_is_no_rejection(
    tmp_path: Path, expected: Rejected, shows: SourceState, taken: str
) -> None:
    reading = Scene(tmp_path, expected).look(0, bad=shows)
    assert (reading.progress, reading.seen) == (DEAD, taken)


def test_a_payload_taken_at_the_last_moment_is_seen(tmp_path: Path) -> None:
    scene = Scene(tmp_path, ONE_MISSING)
    scene.look(0, bad=bad(), control=control())
    scene.look(1.9)
    assert scene.look(0.2, bad=bad(rows=4)).progress is DEAD


@pytest.mark.parametrize(
    "change",
    [
        {"reports": MISSING.reports[:2]},
        {"reports": (file(), file(), file())},
        {"reports": (file(), file(), file("DONE", completed=None))},
        {"reports": (file(), file(), file("FAILED"))},
        {"state": {"download": step(start=0, end=1)}},
        {"state": {}},
        {"state": STATE | {"processing": step(start=0)}},
        {"state": STATE | {"processing": step(start=0, end=1, failed=1)}},
        {"state": STATE | {"summary": step(start=3)}},
        {"uuid": "uuid-of-another"},
    ],
)
def test_other_traces_than_those_of_a_real_koku_are_never_done(tmp_path: Path, change: dict[str, Any]) -> None:
    scene = Scene(tmp_path, ONE_MISSING)
    shows = bad(replace(MISSING, **change))
    scene.look(0, bad=shows, control=control())
    assert [scene.look(100).progress for _ in range(3)] == [PENDING] * 3


def test_a_payload_that_vanished_is_not_one_that_left_traces(tmp_path: Path) -> None:
    scene = Scene(tmp_path, ONE_MISSING)
    scene.look(0, control=control())
    reading = scene.look(100)
    assert reading.progress is PENDING
    assert "traces: manifest absent, expected: 2 DONE, 1 DOWNLOADING" in reading.seen


def test_a_queued_summary_is_not_mistaken_for_none(tmp_path: Path) -> None:
    """Every file DONE and nothing summarised is what a payload without dates leaves, and a busy worker's queue too."""
    no_dates = Rejected(manifest="present", report_status=ReportStatus(DONE=FILES), state=ONE_MISSING.state)
    waiting = manifest(state=STATE, completed=None)
    converted = source_state(manifest(uuid="uuid-w", completed=None))
    scene = Scene(tmp_path, no_dates)
    assert [scene.look(100, bad=bad(waiting), control=converted).progress for _ in range(3)] == [PENDING] * 3


@pytest.mark.parametrize(("manifests", "progress"), [(0, DONE), (1, DEAD)])
def test_without_a_source_manifests_are_looked_for_by_cluster(
    tmp_path: Path, manifests: int, progress: Progress
) -> None:
    scene = Scene(tmp_path, create=False)
    del scene.database.states[PROVIDER]
    scene.database.manifests = manifests
    scene.look(0, control=control())
    assert scene.look(100).progress is progress


def test_a_manifest_without_its_source_is_never_done(tmp_path: Path) -> None:
    scene = Scene(tmp_path, ONE_MISSING, create=False)
    scene.database.manifests = 1
    scene.look(0, control=control())
    reading = scene.look(100)
    assert (reading.progress, "traces: manifest present, expected:" in reading.seen) == (PENDING, True)


def test_a_manifest_of_another_provider_is_a_trace(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.database.manifests = 1
    assert scene.look(0, control=control()).progress is DEAD


def test_a_rejection_without_a_control_is_a_bug_of_ours(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.context.state.payloads.pop()
    with pytest.raises(HarnessError):
        scene.look(0)


def test_what_is_wanted_leaves_out_what_is_not_there() -> None:
    assert wanted_traces(ONE_MISSING) == {
        "manifest": "present",
        "summary_rows": 0,
        "report_status": {"DONE": 2, "DOWNLOADING": 1},
        "state": {"download": ["end", "start"], "processing": ["end", "start"]},
        "completed": False,
    }
    assert wanted_traces(NOTHING_LEFT) == {"manifest": "absent", "summary_rows": 0}
