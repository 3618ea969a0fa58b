"""Preflight's checks on clocks and days when a run goes over midnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from checks_scene import NOW, TODAY, Scene
from cluster.picture import Picture, start
from cluster.server import ApiServer

LONG_AGO = TODAY - timedelta(days=400)


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[ApiServer, Picture]]:
    """One server for all scenes; its picture is of no interest here."""
    server, picture = start()
    with server:
        yield server, picture


@pytest.fixture
def scene(shown: tuple[ApiServer, Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A deployment whose servers are healthy."""
    found = Scene(*shown, tmp_path)
    found.patched(monkeypatch)
    return found


def told_at(scene: Scene, moment: datetime) -> None:
    """Masu tells this moment."""
    scene.servers.masu_status = lambda: {"current_datetime": moment.isoformat(), "config": {}}


# Our clock has gone over midnight since the run began at noon of the 21st.
AFTER_MIDNIGHT = NOW + timedelta(hours=13)


@pytest.mark.parametrize("day", ["goes on", "stays"])
@pytest.mark.parametrize("today", [TODAY, TODAY - timedelta(days=100)])
def test_the_day_of_koku_goes_on_or_stays_over_midnight(scene: Scene, day: str, today: date) -> None:
    passed = timedelta(days=day == "goes on")
    scene.servers.now = AFTER_MIDNIGHT
    shown = datetime.combine(today + passed, AFTER_MIDNIGHT.timetz())
    told_at(scene, shown)
    scene.servers.api_says = (today - timedelta(days=90), today + passed + timedelta(days=1))
    for check in ("clocks", "day of the API"):
        assert scene.told(check, today=today, began_on=TODAY) == []


def test_a_day_that_koku_cannot_have_after_midnight_is_an_error(scene: Scene) -> None:
    scene.servers.now = AFTER_MIDNIGHT
    for days in (-1, 2):
        other = AFTER_MIDNIGHT + timedelta(days=days - 1)
        told_at(scene, other)
        scene.servers.api_says = (LONG_AGO, other.date() + timedelta(days=1))
        (clock,) = scene.told("clocks", began_on=TODAY)
        assert clock.startswith("error: the clock of Koku is 86400 s ")
        (api,) = scene.told("day of the API", began_on=TODAY)
        assert api.startswith(f"error: it is {other.date()} for Koku's API and {TODAY} for this run")


def test_a_given_day_does_not_go_on_without_a_midnight(scene: Scene) -> None:
    asked = {"today": LONG_AGO, "began_on": TODAY}
    told_at(scene, datetime.combine(LONG_AGO + timedelta(days=1), NOW.timetz()))
    assert scene.told("clocks", **asked)
    scene.servers.now = AFTER_MIDNIGHT
    assert scene.told("clocks", **asked) == []


def test_the_months_that_are_kept_go_on_with_the_day_of_koku(scene: Scene) -> None:
    scene.servers.now = datetime(2026, 12, 1, 0, 10, tzinfo=UTC)
    scene.servers.api_says = (date(2026, 10, 1), date(2026, 12, 2))
    asked: dict[str, Any] = {"today": date(2026, 11, 30), "months": ("2026-09",)}
    scene.servers.retention = 3
    assert scene.told("retention", **asked, began_on=date(2026, 12, 1)) == []
    (told,) = scene.told("retention", **asked, began_on=date(2026, 11, 30))
    assert "data that end on 2026-09-01, and Koku takes none that end before 2026-09-30" in told
