"""Runs that cross midnight UTC at the end of a month: their day stays, that of the deployment goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nested import TODAY, Ended, furnish, quick, run
from patience import patience

from e2e_validator.deployment import Target
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)
RED = "summary_changed"
# The judge's clock is the stack's, and the first scenario waits for the new day before its data are announced.
OVER_MIDNIGHT = f"""
import os, time
from datetime import timedelta
from e2e_validator import moments

ahead, real = timedelta(seconds=float(os.environ["E2E_AHEAD"])), moments.utc_now
moments.utc_now = lambda: real() + ahead

def pytest_e2e_phase_started(scenario, phase):
    if f"{{scenario}}:{{phase}}" == "first:ingest":
        while moments.utc_now().isoformat() < "{MIDNIGHT.isoformat()}":
            time.sleep(0.1)
"""
# A day is over from then on for the judge, not for the stack that it has started.
A_DAY_PASSES = """
from datetime import timedelta
from e2e_validator import moments

def pytest_e2e_phase_started(scenario, phase):
    if f"{scenario}:{phase}" == "first:ingest":
        real = moments.utc_now
        moments.utc_now = lambda: real() + timedelta(days=1)
"""


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """A run on a deployment whose month turns while the first scenario is at work."""
    scenarios = {"first": quick("first"), "second": quick("second"), RED: quick(RED)}
    folder = furnish(tmp_path_factory.mktemp("midnight"), scenarios)
    (folder / "conftest.py").write_text(OVER_MIDNIGHT, encoding="utf-8")
    moment = MIDNIGHT - timedelta(seconds=patience(8))
    with EmbeddedStack.start(moment=moment) as stack:
        target = folder / "target.json"
        Target.load({"kind": "endpoints", "name": "stack", **stack.endpoints.as_json()}).save(target)
        ahead = {"E2E_AHEAD": str(stack._site.day.shift.total_seconds())}
        paths = [f"scenarios/{name}.yaml" for name in scenarios]
        yield run(folder, *paths, "--target", str(target), "-p", "tampering", "--keep", "none", env=ahead)


def test_the_run_keeps_its_day_and_is_green_around_midnight(crossed: Ended) -> None:
    assert crossed.results["run"]["today"] == "2026-11-30", crossed.text
    for name in ("first", "second"):
        assert set(crossed.verdicts(name).values()) == {"PASSED"}, crossed.text


def test_what_is_wrong_is_red_on_the_other_side_too(crossed: Ended) -> None:
    assert crossed.code == 1, crossed.text
    assert "pod_usage_cpu_core_hours is 12.0001, expected 12" in crossed.phases[RED]["api"]["headline"], crossed.text


def test_the_day_of_a_stack_is_the_run_s_for_good(tmp_path: Path) -> None:
    folder = furnish(tmp_path, {"first": quick("first"), "second": quick("second")})
    (folder / "conftest.py").write_text(A_DAY_PASSES, encoding="utf-8")
    ended = run(folder, "scenarios", "--today", TODAY)
    assert ended.code == 0, ended.text
    assert {verdict for name in ("first", "second") for verdict in ended.verdicts(name).values()} == {"PASSED"}
