"""The lines that a run prints, as the reader sees them."""

from __future__ import annotations

import pytest

from e2e_validator.events import (
    Heartbeat,
    Observed,
    PhaseFinished,
    Recognised,
    Repaired,
    RunFinished,
    RunStarted,
    as_json,
)
from e2e_validator.finding import Finding
from e2e_validator.report.console import (
    Layout,
    closing,
    duration,
    failure_block,
    fault_line,
    header,
    heartbeat_line,
    observed_line,
    phase_line,
    phase_parts,
    repair_line,
    state_style,
)
from e2e_validator.report.outcome import INTERRUPTED
from e2e_validator.report.results import fold
from e2e_validator.report.text import limit, short_duration, shorten, span
from e2e_validator.verdict import Verdict

AT = "2026-11-21T22:33:01+00:00"
LAYOUT = Layout(scenario=16, phase=11)
STUCK = Finding(
    "report_stuck", "3 of 6 files are not done.", remedy="clear what is half written, " * 9 + "then announce it again",
    reference="docs/contract/koku.md 1.3",
)  # fmt: skip


def finished(verdict: str = "PASSED", **fields: object) -> PhaseFinished:
    values: dict[str, object] = {
        "at": AT,
        "scenario": "growing-day",
        "phase": "ingest[2]",
        "verdict": verdict,
        "seconds": 103.2,
    }
    return PhaseFinished(**(values | fields))  # type: ignore[arg-type]


def repaired(**fields: object) -> Repaired:
    values: dict[str, object] = {
        "at": AT,
        "scenario": "growing-day",
        "phase": "ingest[2]",
        "repair": "stuck_report",
        "cause": "report_stuck",
        "number": 1,
        "limit": 2,
        "did": "announced the payload again",
        "effect": "worked",
        "seconds": 170.2,
        "expected": False,
        "undo": "not needed",
        "folder": "growing-day/repairs/1-stuck_report",
    }
    return Repaired(**(values | fields))  # type: ignore[arg-type]


def a_try(**fields: object) -> dict[str, object]:
    """The same as ``PhaseFinished`` carries it."""
    whole = as_json(repaired(**fields))
    return {name: value for name, value in whole.items() if name not in ("event", "at", "scenario", "phase")}


def observed(poll: int, elapsed: float, seen: str) -> Observed:
    return Observed(AT, "growing-day", "ingest[2]", poll, elapsed, seen)


def run_started(**fields: object) -> RunStarted:
    values: dict[str, object] = {
        "at": AT,
        "run_id": "2026-11-21-quiet-heron",
        "target": "embedded",
        "today": "2026-11-21",
        "versions": {"e2e-validator": "0.1.0", "pytest": "9.2.0", "koku-nise": "5.4.4"},
        "scenarios": {"growing-day": ["preflight", "ingest", "ingest[2]"], "one-pod": ["preflight"]},
        "out_dir": "reports/2026-11-21-quiet-heron",
    }
    return RunStarted(**(values | fields))  # type: ignore[arg-type]


def test_header_states_run_target_date_versions_plan_and_output() -> None:
    assert header(run_started()) == (
        "run       2026-11-21-quiet-heron\n"
        "target    embedded\n"
        "today     2026-11-21\n"
        "versions  e2e-validator 0.1.0, pytest 9.2.0, koku-nise 5.4.4\n"
        "plan      2 scenarios, 4 phases\n"
        "output    reports/2026-11-21-quiet-heron"
    )


def test_header_leaves_out_what_is_not_known() -> None:
    text = header(run_started(versions={}, scenarios={"one": ["api"]}))
    assert "versions" not in text
    assert "plan      1 scenario, 1 phase\n" in text


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        ("PASSED", "22:33:01  growing-day       ingest[2]    PASS     1m43s  9 of 9 files, 12 polls"),
        ("REPAIRED", "22:33:01  growing-day       ingest[2]    REPAIRED 1m43s  9 of 9 files, 12 polls"),
        ("FAILED", "22:33:01  growing-day       ingest[2]    FAIL     1m43s  The report ended as FAILED."),
        ("BLOCKED", "22:33:01  growing-day       ingest[2]    BLOCK    1m43s  The report ended as FAILED."),
        ("INCONCLUSIVE", "22:33:01  growing-day       ingest[2]    INCONC   1m43s  The report ended as FAILED."),
        ("ERROR", "22:33:01  growing-day       ingest[2]    ERROR    1m43s  The report ended as FAILED."),
        ("UNCLEAN", "22:33:01  growing-day       ingest[2]    UNCLEAN  1m43s  The report ended as FAILED."),
        ("SKIPPED", "22:33:01  growing-day       ingest[2]    SKIP     1m43s  The report ended as FAILED."),
    ],
)
def test_phase_line_has_fixed_columns_for_every_verdict(verdict: str, line: str) -> None:
    event = finished(verdict, facts="9 of 9 files, 12 polls", headline="The report ended as FAILED.")
    assert phase_line(event, clock="22:33:01", layout=LAYOUT) == line


