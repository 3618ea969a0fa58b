"""Every reading of the phases that wait: what is on its way, what is there, and what will never be.

Done is what a wrong green would be made of, so most of what follows looks nearly done and is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import (
    FILES,
    NOTHING,
    at,
    context,
    file,
    manifest,
    period,
    source_state,
    step,
    whole_state,
)

from e2e_validator.access.source_state import SourceState
from e2e_validator.engine.context import Context
from e2e_validator.errors import GaveUp, HarnessError
from e2e_validator.phases import convert, cost, download, summary
from e2e_validator.phases import manifest as completion
from e2e_validator.waiting import Reading
from e2e_validator.waiting.reading import Progress

PENDING, DONE, DEAD = Progress.PENDING, Progress.DONE, Progress.DEAD
Look = Callable[[Context], Reading]
LOOKS: list[Look] = [download.look, convert.look, summary.look, cost.look, completion.look]


def read(folder: Path, look: Look, shows: SourceState, phase: str = "summary", **more: Any) -> Reading:
    return look(context(folder, phase, shows=shows, **more))


@pytest.mark.parametrize("look", LOOKS)
def test_a_payload_that_went_through_is_done_everywhere(tmp_path: Path, look: Look) -> None:
    assert read(tmp_path, look, source_state()).progress is DONE


@pytest.mark.parametrize("look", LOOKS)
def test_without_a_manifest_nothing_is_done(tmp_path: Path, look: Look) -> None:
    reading = read(tmp_path, look, NOTHING)
    assert reading.progress is (PENDING if look is download.look else DEAD)
    assert "manifest row" in reading.seen


@pytest.mark.parametrize("look", LOOKS)
def test_the_manifest_of_another_payload_proves_nothing(tmp_path: Path, look: Look) -> None:
    """The first payload of the month went through; the second one has not even arrived."""
    assert read(tmp_path, look, source_state(), "summary[2]", months=("2026-11", "2026-11")).progress is not DONE


@pytest.mark.parametrize("look", LOOKS)
def test_a_phase_without_a_source_is_a_bug_of_ours(tmp_path: Path, look: Look) -> None:
    with pytest.raises(HarnessError):
        look(context(tmp_path, create=False))


# download


@pytest.mark.parametrize(
    ("change", "progress"),
    [
        ({"reports": ()}, PENDING),
        ({"reports": (file("DOWNLOADING", completed=None),) * (FILES - 1)}, PENDING),
        ({"reports": (file("DOWNLOADING", completed=None),) * FILES}, DONE),
        ({"reports": (file("DOWNLOADING", completed=None),) * (FILES + 1)}, DEAD),
        ({"state": {}}, PENDING),
        ({"state": {"download": step(start=0)}}, PENDING),
        ({"state": {"download": step(start=0, end=1)}}, DONE),
        ({"state": {"download": step(start=0, failed=1)}}, DEAD),
        ({"state": {"download": step(start=0, failed=1, end=2)}}, DEAD),
        ({"state": {"processing": step(start=0, end=1)}}, PENDING),
        ({"files": FILES - 1, "reports": (file(),) * (FILES - 1)}, DEAD),
        ({"files": FILES + 1}, DEAD),
        ({"files": 0, "reports": ()}, DEAD),
    ],
)
def test_a_download_is_done_with_a_row_for_each_file_and_its_end(
    tmp_path: Path, change: dict[str, Any], progress: Progress
) -> None:
    assert read(tmp_path, download.look, source_state(manifest(**change))).progress is progress


def test_a_download_of_another_count_says_both_numbers(tmp_path: Path) -> None:
    reading = read(tmp_path, download.look, source_state(manifest(files=5)))
    assert reading.reason == "manifest 10 counts 5 files, the payload has 3"


# convert


@pytest.mark.parametrize(
    ("reports", "progress", "seen"),
    [
        ((), PENDING, "0 of 3 files done"),
        ((file(), file()), PENDING, "2 of 3 files done"),
        ((file(), file(), file("DOWNLOADING", completed=None)), PENDING, "2 of 3 files done"),
        ((file(), file(), file("PROCESSING", completed=None)), PENDING, "2 of 3 files done"),
        ((file(), file(), file("PROCESSING", completed=2)), PENDING, "2 of 3 files done"),
        ((file(), file(), file("DONE", completed=None)), PENDING, "2 of 3 files done"),
        ((file(), file(), file("undefined 0")), PENDING, "2 of 3 files done"),
        ((file(), file(), file("OCP_CLOUD_PROCESSING")), PENDING, "2 of 3 files done"),
        ((file(), file(), file("FAILED", completed=None)), DEAD, "2 of 3 files done, 1 failed"),
        ((file(), file("FAILED", completed=2), file()), DEAD, "2 of 3 files done, 1 failed"),
        ((file(),) * 4, DEAD, "4 of 3 files done, 4 files recorded, the payload has 3"),
        ((file(), file(), file(), file("DOWNLOADING", completed=None)), DEAD, "3 of 3 files done, 4 files recorded"),
        ((file(failed="PROCESSING"), file(), file()), DONE, "3 of 3 files done"),
    ],
)
def test_a_conversion_is_done_when_every_file_that_was_sent_is(
    tmp_path: Path, reports: tuple[Any, ...], progress: Progress, seen: str
) -> None:
    reading = read(tmp_path, convert.look, source_state(manifest(reports=reports)))
    assert reading.progress is progress
    assert reading.seen.startswith(seen)


def test_a_failed_file_is_named_with_what_it_was_before(tmp_path: Path) -> None:
    failed = file("FAILED", completed=None, name="pods.csv", failed="PROCESSING")
    reading = read(tmp_path, convert.look, source_state(manifest(reports=(file(), failed, file()))))
    assert reading.reason == "report pods.csv is FAILED (was PROCESSING)"
    assert reading.facts["files"] == {"DONE": 2, "FAILED": 1}


def test_an_abandoned_processing_is_over_without_a_failed_file(tmp_path: Path) -> None:
    state = whole_state(processing=step(start=1, failed=2))
    assert read(tmp_path, convert.look, source_state(manifest(state=state))).progress is DEAD


# summary


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"state": {}}, "summary not started"),
        ({"state": whole_state(summary=step(start=3))}, "summary running"),
        ({"state": whole_state(summary=step(end=5)), "created": None}, "state.summary has ended, the report period"),
    ],
)
def test_a_summary_without_its_end_is_not_done(tmp_path: Path, change: dict[str, Any], seen: str) -> None:
    reading = read(tmp_path, summary.look, source_state(manifest(**change)))
    assert reading.progress is PENDING
    assert reading.seen.startswith(seen)


def test_summary_rows_and_completion_do_not_stand_for_the_end(tmp_path: Path) -> None:
    shows = source_state(manifest(state={"download": step(start=0, end=1)}), summary_rows=1000)
    assert read(tmp_path, summary.look, shows).progress is PENDING


@pytest.mark.parametrize("words", [{"start": 3, "failed": 5}, {"start": 3, "failed": 4, "end": 5}])
@pytest.mark.parametrize("look", [summary.look, completion.look])
def test_a_failed_summary_is_over_because_failed_beats_end(tmp_path: Path, look: Look, words: dict[str, float]) -> None:
    shows = source_state(manifest(state=whole_state(summary=step(**words))))
    assert read(tmp_path, look, shows).progress is DEAD


@pytest.mark.parametrize(
    ("summarised", "progress"),
    [
        (None, PENDING),
        (-100, PENDING),  # of an earlier payload
        (1, PENDING),  # after this manifest was made, before its summary began: still of an earlier payload
        (2.999, PENDING),
        (3, DONE),
        (4, DONE),
        (9, DONE),
    ],
)
def test_a_summary_is_done_when_it_stamped_the_month_itself(
    tmp_path: Path, summarised: float | None, progress: Progress
) -> None:
    shows = source_state(periods=(period(summarised=summarised),))
    assert read(tmp_path, summary.look, shows).progress is progress


def test_the_stamp_of_another_month_does_not_count(tmp_path: Path) -> None:
    shows = source_state(periods=(period("2026-10"), period("2026-11", summarised=None)))
    assert read(tmp_path, summary.look, shows).progress is PENDING
    assert read(tmp_path, summary.look, source_state(periods=(period("2026-10"),))).progress is PENDING
    assert read(tmp_path, summary.look, source_state(periods=())).progress is PENDING


def test_each_payload_waits_for_its_own_month(tmp_path: Path) -> None:
    first, second = manifest(), manifest(id=11, uuid="uuid-2", created=at(20), completed=None, state=whole_state())
    shows = source_state(first, second, periods=(period("2026-10"), period("2026-11", summarised=None)))
    months = ("2026-10", "2026-11")
    assert read(tmp_path, summary.look, shows, months=months).progress is DONE
    assert read(tmp_path, summary.look, shows, "summary[2]", months=months).progress is PENDING


# a second payload of the same month: everything that the first one left behind is there already


def second_payload(**change: Any) -> SourceState:
    """The second payload of a month whose first one went through: summarised 23 to 25 s, costed 26, completed 27."""
    state = whole_state(download=step(start=20, end=21), processing=step(start=21, end=22))
    second = manifest(id=11, uuid="uuid-2", created=at(20), completed=at(27))
    fields = {"state": state | {"summary": step(start=23, end=25)}, "files": FILES} | change.pop("second", {})
    shows = source_state(
        manifest(),
        replace(second, **fields),
        data_updated=at(26.9),
        periods=(period(summarised=24, costed=26),),
    )
    return replace(shows, **change)


def read_second(folder: Path, look: Look, shows: SourceState) -> Progress:
    return read(folder, look, shows, "summary[2]", months=("2026-11", "2026-11")).progress


@pytest.mark.parametrize("look", LOOKS)
def test_a_second_payload_that_went_through_is_done(tmp_path: Path, look: Look) -> None:
    assert read_second(tmp_path, look, second_payload()) is DONE


@pytest.mark.parametrize(
    ("look", "change"),
    [
        # the summary has not begun; the month is stamped and costed by the first payload
        (summary.look, {"second": {"state": {"download": step(start=20, end=21)}, "completed": None}}),
        # the summary says that it has ended, the stamp is still the first payload's
        (summary.look, {"periods": (period(summarised=4, costed=6),)}),
        # the first payload's summary stamped late, when this manifest was there already
        (summary.look, {"periods": (period(summarised=22, costed=6),)}),
        # summarised, but only the first payload's cost step has run
        (completion.look, {"periods": (period(summarised=24, costed=6),)}),
        (cost.look, {"periods": (period(summarised=24, costed=6),)}),
        # the cost step ran between the two summaries
        (completion.look, {"periods": (period(summarised=24, costed=22),)}),
        (cost.look, {"periods": (period(summarised=24, costed=22),)}),
        (cost.look, {"second": {"state": whole_state(summary=step(start=23))}}),
        # the provider's stamp is that of the first payload
        (completion.look, {"data_updated": at(6.9)}),
        (completion.look, {"second": {"completed": None}}),
        (completion.look, {"second": {"state": whole_state(summary=step(start=23))}}),
    ],
)
def test_what_the_first_payload_left_is_not_the_seconds(tmp_path: Path, look: Look, change: dict[str, Any]) -> None:
    assert read_second(tmp_path, look, second_payload(**change)) is PENDING


# cost


@pytest.mark.parametrize(
    ("change", "progress"),
    [
        ({}, DONE),
        ({"periods": ()}, PENDING),
        ({"periods": (period(costed=None),)}, PENDING),
        ({"periods": (period(costed=4.999),)}, PENDING),
        ({"periods": (period(costed=5),)}, DONE),
        ({"periods": (period("2026-10"),)}, PENDING),
        ({"manifests": (manifest(state={}),)}, PENDING),
        ({"manifests": (manifest(state=whole_state(summary=step(start=3))),)}, PENDING),
        ({"manifests": (manifest(completed=None),)}, DONE),
        ({"data_updated": None}, DONE),
    ],
)
def test_the_cost_step_has_run_when_it_ran_after_this_summary(
    tmp_path: Path, change: dict[str, Any], progress: Progress
) -> None:
    assert read(tmp_path, cost.look, replace(source_state(), **change)).progress is progress


# manifest


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"periods": ()}, "the cost step has not run since the summary"),
        ({"periods": (period(costed=None),)}, "the cost step has not run since the summary"),
        ({"periods": (period(costed=4.999),)}, "the cost step has not run since the summary"),
        ({"periods": (period("2026-10"),)}, "the cost step has not run since the summary"),
        ({"periods": (period(costed=7.5),)}, "completed before the cost step ran"),
        ({"data_updated": None}, "completed, but data_updated_timestamp is older"),
        ({"data_updated": at(5.9)}, "completed, but data_updated_timestamp is older"),
    ],
)
def test_a_manifest_is_done_after_summary_cost_completion_alone(
    tmp_path: Path, change: dict[str, Any], seen: str
) -> None:
    reading = read(tmp_path, completion.look, source_state(**change))
    assert reading.progress is PENDING
    assert reading.seen.startswith(seen)


@pytest.mark.parametrize(
    ("compared", "progress"),
    [(6, DONE), (7.2, PENDING), (None, PENDING)],
)
def test_costs_that_are_made_anew_later_are_no_wrong_order(
    tmp_path: Path, compared: float | None, progress: Progress
) -> None:
    made = context(tmp_path, "manifest", shows=source_state(periods=(period(costed=7.5),)))
    made.sent.costed_at = at(compared).isoformat() if compared else ""
    assert completion.look(made).progress is progress


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"completed": None}, "the cost step has run, completed_datetime is NULL"),
        ({"state": whole_state(summary=step(start=3))}, "the cost step has not run since the summary"),
        ({"state": {}}, "the cost step has not run since the summary"),
    ],
)
def test_null_is_never_taken_for_completed(tmp_path: Path, change: dict[str, Any], seen: str) -> None:
    reading = read(tmp_path, completion.look, source_state(manifest(**change)))
    assert (reading.progress, reading.seen) == (PENDING, seen)


def test_null_is_shown_as_null(tmp_path: Path) -> None:
    shows = source_state(manifest(completed=None), data_updated=None, periods=(period(costed=None, summarised=None),))
    assert set(read(tmp_path, completion.look, shows).facts.values()) == {"NULL"}
    assert read(tmp_path, summary.look, shows).facts["summarised"] == "NULL"


def test_a_manifest_that_vanishes_is_the_products_fault(tmp_path: Path) -> None:
    with pytest.raises(GaveUp, match="vanished when every file was done"):
        convert.run(context(tmp_path, "convert", shows=[source_state(), NOTHING]))
