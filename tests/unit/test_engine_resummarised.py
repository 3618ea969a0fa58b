"""What counts as summarised and costed after a repair made the summary anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import at, context, manifest, period, source_state, step, whole_state

from e2e_validator.access.source_state import Period
from e2e_validator.engine.context import Context
from e2e_validator.engine.resummarised import costed_after_summary, was_resummarised

# A summary that was begun and never ended; its month had been summarised 4 s after noon by an earlier payload.
BROKEN = manifest(state=whole_state(summary=step(start=10)), completed=None)
ENDED = manifest()


def tried(phase: str = "summary", **change: Any) -> dict[str, Any]:
    """A try of the repair, with the stamps of before it."""
    record = {"repair": "lost_summary", "phase": phase, "effect": "worked"}
    return record | {"summarised": at(4).isoformat(), "costed": at(6).isoformat()} | change


def after(
    folder: Path, *tries: dict[str, Any], phase: str = "summary", months: tuple[str, ...] = ("2026-11",)
) -> Context:
    found = context(folder, phase, months=months)
    found.state.repairs = list(tries)
    return found


@pytest.mark.parametrize(
    ("tries", "stamp", "again"),
    [
        ([], 20, None),
        ([tried()], 4, None),
        ([tried()], None, None),
        ([tried()], 20, 20),
        ([tried(summarised=None)], 4, 4),
        ([tried(effect="begun")], 20, 20),
        ([tried(), tried(summarised=at(20).isoformat())], 20, None),
        ([tried(), tried(summarised=at(20).isoformat())], 30, 30),
        ([tried(repair="stale_lock")], 20, None),
        ([tried("summary[2]")], 20, None),
        ([tried("cost")], 20, None),
    ],
    ids=[
        "no repair", "not yet", "not at all", "made anew", "for the first time", "by one that was interrupted",
        "the second try, not yet", "the second try", "another repair", "of another payload", "of another phase",
    ],
)  # fmt: skip
def test_a_month_is_resummarised_when_its_time_has_changed(
    tmp_path: Path, tries: list[dict[str, Any]], stamp: float | None, again: float | None
) -> None:
    state = source_state(BROKEN, periods=(period(summarised=stamp),))
    found = was_resummarised(after(tmp_path, *tries), state)
    assert found == (None if again is None else at(again))


def test_the_repair_of_one_payload_says_nothing_of_another(tmp_path: Path) -> None:
    months = ("2026-11", "2026-11")
    state = source_state(BROKEN, periods=(period(summarised=20),))
    second = tried("summary[2]")
    assert was_resummarised(after(tmp_path, second, phase="manifest[2]", months=months), state) == at(20)
    assert was_resummarised(after(tmp_path, second, phase="manifest", months=months), state) is None


def test_another_month_is_not_this_one(tmp_path: Path) -> None:
    state = source_state(BROKEN, periods=(period("2026-10", summarised=20),))
    assert was_resummarised(after(tmp_path, tried()), state) is None


@pytest.mark.parametrize(
    ("costed", "expected"), [(6, False), (19, False), (20, True), (25, True), (None, False)],
    ids=["that of before", "before the new summary", "with it", "after it", "never"],
)  # fmt: skip
def test_costs_count_after_the_summary_that_was_made_anew(tmp_path: Path, costed: float | None, expected: bool) -> None:
    state = source_state(BROKEN, periods=(period(summarised=20, costed=costed),))
    found = costed_after_summary(after(tmp_path, tried(), phase="cost"), state, BROKEN)
    assert found == (None if costed is None else at(costed), expected)


def test_costs_do_not_count_before_the_summary_was_made_anew(tmp_path: Path) -> None:
    state = source_state(BROKEN, periods=(period(summarised=4, costed=25),))
    assert costed_after_summary(after(tmp_path, tried(), phase="cost"), state, BROKEN)[1] is False


@pytest.mark.parametrize("tries", [[], [tried()]], ids=["no repair", "a summary that ended after all"])
@pytest.mark.parametrize(("costed", "expected"), [(4.9, False), (5, True)])
def test_a_summary_with_an_end_counts_by_its_end(
    tmp_path: Path, tries: list[dict[str, Any]], costed: float, expected: bool
) -> None:
    state = source_state(ENDED, periods=(replace(period(), cost_derived=at(costed)),))
    assert costed_after_summary(after(tmp_path, *tries, phase="cost"), state, ENDED)[1] is expected


def test_without_a_period_nothing_is_costed(tmp_path: Path) -> None:
    none: tuple[Period, ...] = ()
    state = source_state(BROKEN, periods=none)
    assert costed_after_summary(after(tmp_path, tried(), phase="cost"), state, BROKEN) == (None, False)