def test_phase_line_counts_the_repairs_that_worked() -> None:
    tries = [a_try(effect="no effect"), a_try(number=2)]
    line = phase_line(finished("REPAIRED", facts="9 of 9 files", repairs=tries), layout=LAYOUT)
    assert line.endswith("REPAIRED 1m43s  9 of 9 files, 1 repair")


def test_a_long_duration_does_not_touch_a_long_state() -> None:
    assert phase_line(finished("REPAIRED", seconds=1200, facts="done"), layout=LAYOUT).endswith("REPAIRED 20m00s  done")


def test_fault_line_says_how_long_nothing_changed_and_which() -> None:
    event = Recognised(AT, "growing-day", "convert", STUCK, "stuck_report", 31.2)
    assert fault_line(event, clock="22:33:01", layout=LAYOUT) == (
        "22:33:01  growing-day       convert      fault    31.2s  report_stuck: 3 of 6 files are not done."
    )


def test_repair_line_says_what_came_of_it_before_what_was_done() -> None:
    event = repaired(effect="no effect")
    assert repair_line(event, clock="22:34:04", layout=LAYOUT) == (
        "22:34:04  growing-day       ingest[2]    REPAIR   2m50s  stuck_report no effect (1 of 2): announced…"
    )
    narrow = repair_line(event, clock="22:34:04", layout=Layout(16, 11, 80))
    assert narrow == "22:34:04  growing-day       ingest[2]    REPAIR   2m50s  stuck_report no effect…"


def test_phase_line_is_at_most_100_wide_and_marks_its_cuts() -> None:
    event = finished(scenario="a-scenario-with-a-very-long-name", facts="31 days, 4 clusters, " * 9)
    assert phase_line(event, clock="22:33:01", layout=LAYOUT) == (
        "22:33:01  a-scenario-with…  ingest[2]    PASS     1m43s  31 days, 4 clusters, 31 days, 4 clusters…"
    )
    assert len(phase_line(event, clock="22:33:01", layout=LAYOUT)) <= 100


def test_phase_line_without_facts_has_no_trailing_space() -> None:
    assert phase_line(finished(), clock="22:33:01", layout=LAYOUT).endswith("1m43s")


def test_phase_line_takes_no_control_characters_of_an_answer() -> None:
    line = phase_line(finished("FAILED", headline="500\r\n\x1b[31mbad\x07 gateway"), clock="22:33:01", layout=LAYOUT)
    assert line.endswith("1m43s  500 bad gateway")


def test_phase_line_without_clock_shows_the_events_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        line = phase_line(finished())
    time.tzset()
    assert line.startswith("04:03:01  ")


def test_phase_parts_join_to_the_line_and_colour_only_the_state() -> None:
    event = finished("FAILED", headline="The report ended as FAILED.")
    parts = phase_parts(event, clock="22:33:01", layout=LAYOUT)
    assert "".join(text for text, _ in parts) == phase_line(event, clock="22:33:01", layout=LAYOUT)
    assert [(text.strip(), style) for text, style in parts if style] == [("FAIL", {"red": True, "bold": True})]


def test_every_verdict_has_a_style_and_only_passed_is_green() -> None:
    green = {word for word in [*Verdict, INTERRUPTED, "NEW-WORD"] if state_style(word).get("green")}
    assert green == {"PASSED"}
    assert all(state_style(word) for word in [*Verdict, INTERRUPTED, "NEW-WORD"])


def test_layout_follows_the_runs_names_within_bounds() -> None:
    assert Layout.of(run_started(), 140) == Layout(scenario=11, phase=9, width=100)
    assert Layout.of(run_started(scenarios={"n" * 60: ["p" * 60]}), 100) == Layout(scenario=24, phase=12, width=100)
    assert Layout.of(run_started(scenarios={"n" * 60: ["p" * 60]}), 40) == Layout(scenario=16, phase=12, width=80)


