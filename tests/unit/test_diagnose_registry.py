"""The one list of detectors: what each says of a source that no run made, and that each finding helps its reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from phase_context import period
from polled_cases import (
    cut_off,
    entry_left,
    failed,
    falsely_done,
    fruitless,
    no_bill,
    not_fetched,
    object_damaged,
    object_lost,
    polling_lock,
    said,
    uncalled,
    unheard,
    unsynced,
)
from repair_cases import (
    DAY,
    DONE,
    DOWNLOADING,
    FAILED,
    PROCESSING,
    SUMMARISED,
    case,
    changed,
    ended,
    failed_without_copy,
    locked,
    lost,
    no_copy,
    open_manifest,
    session,
    stuck,
    uncosted,
    unsummarised,
)
from test_citations import CITATIONS, CONTRACT
from test_diagnose_polled import LINES

from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.detector import Detector
from e2e_validator.diagnose.failures import FAILURES, finding_of_failure
from e2e_validator.diagnose.observed import AskedTwice, ObservedSource
from e2e_validator.diagnose.registry import DETECTORS, recognise
from e2e_validator.diagnose.said import KNOWN
from e2e_validator.engine.deviating import deviates
from e2e_validator.finding import Finding
from e2e_validator.providers.ocp.expect.deviations.registry import DEVIATIONS
from e2e_validator.repair.registry import REPAIRS, repair_of
from e2e_validator.scenario.repair_names import REPAIR_NAMES

ENDED = {"download": {"start": 1, "end": 1}, "processing": {"start": 1, "end": 1}}
PODS = {("pod_usage", DAY): 24}
# A case for each detector that it recognises in a run, by the name of its function.
CASES: dict[str, Callable[[], Case]] = {
    "missing_before_data": no_copy,
    "bill_without_provider": no_bill,
    **{known.cause: partial(said, LINES[known.cause]) for known in KNOWN},
    "polling_locked": polling_lock,
    "poll_unheard": unheard,
    "poll_without_result": fruitless,
    "file_lock_left": entry_left,
    "file_not_fetched": not_fetched,
    "conversion_cut": cut_off,
    "conversion_failed": failed,
    "false_done": falsely_done,
    "archive_damaged": object_damaged,
    "archive_incomplete": object_lost,
    "callback_lost": uncalled,
    "missing_after_failure": failed_without_copy,
    "payload_lost": lost,
    "report_stuck": stuck,
    "lock_left": locked,
    "summary_lost": unsummarised,
    "cost_step_lost": uncosted,
    "completion_lost": open_manifest,
    "file_failed": lambda: stuck(statuses=(DONE, FAILED, DOWNLOADING), was=PROCESSING),
    "container_killed": lambda: stuck(sessions=(session(),), ended=(ended(),)),
    "not_taken": lambda: unsummarised(queued=("summary: a",)),
    "file_unread": lambda: case("convert", DONE, DONE, DOWNLOADING, state=ENDED, sessions=(session(),)),
    "in_work": lambda: stuck(sessions=(session(),)),
    "month_unsummarised": lambda: changed(
        unsummarised(state=SUMMARISED, months=(period(summarised=None),)), months=("2026-11",)
    ),
    "not_read": lambda: lost(unread=1),
    "partition_missing": unsynced,
    "counted_twice": lambda: _with_pods(48),
    "done_without_rows": lambda: _with_pods(0),
    "views_stale": lambda: changed(open_manifest(), phase="api", asked=AskedTwice(1, "x", steady=True)),
}


def _with_pods(count: int) -> Case:
    rows = {"openshift_pod_usage_line_items": {DAY: count} if count else {}}
    return case("convert", DONE, DONE, DONE, state=SUMMARISED, expected_rows=PODS, line_items=rows)


def name_of(detector: Detector) -> str:
    """The name of its function."""
    return getattr(detector.detect, "__name__", "")


EACH = pytest.mark.parametrize("detector", DETECTORS, ids=name_of)


def test_every_detector_has_a_case() -> None:
    assert list(map(name_of, DETECTORS)) == list(CASES)


@EACH
def test_in_a_run_it_fires_where_it_is_asked(detector: Detector) -> None:
    found = CASES[name_of(detector)]()
    finding = recognise(found.observed, found.expected, figures=detector.figures, detectors=[detector])
    assert finding is not None
    assert finding.cause == detector.cause


@EACH
def test_in_another_phase_it_is_not_asked(detector: Detector) -> None:
    found = changed(CASES[name_of(detector)](), phase="upload")
    finding = recognise(found.observed, found.expected, figures=detector.figures, detectors=[detector])
    assert finding is None or not detector.phases
    assert recognise(found.observed, found.expected, figures=not detector.figures, detectors=[detector]) is None


@EACH
def test_of_a_source_that_no_run_made_it_says_what_it_can(detector: Detector) -> None:
    """Each of them on each case: none raises, and those that need no expectation still fire on their own."""
    for make in CASES.values():
        detector.detect(make().observed, None)
    found = detector.detect(CASES[name_of(detector)]().observed, None)
    assert (found is None) is detector.needs_expectation
    assert found is None or found.cause == detector.cause


def test_most_detectors_need_no_expectation() -> None:
    needing = [name_of(one) for one in DETECTORS if one.needs_expectation]
    assert needing == [
        "polling_locked", "poll_unheard", "poll_without_result", "payload_lost", "cost_step_lost", "completion_lost",
        "month_unsummarised", "counted_twice", "done_without_rows",
    ]  # fmt: skip


def findings_of(observed: ObservedSource) -> list[Finding]:
    """Whatever is wrong with a source that no run made, payload by payload, the newest first; each finding once."""
    manifests = sorted(observed.state.manifests, key=lambda manifest: manifest.id, reverse=True)
    payloads = [replace(observed, manifest_uuid=manifest.uuid) for manifest in manifests] or [observed]
    found = [detector.detect(one, None) for one in payloads for detector in DETECTORS]
    return [finding for at, finding in enumerate(found) if finding is not None and finding not in found[:at]]


def test_a_foreign_source_is_told_all_that_is_wrong_with_it() -> None:
    observed = changed(stuck(statuses=(DONE, FAILED, DOWNLOADING)), queued=("q: t",), manifest_uuid="").observed
    assert [finding.cause for finding in findings_of(observed)] == ["file_failed", "not_taken"]
    assert [finding.cause for finding in findings_of(no_copy().observed)] == ["tenant_copy_missing"]


def test_a_foreign_source_that_went_through_has_no_finding() -> None:
    done = open_manifest(completed=7, sessions=(session(),))
    assert findings_of(done.observed) == []


def test_what_is_half_written_is_not_told_without_the_payload() -> None:
    found = stuck()
    (finding,) = findings_of(found.observed)
    assert finding.sentence.endswith("what is half written cannot be told here")
    assert "half written" not in finding.evidence


@EACH
def test_every_finding_has_a_remedy_and_a_reference(detector: Detector) -> None:
    found = CASES[name_of(detector)]()
    for expected in (found.expected, None):
        finding = detector.detect(found.observed, expected)
        if finding is not None:
            _helps(finding)


@pytest.mark.parametrize("cause", [*FAILURES, *(f"refused_{status}" for status in (400, 401, 403, 404, 424, 500, 503))])
def test_every_failure_has_a_remedy_and_a_reference(cause: str) -> None:
    finding = finding_of_failure(cause)
    assert finding.cause == cause
    _helps(finding)


@pytest.mark.parametrize("name", DEVIATIONS)
def test_every_deviation_has_a_remedy_and_a_reference(name: str) -> None:
    error = deviates(DEVIATIONS[name], "x", "y")
    _helps(Finding(error.cause, error.sentence, remedy=error.remedy, reference=error.reference))


def _helps(finding: Finding) -> None:
    assert len(finding.sentence) > 10
    assert len(finding.remedy) > 10
    cited = [one for one in CITATIONS.citations(finding.reference) if one.whole_path]
    assert cited
    for one in cited:
        page = (CONTRACT / f"{one.page}.md").read_text(encoding="utf-8")
        assert one.sections
        assert set(one.sections) <= CITATIONS.sections(page)


def test_a_reference_without_a_section_would_be_found() -> None:
    with pytest.raises(AssertionError):
        _helps(Finding("x", "a long sentence", remedy="a long remedy", reference="docs/contract/koku.md " + "6.99"))
    with pytest.raises(AssertionError):
        _helps(Finding("x", "a long sentence", remedy="a long remedy", reference="ask somebody"))


def test_every_repair_mends_what_a_detector_names() -> None:
    causes = {(one.cause, phase) for one in DETECTORS for phase in one.phases}
    for repair in REPAIRS:
        assert repair.causes
        assert all((cause, phase) in causes for cause in repair.causes for phase in repair.phases)
        assert set(repair.detection.split("; or ")) <= {one.detection for one in DETECTORS}
        assert {repair_of(cause, phase) for cause in repair.causes for phase in repair.phases} == {repair}
    assert {repair.name for repair in REPAIRS} == set(REPAIR_NAMES)


def test_no_repair_is_for_a_cause_elsewhere() -> None:
    assert repair_of("report_stuck", "summary") is None
    assert repair_of("file_failed", "convert") is None
    repair = repair_of("tenant_copy_missing", "convert")
    assert repair is not None
    assert repair.name == "tenant_sync_after_failure"


def test_recognising_lives_in_one_room() -> None:
    """A repair has no eyes of its own; beside the failures' kinds, nothing else makes a finding."""
    package = CONTRACT.parents[1] / "e2e_validator"
    makers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "from e2e_validator.finding import" in path.read_text(encoding="utf-8")
        if re.search(r"(?<![\w.])Finding\($", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {maker.partition("/")[0] for maker in makers} == {"diagnose"}
