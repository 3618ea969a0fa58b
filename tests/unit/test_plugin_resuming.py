"""Going on with a run: which run it is, where each of its scenarios goes on, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from phase_context import sent, source

from e2e_validator.deployment import Target
from e2e_validator.deployment.identity import addresses
from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.errors import UsageError
from e2e_validator.plugin.resuming import (
    Course,
    Past,
    Way,
    check_scenarios,
    check_target,
    course,
    course_from,
    find_run,
    go_on,
    past_of,
    take,
)
from e2e_validator.plugin.run_record import FILE, RunRecord, ScenarioRecord
from e2e_validator.providers.ocp.flow import FLOW
from e2e_validator.report.redact import Redactor
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan

WHOLE = FLOW.phases(1, negative=False)
ADDRESSES = {"koku_url": "http://koku/", "dsn": "db:5432/koku"}


def a_record(run: str = "2026-11-21-120000-abcd", **change: Any) -> RunRecord:
    target = {"kind": "endpoints", "title": "endpoints koku", **ADDRESSES}
    days = {"today": "2026-11-21", "began_on": "2026-11-29"}
    fields: dict[str, Any] = {"run": run, **days, "target": target, "options": {}, "versions": {}}
    return RunRecord(**fields | change)


def a_run(reports: Path, run: str = "2026-11-21-120000-abcd") -> Path:
    """The folder of a run that wrote its record."""
    (reports / run).mkdir(parents=True)
    a_record(run).write(reports / run)
    return reports / run


# which run


def test_a_run_is_found_by_its_id_its_path_or_as_the_latest(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    folder = a_run(reports)
    (reports / "latest").symlink_to(folder.name)
    for value in ("latest", folder.name, f"reports/{folder.name}", f"reports/{folder.name}/", str(folder)):
        assert find_run(value, reports=reports, here=tmp_path) == folder


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-11-21-120000-abce", "did you mean 2026-11-21-120000-abcd?"),
        ("nosuch", "the latest is 2026-11-22-080000-0000"),
        ("scenarios", "put --resume last (pytest scenarios --resume)"),
        ("project", "put --resume last"),
        ("scenarios/a.yaml", "put --resume last"),
        ("scenarios/a.yaml::a::summary", "put --resume last"),
    ],
)
def test_what_is_no_run_says_what_to_write(tmp_path: Path, value: str, words: str) -> None:
    for run in ("2026-11-21-120000-abcd", "2026-11-22-080000-0000"):
        a_run(tmp_path / "reports", run)
    for folder in (tmp_path, tmp_path / "project"):
        (folder / "scenarios").mkdir(parents=True)
        (folder / "scenarios" / "a.yaml").touch()
    with pytest.raises(UsageError) as refused:
        find_run(value, reports=tmp_path / "reports", here=tmp_path)
    assert words in str(refused.value)


def test_without_any_run_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no run in .*reports to go on with"):
        find_run("latest", reports=tmp_path / "reports", here=tmp_path)


def test_a_run_without_a_first_phase_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "reports" / "2026-11-21-120000-abcd").mkdir(parents=True)
    folder = find_run("2026-11-21-120000-abcd", reports=tmp_path / "reports", here=tmp_path)
    with pytest.raises(UsageError, match="ended before its first phase; there is nothing to go on with"):
        RunRecord.read(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "e2e-validator/run", "version": 2}', '{"format": 1}'])
def test_a_record_that_cannot_be_read_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="start a new run"):
        RunRecord.read(tmp_path)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    scenarios = {"a": ScenarioRecord("a.yaml", "d", {"data": "1"}, WHOLE)}
    record = a_record(scenarios=scenarios)
    record.write(tmp_path)
    assert RunRecord.read(tmp_path) == record
    assert ScenarioRecord.from_json(scenarios["a"].as_json("a")) == ("a", scenarios["a"])


def test_the_addresses_of_a_target_hold_no_secret() -> None:
    target = Target.unknown().model_copy(
        update={"dsn": "postgresql://me:secret-1@db:5433/koku?sslmode=require", "s3_secret_key": "secret-2"}
    )
    found = addresses(target)
    assert found["dsn"] == "db:5433/koku"
    assert "secret" not in json.dumps(found)
    assert addresses(target.model_copy(update={"dsn": "host=db port=5433 dbname=koku user=other"})) == found


@pytest.mark.parametrize(
    ("target", "given", "words"),
    [
        ({"kind": "embedded", "title": "embedded stack"}, ADDRESSES, "had an embedded stack of its own"),
        ({"kind": "embedded", "title": "embedded stack"}, None, "had an embedded stack of its own"),
        ({}, None, "was made on endpoints koku; give its file with --target"),
        ({}, ADDRESSES | {"dsn": "db:5432/other"}, "another target than --target says: dsn was db:5432/koku"),
    ],
)
def test_another_target_is_refused(target: dict[str, str], given: dict[str, str] | None, words: str) -> None:
    record = a_record()
    record = a_record(target={**record.target, **target})
    with pytest.raises(UsageError) as refused:
        check_target(record, given)
    assert words in str(refused.value)


def test_the_same_target_under_another_name_is_the_same() -> None:
    check_target(a_record(), ADDRESSES)


def test_a_database_named_like_its_password_is_masked_alike() -> None:
    given = ADDRESSES | {"dsn": "db:5432/postgres"}
    masked = a_record(target={**a_record().target, **given, "dsn": "db:5432/***"})
    check_target(masked, given, Redactor(["postgres"]))
    with pytest.raises(UsageError, match="another target"):
        check_target(masked, given, Redactor(["another"]))


# which scenarios

TEXT = """
version: 1
name: a
description: One.
period: {start: month-1m+4d, end: month-1m+5d}
data: {template: one_pod.yml}
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("One.", "One.  # why"), []),
        (("name: a", "name: 'a'"), []),
        (("One.", "Two."), ["description"]),
        (("+5d", "+6d"), ["period"]),
        (("data:", "tags: [x]\ndata:"), ["tags"]),
        (("data: {template: one_pod.yml}", "data: {template: team_cluster.yml}"), ["data"]),
    ],
)
def test_a_scenario_that_says_something_else_is_refused(
    tmp_path: Path, checkout: Path, change: tuple[str, str], said: list[str]
) -> None:
    def recorded(text: str) -> ScenarioRecord:
        path = tmp_path / "a.yaml"
        path.write_text(text, encoding="utf-8")
        day = date(2026, 11, 21)
        loaded = load_scenario(path, fixtures=checkout / "fixtures", today=day)
        return ScenarioRecord.of(loaded, plan(loaded, day))

    before, now = recorded(TEXT), recorded(TEXT.replace(*change))
    assert before.changes(now) == said
    run = a_record(scenarios={"a": before})
    check_scenarios(run, {"a": before, "new": now})
    if said:
        with pytest.raises(UsageError, match=f"a is not what it was in the run .*: {said[0]} changed"):
            check_scenarios(run, {"a": now})