def test_heartbeat_says_how_long_of_how_long_what_and_since_when() -> None:
    event = Heartbeat(AT, "growing-day", "ingest", 60, 1200, "4 of 9 files done", 41)
    assert heartbeat_line(event, clock="22:32:18", layout=LAYOUT) == (
        "22:32:18  growing-day       ingest       wait  1m 0s / 20m  4 of 9 files done, no change for 41s"
    )


def test_heartbeat_of_a_wait_that_moves_has_no_age() -> None:
    event = Heartbeat(AT, "growing-day", "ingest", 60, 1200, "4 of 9 files done", 0.2)
    assert heartbeat_line(event, clock="22:32:18", layout=LAYOUT).endswith("4 of 9 files done")


def test_heartbeat_on_a_narrow_terminal_keeps_the_numbers() -> None:
    event = Heartbeat(AT, "growing-day", "ingest", 60, 1200, "4 of 9 files done, 2 queued", 41)
    line = heartbeat_line(event, clock="22:32:18", layout=Layout(16, 11, 80))
    assert line == "22:32:18  growing-day       ingest       wait  1m 0s / 20m  4 of 9 files done…"
    assert len(line) <= 80


def test_observed_line_numbers_the_poll() -> None:
    assert observed_line(observed(118, 1230, "7 of 9 files done"), clock="22:51:10", layout=LAYOUT) == (
        "22:51:10  growing-day       ingest[2]    seen  20m 30s, poll 118  7 of 9 files done"
    )


def test_failure_block_of_a_timeout_says_progress_and_repeat() -> None:
    event = finished(
        "FAILED",
        headline="ingest[2] is not complete after 20m: 7 of 9 files done, 2 queued.",
        data={
            "expected": "every file of manifest 7 to reach DONE",
            "last_seen": "DONE x7, QUEUED x2",
            "polls": 118,
            "unchanged_seconds": 1092,
            "limit_seconds": 1200,
        },
    )
    text = failure_block(
        event,
        observed=[observed(1, 2, "0 of 9 files done"), observed(9, 108, "7 of 9 files done")],
        reproduce='pytest "scenarios/growing-day.yaml::growing-day"',
        files="reports/2026-11-21-quiet-heron/growing-day/",
    )
    seen_at = phase_line(event)[:8]
    assert text == (
        "ingest[2] is not complete after 20m: 7 of 9 files done, 2 queued.\n"
        "\n"
        "  expected    every file of manifest 7 to reach DONE\n"
        f"  last seen   DONE x7, QUEUED x2  ({seen_at}, poll 118)\n"
        "  progress    0 of 9 files done -> 7 of 9 files done in 1m 46s, no change for 18m 12s, the limit is\n"
        "              20m\n"
        '  reproduce   pytest "scenarios/growing-day.yaml::growing-day"\n'
        "  files       reports/2026-11-21-quiet-heron/growing-day/"
    )


def test_failure_block_names_the_cause_and_repairs_tried() -> None:
    event = finished(
        "FAILED", headline="It failed.", finding=STUCK, repairs=[a_try(effect="no effect"), a_try(number=2)]
    )
    other = repaired(phase="download", did="of another phase")
    tries = [repaired(effect="no effect"), repaired(number=2), other]
    clock = phase_line(event)[:5]
    assert failure_block(event, repaired=tries) == (
        "It failed.\n"
        "\n"
        "  cause       report_stuck\n"
        "  found       3 of 6 files are not done.\n"
        f"  remedy      {STUCK.remedy}\n"
        "  reference   docs/contract/koku.md 1.3\n"
        f"  repairs     stuck_report {clock} announced the payload again, no effect (1 of 2)\n"
        f"              stuck_report {clock} announced the payload again, worked (2 of 2)"
    )
    assert "  repairs     stuck_report announced the payload again, no effect (1 of 2)\n" in failure_block(event)


def test_failure_block_of_a_refused_repair_names_its_cause() -> None:
    assert "  cause       report_stuck\n" in failure_block(finished("REPAIRED", headline="repaired", repairs=[a_try()]))


def test_failure_block_keeps_the_lines_of_a_table_of_figures() -> None:
    event = finished(
        "FAILED",
        headline="2 of 24 figures differ.",
        detail="FIGURE   EXPECTED  ACTUAL\nrequest      12.0    11.0\n",
    )
    assert failure_block(event, files="reports/r/") == (
        "2 of 24 figures differ.\n"
        "\n"
        "  FIGURE   EXPECTED  ACTUAL\n"
        "  request      12.0    11.0\n"
        "\n"
        "  files       reports/r/"
    )


