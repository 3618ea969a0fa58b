"""The state of a scenario on disk: what one process wrote, another one reads, whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from phase_context import context, sent, source

from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.errors import HarnessError
from e2e_validator.whole_file import write_whole


def test_a_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    state = ScenarioState(
        tmp_path / "state.json",
        token="0123abcd",
        verdicts={"preflight": "PASSED"},
        source=source(),
        control_source=source("w"),
        payloads=[sent(1), sent(2), sent(0, control=True)],
    )
    state.save()
    assert ScenarioState.load(tmp_path) == state


def test_a_fresh_state_has_a_token_of_its_own_and_nothing_else(tmp_path: Path) -> None:
    first, second = ScenarioState.load(tmp_path), ScenarioState.load(tmp_path)
    assert re.fullmatch("[0-9a-f]{8}", first.token)
    assert first.token != second.token
    assert (first.verdicts, first.source, first.control_source, first.payloads) == ({}, None, None, [])
    first.save()
    assert ScenarioState.load(tmp_path).token == first.token


def test_the_control_is_no_payload_of_the_scenario(tmp_path: Path) -> None:
    state = ScenarioState(tmp_path, payloads=[sent(0, control=True), sent(1), sent(2)])
    assert (state.payload(2).uuid, state.control) == ("uuid-2", sent(0, control=True))
    with pytest.raises(HarnessError):
        state.payload(0)
    assert ScenarioState(tmp_path, payloads=[sent(1)]).control is None


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_whole(path, "old")
    with path.open(encoding="utf-8") as reader:
        write_whole(path, "naïve new")
        assert reader.read() == "old"
    assert path.read_text(encoding="utf-8") == "naïve new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half \ud800")
    assert path.read_text() == "old"


def test_a_run_stops_when_its_stop_file_is_there(tmp_path: Path) -> None:
    run = Run("id", tmp_path)
    assert run.stopped() is False
    run.stop_file.touch()
    assert run.stopped() is True
    assert run.scenario_folder("x") == run.scenario_folder("x") == tmp_path / "x"


def test_the_clusters_of_a_scenario_are_own_and_short_enough(tmp_path: Path) -> None:
    the_context = context(tmp_path)
    assert (the_context.source_key, the_context.control_key) == (
        "e2e-scenario-x-0123abcd",
        "e2e-control-0123abcd",
    )
    object.__setattr__(the_context.plan, "name", "n" * 40)
    assert len(the_context.source_key) <= 50


def test_a_source_that_koku_never_answered_for_has_no_provider(tmp_path: Path) -> None:
    the_context = context(tmp_path)
    the_context.state.source = source() | {"id": "", "uuid": ""}
    with pytest.raises(HarnessError):
        _ = the_context.provider_uuid