def test_a_template_that_changed_is_told() -> None:
    before = ScenarioRecord("a.yaml", "1", {"data": "x"}, WHOLE)
    assert before.changes(ScenarioRecord("a.yaml", "2", {"data": "x"}, WHOLE)) == ["the files it names"]


# where a scenario goes on


def passed(*names: str, **more: str) -> dict[str, str]:
    return dict.fromkeys(names, "PASSED") | more


UNTIL_CONVERT = passed(*WHOLE[: WHOLE.index("summary")])
KEPT = passed(*WHOLE[:-1], cleanup="SKIPPED")
FAILED = UNTIL_CONVERT | {"summary": "FAILED"} | dict.fromkeys(("cost", "manifest", "api"), "SKIPPED")


@pytest.mark.parametrize(
    ("verdicts", "tale", "expected"),
    [
        pytest.param({}, Past(), Course(Way.NEW, "preflight"), id="never begun"),
        pytest.param({}, Past({"summary": "FAILED", "cleanup": "PASSED"}, cleaning=True),
                     Course(Way.ONWARD, "preflight"), id="begun anew, killed before preflight ended"),
        pytest.param(UNTIL_CONVERT, Past(UNTIL_CONVERT), Course(Way.ONWARD, "summary"), id="killed in summary"),
        pytest.param(UNTIL_CONVERT | {"convert": "REPAIRED"}, Past(UNTIL_CONVERT | {"convert": "REPAIRED"}),
                     Course(Way.ONWARD, "summary"), id="repaired is done"),
        pytest.param(UNTIL_CONVERT, Past(passed(*WHOLE[: WHOLE.index("convert")])), Course(Way.ONWARD, "convert"),
                     id="killed before the journal knew"),
        pytest.param(FAILED | {"cleanup": "SKIPPED"}, Past(FAILED | {"cleanup": "SKIPPED"}, cleaning=True),
                     Course(Way.ONWARD, "summary"), id="failed and kept"),
        pytest.param(FAILED | {"cleanup": "PASSED"}, Past(FAILED | {"cleanup": "PASSED"}, cleaning=True),
                     Course(Way.ANEW, "preflight"), id="failed and cleaned up"),
        pytest.param(FAILED | {"cleanup": "PASSED"}, Past(FAILED, cleaning=True),
                     Course(Way.ANEW, "preflight"), id="cleaned up, killed before the journal knew"),
        pytest.param(FAILED, Past(FAILED, cleaning=True), Course(Way.CLEANUP, "cleanup"), id="killed in cleanup"),
        pytest.param(FAILED | {"cleanup": "UNCLEAN"}, Past(FAILED | {"cleanup": "UNCLEAN"}, cleaning=True),
                     Course(Way.CLEANUP, "cleanup"), id="not everything could be removed"),
        pytest.param(passed(*WHOLE), Past(passed(*WHOLE), cleaning=True), Course(Way.COMPLETE), id="through"),
        pytest.param(KEPT, Past(KEPT, cleaning=True), Course(Way.ONWARD, "cleanup"), id="through and kept"),
        pytest.param(passed(*WHOLE[:-1]), Past(passed(*WHOLE[:-1]), cleaning=True), Course(Way.ONWARD, "cleanup"),
                     id="through, killed in cleanup"),
    ],
)  # fmt: skip
def test_a_scenario_goes_on_where_it_stopped(verdicts: dict[str, str], tale: Past, expected: Course) -> None:
    assert course(WHOLE, verdicts, tale) == expected


