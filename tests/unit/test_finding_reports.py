"""A phase's finding in every report: the whole sentence and the remedy, in the same words, cut by nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace

import allure_commons
import pytest

from e2e_validator.bundle.summary import Occasion, summary_text
from e2e_validator.events import PhaseFinished, Recognised, as_json
from e2e_validator.finding import Finding
from e2e_validator.plugin.terminal import finished_of
from e2e_validator.report.allure_repairs import fault_step
from e2e_validator.report.console import UNCUT, Layout, failure_block, fault_line, phase_line
from e2e_validator.report.junit import properties
from e2e_validator.report.redact import Redactor
from e2e_validator.report.results import build_results

AT = "2026-11-21T09:00:00+00:00"
SENTENCE = (
    "every file is done, the summary was never begun, " + "and no task for this source waits or runs " * 5 + "now"
)
REMEDY = "masu's report_data/ makes summary and costs anew; " * 5 + "then look at the worker"
FOUND = Finding("summary_lost", SENTENCE, {"queued": [1]}, REMEDY, "docs/contract/koku.md 1.5")
ENDED = PhaseFinished(AT, "one", "summary", "FAILED", 1.0, headline=SENTENCE, finding=FOUND)
SEEN = Recognised(AT, "one", "summary", FOUND, "", 31.0)


def test_the_failure_section_has_a_line_for_each() -> None:
    lines = failure_block(ENDED, width=80).splitlines()
    rows = [f"  {label:<12}{text}" for label, text in FOUND.rows().items()]
    assert [line for line in lines if line in rows] == rows
    assert list(FOUND.rows()) == ["cause", "found", "remedy", "reference"]


def test_without_a_terminal_no_line_is_cut() -> None:
    uncut = Layout(width=UNCUT)
    assert SENTENCE in phase_line(ENDED, layout=uncut)
    first, second = fault_line(SEEN, layout=uncut).splitlines()
    assert first.endswith(f"summary_lost: {SENTENCE}")
    assert second.strip() == f"remedy: {REMEDY}"


def test_on_a_terminal_lines_fit_it() -> None:
    assert all(len(line) <= 100 for line in fault_line(SEEN, layout=Layout()).splitlines())


def test_a_fault_that_is_about_to_be_repaired_shows_no_remedy() -> None:
    assert REMEDY not in fault_line(Recognised(AT, "one", "summary", FOUND, "lost_summary", 31.0), layout=Layout())


def test_junit_has_it_as_properties() -> None:
    found = dict(properties(ENDED, "r"))
    assert FOUND.rows().items() <= found.items()


def test_results_json_has_the_whole_record() -> None:
    (phase,) = build_results([as_json(ENDED)])["scenarios"][0]["phases"]
    assert phase["finding"] == {
        "cause": "summary_lost", "sentence": SENTENCE, "evidence": {"queued": [1]}, "remedy": REMEDY,
        "reference": "docs/contract/koku.md 1.5", "final": True,
    }  # fmt: skip
    assert phase["cause"] == "summary_lost"


def test_the_summary_of_a_bundle_has_it() -> None:
    page = summary_text(Occasion("one", "summary", "FAILED", SENTENCE, finding=FOUND), AT, [], [SEEN], []).splitlines()
    assert [line for line in page if line.startswith(("* found", "* remedy"))] == [
        f"* found: {SENTENCE}", f"* remedy: {REMEDY}",
    ]  # fmt: skip


@pytest.fixture
def attached() -> Iterator[dict[str, str]]:
    """What is attached for Allure, by name."""
    bodies: dict[str, str] = {}

    class Taker:
        @allure_commons.hookimpl
        def attach_data(self, body: str, name: str, **_: object) -> None:
            bodies[name] = body

    taker = Taker()
    allure_commons.plugin_manager.register(taker)
    yield bodies
    allure_commons.plugin_manager.unregister(taker)


def test_a_step_of_allure_has_it_attached(attached: dict[str, str]) -> None:
    fault_step(SEEN, Redactor())
    assert attached["finding"].splitlines() == [f"{label:<12}{text}" for label, text in FOUND.rows().items()]
    assert json.loads(attached["evidence"]) == {"queued": [1]}


def test_it_comes_whole_from_a_worker() -> None:
    """As xdist sends it: JSON within a report."""
    sent = {name: value for name, value in as_json(ENDED).items() if name != "event"}
    came = finished_of(SimpleNamespace(e2e_finished=json.dumps(sent)))
    assert came is not None
    assert came.finding == FOUND


def test_what_a_product_put_into_it_steers_no_terminal() -> None:
    assert Finding("x", "file \x1b[31m\nb.csv").rows()["found"] == "file \\x1b[31m\\nb.csv"
