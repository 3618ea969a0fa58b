"""It can fail: whatever is broken on the way, the run is red and names the place and the figure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from nested import MODES, TODAY, Ended, furnish, quick, run
from selected import parameters

pytestmark = pytest.mark.embedded

PAYLOAD = "CSV -> payload 1: "
ARCHIVE = "payload 1 -> archive: "
LINE_ITEMS = "payload -> line items: "
DAILY = "line items -> daily line items: "
SUMMARY = "line items -> daily summary: "
TABLES = "costs -> UI tables: "
API = "UI tables -> API: "
TOOK_IT = r"rejection of the payload: Koku took the payload: "
ABSENT = "{manifest: absent, summary_rows: 0}"
STARTED = "{download: [start, end], processing: [start, end]}"
# Koku goes on to the end of the manifest, which is seen too if it comes there within the limit.
UNDONE = "not within 2s; last seen: 5 of 6 files done|manifest .* has completed_datetime .* before its files are done"
HALF = f"{{manifest: present, report_status: {{DONE: 5, DOWNLOADING: 1}}, state: {STARTED}, summary_rows: 0}}"
OTHER = f"{{manifest: present, report_status: {{DONE: 4, DOWNLOADING: 2}}, state: {STARTED}, summary_rows: 0}}"


@dataclass(frozen=True)
class Case:
    """What a tampering (of the same name, in ``tampering.py``) must end with.

    ``headline`` and ``detail`` are patterns: the first line of the failure, and something below it. ``plain`` cases
    also run without xdist.
    """

    phase: str
    headline: str
    detail: str = ""
    recording: str = "one_pod_day"
    limits: str = ""
    rest: str = ""
    plain: bool = False

    def scenario(self, name: str) -> str:
        """The scenario file."""
        return quick(name, self.recording, limits=self.limits) + self.rest


def rejected(headline: str, damage: str, traces: str, *, limits: str = "", plain: bool = False) -> Case:
    """A scenario that expects Koku to refuse a payload, which it does not."""
    rest = f"uploads: [{{damage: {damage}}}]\nexpect: {{rejected: {traces}}}\n"
    return Case("rejection", headline, limits=limits, rest=rest, plain=plain)


CASES = {
    # A value, a row and a day of the data change after the expectation was written.
    "csv_value_changed": Case(
        "upload", PAYLOAD + "1 figure differs; .*: pod_usage_cpu_core_seconds is 43200.01, expected 43200", plain=True
    ),
    "csv_row_doubled": Case("upload", PAYLOAD + "11 figures differ; pod_usage / 2026-11-05: rows is 25, expected 24"),
    "csv_day_missing": Case("upload", PAYLOAD + ".*pod_usage / 2026-10-31: the row is missing", recording="two_months"),
    # The flow stops.
    "tenant_row_lost": Case("convert", "1 of 6 files is FAILED, and the provider has no row in", plain=True),
    "object_lost": Case(
        "download", "not within 2s; last seen: no manifest row", "no change for [12]", limits="download: 2s"
    ),
    "report_failed": Case("convert", r"report .*\.csv is FAILED \(was PROCESSING\)"),
    "report_undefined": Case("convert", UNDONE, "undefined 7", limits="convert: 2s"),
    "report_done_without_time": Case("convert", UNDONE, limits="convert: 2s"),
    "manifest_never_completed": Case(
        "manifest",
        "not within 2s; last seen: the cost step has run, completed_datetime is NULL",
        r"manifest completed = NULL(.*\n)+progress +\d+ polls in 2\.\ds, no change for [12]\.\ds",
        limits="manifest: 2s",
        plain=True,
    ),
    # Archive and line items.
    "archive_value_changed": Case(
        "convert", ARCHIVE + "1 figure differs; .*: pod_usage_memory_byte_seconds is .*, expected 92771293593600$"
    ),
    "upload_doubled": Case("api", LINE_ITEMS + ".*: rows is 48, expected 24$", recording="not_daily", plain=True),
    "line_item_deleted": Case("api", LINE_ITEMS + "13 figures .* rows is 23, expected 24"),
    "line_item_changed": Case(
        "api", LINE_ITEMS + "1 figure differs; .*: pod_limit_cpu_core_seconds is 172800.01, expected 172800$"
    ),
    "line_item_is_null": Case("api", LINE_ITEMS + "1 figure differs; .*: pod_request_memory_byte_seconds is "),
    "volume_line_item_deleted": Case("api", LINE_ITEMS + ".*storage_usage / 2026-11-01: ", recording="team_cluster"),
    "daily_line_item_changed": Case("api", DAILY + "1 figure differs; .*: pod_usage_memory_byte_seconds is "),
    # The daily summary.
    "summary_changed": Case(
        "api", SUMMARY + "1 figure .* / ns_a / node_1: pod_usage_cpu_core_hours is 12.0001, expected 12$", plain=True
    ),
    "summary_changed_late": Case("api", SUMMARY + ".*: pod_limit_memory_gigabyte_hours is 97, expected 96$"),
    "summary_row_doubled": Case("api", SUMMARY + ".* / ns_a / node_1: ", "pod_usage_cpu_core_hours.*12.*24"),
    "summary_day_deleted": Case(
        "summary[2]", SUMMARY + "2 figures .* 2026-10-31 / Pod / .*: the row is missing", recording="two_months"
    ),
    "unallocated_deleted": Case("api", SUMMARY + ".* / Worker unallocated / node_1: the row is missing"),
    "summary_namespace_changed": Case("api", SUMMARY + "2 figures", "somebody_else"),
    "cluster_capacity_changed": Case("api", ".*", "97"),
    # What only the API shows.
    "api_total_changed": Case("api", API + "18 figures differ; compute / (total|daily|cluster): ", plain=True),
    "api_project_changed": Case("api", API + ".*memory / project", r"request.*24\b.*25\b|request.*48\b.*49\b"),
    "api_node_changed": Case("api", API + "2 figures differ; compute / node: limit is 96, expected 48$"),
    "api_volume_changed": Case("api", API + ".*volumes", recording="team_cluster"),
    "api_volume_by_project_changed": Case("api", API + ".*volumes / project / .*: usage is ", recording="team_cluster"),
    "api_cost_is_not_zero": Case("api", TABLES + ".*cost_summary_p / .*cost_model_cpu_cost is 0.01, expected 0$"),
    "api_cost_by_project_is_not_zero": Case(
        "api", TABLES + ".*cost_summary_by_project_p / .*cost_model_memory_cost is 0.01, expected 0$"
    ),
    "api_row_deleted": Case("api", API + ".*compute / project / ns_a / 2026-11: the row is missing"),
    # A refusal that is none.
    "rejected_but_has_a_source": Case(
        "rejection",
        TOOK_IT + "it has a manifest row",
        rest=f"source: {{create: false}}\nexpect: {{rejected: {ABSENT}}}\n",
    ),
    "rejected_but_healthy": rejected(TOOK_IT + "it has a manifest row", "not_gzip", ABSENT, plain=True),
    "rejected_half_but_healthy": rejected(TOOK_IT, "missing_file", HALF),
    "rejected_otherwise": rejected(
        # Long enough for the control payload, which waits its turn behind those of all the others.
        "not within 15s; last seen: control payload is through; traces: 5 DONE",
        "missing_file",
        OTHER,
        limits="rejection: 15s",
    ),
    "control_lost": rejected(
        "not within 2s; last seen: control payload: no manifest row yet", "not_gzip", ABSENT, limits="rejection: 2s"
    ),
}


def names(mode: str) -> list[str]:
    """The cases that run in a mode."""
    return [name for name, case in CASES.items() if case.plain or mode == "xdist"]


EACH = pytest.mark.parametrize(
    ("mode", "name"),
    [
        pytest.param(mode, name, marks=[pytest.mark.long] if mode == "plain" else [])
        for mode in MODES
        for name in names(mode)
    ],
)
# All of them run with workers; some of them once more without.
IN_MODES = pytest.mark.parametrize(
    "mode", [pytest.param(mode, marks=[pytest.mark.long] * (mode == "plain")) for mode in MODES]
)
Broken = Callable[[str], Ended]
# Its end is looked for in every report.
ALWAYS = "csv_value_changed"


@pytest.fixture(scope="module")
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, target_file: Path) -> Broken:
    """One run per mode of the tampered scenarios that are asked for, and of one that nobody touches."""
    asked = {ALWAYS, *parameters(request.session, __name__, "name")}

    @cache
    def in_mode(mode: str) -> Ended:
        chosen = [name for name in names(mode) if name in asked]
        scenarios = {name: CASES[name].scenario(name) for name in chosen} | {"untouched": quick("untouched")}
        folder = furnish(tmp_path_factory.mktemp("can-fail"), scenarios)
        # A repair would mend some of it, and say so: that is tested elsewhere.
        args = (
            "--repair=off",
            "scenarios",
            "--target",
            str(target_file),
            "--today",
            TODAY,
            "--keep",
            "none",
            "-p",
            "tampering",
            *MODES[mode],
        )
        return run(folder, *args)

    return in_mode


@IN_MODES
def test_a_run_with_tampered_scenarios_is_red_for_the_product(broken: Broken, mode: str) -> None:
    ended = broken(mode)
    assert ended.code == 1, ended.text
    assert ended.results["run"]["exit_code"] == 1
    assert set(ended.results["counts"]["phases"]) == {"FAILED", "PASSED", "SKIPPED"}
    assert ended.results["warnings"] == []


@IN_MODES
def test_what_nobody_touches_is_green_in_the_same_run(broken: Broken, mode: str) -> None:
    ended = broken(mode)
    assert set(ended.verdicts("untouched").values()) == {"PASSED"}


@EACH
def test_the_first_phase_to_see_it_names_stage_and_figure(broken: Broken, mode: str, name: str) -> None:
    ended = broken(mode)
    case = CASES[name]
    verdicts = ended.verdicts(name)
    assert verdicts[case.phase] == "FAILED", ended.text
    phase = ended.phases[name][case.phase]
    assert re.search(case.headline, phase["headline"]), phase["headline"]
    assert re.search(case.detail, phase["detail"]), phase["detail"]


@EACH
def test_nothing_after_the_failure_is_green_but_cleanup(broken: Broken, mode: str, name: str) -> None:
    ended = broken(mode)
    verdicts = ended.verdicts(name)
    order = list(verdicts)
    failed = order.index(CASES[name].phase)
    assert set(order[:failed]) == {phase for phase, verdict in verdicts.items() if verdict == "PASSED"} - {"cleanup"}
    assert all(verdicts[phase] == "SKIPPED" for phase in order[failed + 1 : -1])
    assert verdicts["cleanup"] == "PASSED"


@IN_MODES
def test_the_failures_stand_in_junit_with_their_reason(broken: Broken, mode: str) -> None:
    ended = broken(mode)
    cases = ended.junit()
    failure = cases["csv_value_changed::upload"].find("failure")
    assert failure is not None
    assert failure.attrib["message"].startswith(PAYLOAD)
    assert cases["csv_value_changed::ingest"].find("skipped") is not None
    assert cases["csv_value_changed::preflight"].find("failure") is None


@IN_MODES
def test_the_console_shows_the_failures_with_their_reason(broken: Broken, mode: str) -> None:
    ended = broken(mode)
    assert "Traceback" not in ended.text
    assert re.search(r"csv_value_changed .* FAIL .*CSV -> payload 1: 1 figure differs", ended.text)
    assert re.search(r"FAILED .*::csv_value_changed::upload - CSV -> payload 1: 1 figure differs", ended.text)