def test_the_journal_tells_how_phases_ended_and_a_last_cleanup() -> None:
    def events(*steps: str) -> list[dict[str, Any]]:
        found = []
        for step in steps:
            phase, _, verdict = step.partition(" ")
            found.append({"event": "PhaseStarted", "scenario": "a", "phase": phase})
            if verdict:
                found.append({"event": "PhaseFinished", "scenario": "a", "phase": phase, "verdict": verdict})
        return [{"event": "RunStarted"}, *found, {"event": "JournalDamaged"}]

    assert past_of(events("source PASSED", "upload FAILED", "upload PASSED", "ingest")) == {
        "a": Past({"source": "PASSED", "upload": "PASSED"})
    }
    assert past_of(events("source PASSED", "cleanup"))["a"] == Past({"source": "PASSED"}, cleaning=True)
    assert past_of(events("cleanup PASSED", "source"))["a"].cleaning is False
    assert past_of([{"event": "RunStarted"}]) == {}


def test_of_the_verdicts_only_those_of_kept_phases_stay(tmp_path: Path) -> None:
    state = ScenarioState(tmp_path / "state.json", "0", dict(FAILED), source(), payloads=[sent(1)])
    state.save()
    take(state, WHOLE, Course(Way.ONWARD, "upload"))
    again = ScenarioState.load(tmp_path)
    assert list(again.verdicts) == ["preflight", "source", "generate"]
    assert (again.source, again.payloads) == (source(), [sent(1)])