def test_failure_block_of_a_blocked_phase_is_one_sentence() -> None:
    event = finished("BLOCKED", headline="No connection to the API at http://127.0.0.1:1/.")
    assert failure_block(event) == "No connection to the API at http://127.0.0.1:1/."


def test_failure_block_without_a_headline_says_how_it_ended() -> None:
    assert failure_block(finished("ERROR")) == "ingest[2] ended as ERROR."


def test_failure_block_ignores_observations_of_other_phases() -> None:
    other = Observed(AT, "growing-day", "ingest", 3, 5, "of another payload")
    assert failure_block(finished("FAILED", headline="It failed."), observed=[other]) == "It failed."


def test_failure_block_wraps_long_answers_under_their_label() -> None:
    event = finished("FAILED", headline="It failed.", data={"expected": "word " * 30 + "end"})
    assert failure_block(event, width=60).splitlines()[2:5] == [
        "  expected    word word word word word word word word word",
        "              word word word word word word word word word",
        "              word word word word word word word word word",
    ]


def test_closing_states_verdict_exit_code_reports_and_command() -> None:
    events = [
        as_json(run_started(scenarios={"one": ["api"]})),
        as_json(finished("FAILED", scenario="one", phase="api")),
        as_json(RunFinished(AT, "r", 1, 132.4)),
    ]
    again = "pytest scenarios/one.yaml"
    assert closing(fold(events), reports=["junit.xml", "results.json"], again=again) == (
        "verdict   FAILED (exit code 1), 2m 12s\nreports   junit.xml  results.json\nagain     pytest scenarios/one.yaml"
    )


def test_closing_of_a_cut_off_run_says_so() -> None:
    assert closing(fold([as_json(run_started())])) == "verdict   INTERRUPTED (no exit code: the run was cut off)"


@pytest.mark.parametrize(
    ("expected", "code", "line"),
    [
        (False, 0, "REPAIRED (exit code 0; with --fail-on-repair 11), 1s"),
        (False, 11, "REPAIRED (exit code 11), 1s"),
        (False, 3, "ERROR (exit code 3), 1s"),
        (True, 0, "REPAIRED (exit code 0), 1s"),
        (True, 11, "ERROR (exit code 11), 1s"),
    ],
)
def test_closing_of_a_repaired_run_never_says_passed(expected: bool, code: int, line: str) -> None:
    end = finished("REPAIRED", repairs=[a_try(expected=expected)])
    assert closing(fold([as_json(end), as_json(RunFinished(AT, "r", code, 1))])) == f"verdict   {line}"


@pytest.mark.parametrize(("code", "word"), [(0, "PASSED"), (2, "INTERRUPTED"), (3, "ERROR")])
def test_closing_never_says_passed_beside_a_non_zero_exit(code: int, word: str) -> None:
    events = [as_json(finished()), as_json(RunFinished(AT, "r", code, 1))]
    assert closing(fold(events)).startswith(f"verdict   {word} (exit code {code})")


@pytest.mark.parametrize(
    ("seconds", "column", "short", "sentence", "as_limit"),
    [
        (0, "0.0s", "0s", "0s", "0s"),
        (0.04, "0.0s", "<1s", "0s", "0.04s"),
        (2.1, "2.1s", "2s", "2s", "2.1s"),
        (59.94, "59.9s", "1m", "1m 0s", "1m"),
        (59.96, "1m00s", "1m", "1m 0s", "1m"),
        (90, "1m30s", "2m", "1m 30s", "1m 30s"),
        (103.2, "1m43s", "2m", "1m 43s", "1m 43s"),
        (1200, "20m00s", "20m", "20m 0s", "20m"),
        (3599.7, "1h00m", "1h", "1h 0m", "1h"),
        (3900, "1h05m", "1h", "1h 5m", "1h 5m"),
        (7200, "2h00m", "2h", "2h 0m", "2h"),
    ],
)
def test_durations_round_without_jumping_over_a_unit(
    seconds: float, column: str, short: str, sentence: str, as_limit: str
) -> None:
    assert duration(seconds) == column
    assert short_duration(seconds) == short
    assert span(seconds) == sentence
    assert limit(seconds) == as_limit


@pytest.mark.parametrize(
    ("text", "width", "result"),
    [
        ("ab", 2, "ab"),
        ("abc", 2, "a…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("one, two", 6, "one…"),
        ("日本語", 4, "日…"),
    ],
)
def test_shortening_counts_terminal_cells(text: str, width: int, result: str) -> None:
    assert shorten(text, width) == result
