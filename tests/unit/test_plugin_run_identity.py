"""The days of a run: read once, handed to workers, and kept by a run that goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from e2e_validator import moments
from e2e_validator.plugin.run_identity import RunIdentity

BEFORE, AFTER = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
DAY = date(2026, 11, 30)


def test_a_new_run_has_one_day_whatever_the_clock_shows_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter((BEFORE, AFTER))
    monkeypatch.setattr(moments, "utc_now", lambda: next(shown))
    made = RunIdentity.new(tmp_path)
    assert (made.run_id[:17], made.today, made.began_on) == ("2026-11-30-235959", DAY, DAY)


def test_a_run_that_goes_on_the_day_after_keeps_its_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "utc_now", lambda: AFTER)
    again = RunIdentity.of_resumed("run-1", tmp_path, "2026-02-28", "2026-11-30")
    workerinput: dict[str, Any] = {"workerid": "gw0"}
    again.tell(workerinput)
    for one in (again, RunIdentity.of_worker(workerinput)):
        assert (one.today, one.began_on) == (date(2026, 2, 28), DAY)