def test_a_scenario_begun_anew_has_another_token_and_old_state(tmp_path: Path) -> None:
    state = ScenarioState(tmp_path / "state.json", "0123abcd", dict(FAILED), source())
    state.save()
    take(state, WHOLE, Course(Way.ANEW, "preflight"))
    again = ScenarioState.load(tmp_path)
    assert (again.verdicts, again.source) == ({}, None)
    assert again.token != "0123abcd"
    assert json.loads((tmp_path / "state-0123abcd.json").read_text())["source"] == source()


def test_while_only_the_cleanup_is_done_all_have_a_verdict(tmp_path: Path) -> None:
    state = ScenarioState(tmp_path / "state.json", "0", UNTIL_CONVERT | {"summary": "FAILED"}, source())
    take(state, WHOLE, Course(Way.CLEANUP, "cleanup"))
    verdicts = ScenarioState.load(tmp_path).verdicts
    assert verdicts == UNTIL_CONVERT | dict.fromkeys(("summary", "cost", "manifest", "api"), "SKIPPED")


# --from-phase


def state_at(folder: Path, verdicts: dict[str, str], *, announced: bool = True) -> ScenarioState:
    payload = sent(1)
    payload.announced_at = "2026-11-21T12:00:00+00:00" if announced else ""
    return ScenarioState(folder / "state.json", "0", verdicts, source(), payloads=[payload])


@pytest.mark.parametrize(
    ("phase", "way", "announced", "result"),
    [
        ("upload", Way.ONWARD, True, "upload"),
        ("summary", Way.ONWARD, True, "summary"),
        ("generate", Way.ONWARD, False, "generate"),
        ("generate", Way.ONWARD, True, "has announced its data"),
        ("preflight", Way.ONWARD, True, "has announced its data"),
        ("cost", Way.ONWARD, True, "a ended FAILED in its summary, which stands before it"),
        ("cleanup", Way.ONWARD, True, "a ended FAILED in its summary"),
        ("api", Way.COMPLETE, True, "a was cleaned up"),
        ("api", Way.ANEW, True, "a was cleaned up"),
        ("api", Way.CLEANUP, True, "a was cleaned up"),
        ("api", Way.NEW, True, "a has not begun"),
    ],
)
def test_from_a_phase_it_goes_on_if_what_it_stands_on_is_there(
    tmp_path: Path, phase: str, way: Way, announced: bool, result: str
) -> None:
    state = state_at(tmp_path, FAILED, announced=announced)
    found = Course(way, "summary" if way is Way.ONWARD else "")
    if result in WHOLE:
        assert course_from(phase, "a", WHOLE, state, found) == Course(Way.ONWARD, result)
        return
    with pytest.raises(UsageError) as refused:
        course_from(phase, "a", WHOLE, state, found)
    assert result in str(refused.value)


def test_a_refusal_changes_the_state_of_no_scenario(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    for name, verdicts in (("a", FAILED), ("b", UNTIL_CONVERT)):
        folder = tmp_path / name
        folder.mkdir()
        state_at(folder, dict(verdicts)).save()
        events += [
            {"event": "PhaseFinished", "scenario": name, "phase": phase, "verdict": verdict}
            for phase, verdict in verdicts.items()
        ]
    records = {name: ScenarioRecord(f"{name}.yaml", "", {}, WHOLE) for name in "ab"}
    before = [(tmp_path / name / "state.json").read_text() for name in "ab"]
    with pytest.raises(UsageError):
        go_on(Run("r", tmp_path), records, events, "cost")
    assert [(tmp_path / name / "state.json").read_text() for name in "ab"] == before
    lines = go_on(Run("r", tmp_path), records | {"c": records["a"]}, events, None)
    assert lines == ["resumed   a at summary, b at summary: going on", "resumed   c: beginning"]
    assert ScenarioState.load(tmp_path / "a").verdicts == UNTIL_CONVERT
