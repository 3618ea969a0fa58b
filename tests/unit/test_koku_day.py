"""The day that it is for Koku while a run goes over midnight: which are believed, and what is lost with a month."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import context

from e2e_validator import moments
from e2e_validator.engine.context import Context
from e2e_validator.engine.koku_day import days_it_may_be, koku_today
from e2e_validator.engine.runner import run_phase
from e2e_validator.errors import Inconclusive, NumbersDiffer, PhaseFailed
from e2e_validator.plugin.registry import PHASES
from e2e_validator.verdict import Verdict

DAY, NEXT = date(2026, 11, 30), date(2026, 12, 1)
AFTER = datetime(2026, 12, 1, 0, 10, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A moment of UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("today", "now", "days"),
    [
        ("2026-11-30", "2026-11-30T12:00", {"2026-11-30"}),
        ("2026-11-30", "2026-11-30T23:57", {"2026-11-30", "2026-12-01"}),
        ("2026-11-30", "2026-12-01T00:02", {"2026-11-30", "2026-12-01"}),
        ("2026-11-30", "2026-12-01T12:00", {"2026-11-30", "2026-12-01"}),
        ("2026-11-30", "2026-12-03T12:00", {"2026-11-30", "2026-12-03"}),
        ("2026-11-30", "2026-11-30T00:02", {"2026-11-29", "2026-11-30"}),
        ("2026-02-28", "2026-12-01T12:00", {"2026-02-28", "2026-03-01"}),
    ],
)
def test_days_go_on_by_the_midnights_since_the_run_began(today: str, now: str, days: set[str]) -> None:
    assert {str(day) for day in days_it_may_be(date.fromisoformat(today), DAY, moment(now))} == days


def over_midnight(folder: Path, monkeypatch: pytest.MonkeyPatch, said: Any, **change: Any) -> Context:
    """A phase of a run that began on DAY, at ten past midnight, where the API tells the days ``said``."""
    monkeypatch.setattr(moments, "utc_now", lambda: AFTER)
    made = context(folder, "api", create=False, today=DAY, **{"began_on": DAY} | change)
    made.clients.koku = cast("Any", SimpleNamespace(report_days=lambda _report: said))
    return made


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ((date(2026, 10, 1), date(2026, 12, 2)), NEXT),
        ((date(2026, 9, 1), date(2026, 12, 1)), DAY),
        ((date(2020, 1, 1), date(2020, 2, 1)), DAY),
        (None, DAY),
    ],
)
def test_the_day_is_kokus_if_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any, day: date) -> None:
    assert koku_today(over_midnight(tmp_path, monkeypatch, said)) == day


def test_koku_is_not_asked_for_a_day_that_can_be_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = over_midnight(tmp_path, monkeypatch, None, began_on=NEXT)
    made.clients.koku = cast("Any", SimpleNamespace())
    monkeypatch.setattr(moments, "utc_now", lambda: moment("2026-12-01T12:00"))
    assert koku_today(made) == DAY


def ended(made: Context, monkeypatch: pytest.MonkeyPatch, error: Exception) -> tuple[str, str]:
    """Verdict and headline of a phase that raises the error."""

    def fail(_context: Context) -> Any:
        raise error

    monkeypatch.setitem(PHASES, "api", fail)
    made.state.verdicts = dict.fromkeys(made.plan.phases, "PASSED")
    finished, _, _ = run_phase(made, PHASES[made.base])
    return finished.verdict, finished.headline


@pytest.mark.parametrize("error", [PhaseFailed("no rows"), NumbersDiffer("24 is 0"), Inconclusive("400")])
def test_days_that_a_deployment_gave_up_are_not_its_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: PhaseFailed
) -> None:
    made = over_midnight(tmp_path, monkeypatch, None)
    made.plan = replace(made.plan, first_day=date(2026, 9, 1))
    verdict, headline = ended(made, monkeypatch, error)
    assert verdict == Verdict.BLOCKED
    assert headline == (
        "a month has ended since the run began on 2026-11-30: Koku may have no data before 2026-10-01 any more,"
        " and the scenario's begin on 2026-09-01"
    )


@pytest.mark.parametrize("change", [{}, {"first": date(2026, 9, 1), "began_on": NEXT}, {"first": date(2026, 8, 1)}])
def test_a_month_that_ended_excuses_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    first = change.pop("first", date(2026, 11, 1))
    made = over_midnight(tmp_path, monkeypatch, None, **change)
    made.plan = replace(made.plan, first_day=first)
    if change:  # hours before the next midnight
        monkeypatch.setattr(moments, "utc_now", lambda: moment("2026-12-01T12:00"))
    assert ended(made, monkeypatch, NumbersDiffer("24 is 0")) == (Verdict.FAILED, "24 is 0")
