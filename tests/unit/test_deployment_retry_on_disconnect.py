"""Phases done again after a kill in their middle: nothing is made, and nothing announced, twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import NOTHING, PROVIDER, FakeTransport, context, database, koku, source_state
from test_phases_first_steps import creating, refuse

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.koku import Source
from e2e_validator.engine import made_source, sending
from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import Inconclusive
from e2e_validator.phases import generate, ingest, source
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.scenario.recorded import recorded_payloads
from e2e_validator.scenario.model import Rejected

# source


def test_a_source_of_before_the_interruption_is_taken_up(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    source.run(the_context)
    koku(the_context).on_create = refuse(AssertionError("asked for a second source"))
    outcome = source.run(the_context)
    assert "made before the interruption" in outcome.facts
    assert ScenarioState.load(tmp_path).source == the_context.state.source


def unanswered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A scenario that was killed between asking for its source and the answer."""
    monkeypatch.setattr(made_source, "APPEARANCE_SECONDS", 0.01)
    the_context = creating(folder)
    key, name = the_context.source_key, the_context.source_name
    the_context.state.source = {"id": "", "uuid": "", "name": name, "key": key}
    return the_context


def test_a_source_whose_answer_got_lost_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = unanswered(tmp_path, monkeypatch)
    koku(the_context).on_create = refuse(AssertionError("asked for a second source"))
    koku(the_context).there[PROVIDER] |= {"id": 7, "uuid": PROVIDER, "name": the_context.source_name}
    source.run(the_context)
    noted = ScenarioState.load(tmp_path).source
    assert noted is not None
    assert (noted["id"], noted["uuid"]) == ("7", PROVIDER)


def test_a_source_that_koku_never_made_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = unanswered(tmp_path, monkeypatch)
    assert "made before" not in source.run(the_context).facts
    noted = ScenarioState.load(tmp_path).source
    assert noted is not None
    assert noted["uuid"] == PROVIDER


@pytest.mark.parametrize("status", [400, 500])
def test_a_source_that_appears_at_the_second_asking_is_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    the_context = unanswered(tmp_path, monkeypatch)

    def duplicate(name: str) -> Source:
        koku(the_context).there[PROVIDER] |= {"id": 7, "uuid": PROVIDER, "name": name}
        raise Refused("source.duplicate", status, "")

    koku(the_context).on_create = duplicate
    assert "source 7 linked" in source.run(the_context).facts


def test_a_source_that_is_gone_is_made_again(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    the_context.state.source = {"id": "3", "uuid": "gone", "name": "n", "key": "n"}
    source.run(the_context)
    noted = ScenarioState.load(tmp_path).source
    assert noted is not None
    assert noted["uuid"] == PROVIDER


# ingest


class Announced:
    """A transport, which takes announcements; ``seen`` tells what stood on disk when it heard of each."""

    def __init__(self, folder: Path, *, dies: bool = False) -> None:
        self.folder, self.dies, self.keys = folder, dies, list[str]()
        self.seen: list[dict[str, str]] = []

    def announce(self, key: str, _tarball: Path) -> str:
        self.keys.append(key)
        state = ScenarioState.load(self.folder)
        self.seen.append({payload.object_key: payload.announced_at for payload in state.payloads})
        if self.dies:
            raise KeyboardInterrupt
        return "r"


def hearing(folder: Path, *, shows: Any = NOTHING, dies: bool = False, **more: Any) -> tuple[Context, Announced]:
    """A context whose masu is heard; manifests are shown by the database."""
    the_context = context(folder, "ingest", shows=shows, **more)
    heard = Announced(folder, dies=dies)
    the_context.clients = cast(
        "Any", SimpleNamespace(transport=FakeTransport(heard.announce), database=database(the_context))
    )
    return the_context, heard


def later(the_context: Context, phase: str = "ingest") -> Context:
    """The same phase as a later process meets it."""
    return replace(the_context, phase=phase, state=ScenarioState.load(the_context.state.path.parent))


def test_the_intent_is_on_disk_before_and_the_answer_after(tmp_path: Path) -> None:
    the_context, heard = hearing(tmp_path)
    ingest.run(the_context)
    (payload,) = ScenarioState.load(tmp_path).payloads
    assert datetime.fromisoformat(payload.announced_at).utcoffset() == timedelta(0)
    assert heard.seen == [{"cluster/1.tar.gz": payload.announced_at}]
    assert payload.request_id == "r"


def test_what_masu_has_answered_for_is_not_announced_again(tmp_path: Path) -> None:
    the_context, heard = hearing(tmp_path)
    ingest.run(the_context)
    outcome = ingest.run(later(the_context))
    assert "announced before the interruption" in outcome.facts
    assert heard.keys == ["cluster/1.tar.gz"]


def killed_at_ingest(folder: Path, shows: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Context, Announced]:
    """The ingest after a process that was killed before masu answered."""
    monkeypatch.setattr(sending, "ARRIVAL_SECONDS", 0.01)
    the_context, heard = hearing(folder, shows=shows, dies=True)
    with pytest.raises(KeyboardInterrupt):
        ingest.run(the_context)
    heard.dies = False
    return later(the_context), heard


def test_what_has_arrived_is_not_announced_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, heard = killed_at_ingest(tmp_path, source_state(), monkeypatch)
    outcome = ingest.run(the_context)
    assert "its manifest row is there" in outcome.facts
    assert heard.keys == ["cluster/1.tar.gz"]


def test_what_arrives_a_moment_later_is_not_announced_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, heard = killed_at_ingest(tmp_path, [NOTHING, source_state()], monkeypatch)
    monkeypatch.setattr(sending, "ARRIVAL_SECONDS", 5)
    ingest.run(the_context)
    assert heard.keys == ["cluster/1.tar.gz"]


def test_what_did_not_arrive_is_announced_again_by_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, heard = killed_at_ingest(tmp_path, NOTHING, monkeypatch)
    first = the_context.sent.announced_at
    outcome = ingest.run(the_context)
    assert "announced again" in outcome.facts
    assert heard.keys == ["cluster/1.tar.gz"] * 2
    assert ScenarioState.load(tmp_path).payloads[0].announced_at >= first


def test_while_the_database_is_unread_nothing_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, heard = killed_at_ingest(tmp_path, Unreachable("restarting"), monkeypatch)
    with pytest.raises(Inconclusive):
        ingest.run(the_context)
    assert heard.keys == ["cluster/1.tar.gz"]


def test_killed_between_the_two_only_the_control_is_announced(tmp_path: Path) -> None:
    the_context, heard = hearing(tmp_path, rejected=Rejected(manifest="absent"))
    sending.announce(the_context, the_context.sent)
    outcome = ingest.run(later(the_context))
    assert heard.keys == ["cluster/1.tar.gz", "cluster/w.tar.gz"]
    assert outcome.facts.endswith(", then the control payload")
    assert "the control payload: announced before" in ingest.run(later(the_context)).facts


# generate


def generating(folder: Path, checkout: Path) -> Context:
    """A scenario of one recorded payload."""
    recording = checkout / "fixtures" / "recordings" / "one_pod_day"
    (tarball,) = recorded_payloads(recording)
    the_context = context(folder, "generate")
    the_context.state.payloads = []
    payload = replace(the_context.plan.payloads[0], recorded=tarball.path, daily_reports=tarball.daily_reports)
    the_context.plan = replace(the_context.plan, payloads=(payload,))
    return the_context


def test_data_made_again_have_another_uuid_and_the_same_key(tmp_path: Path, checkout: Path) -> None:
    the_context = generating(tmp_path, checkout)
    generate.run(the_context)
    (first,) = ScenarioState.load(tmp_path).payloads
    (Path(first.payload_folder) / "left by a killed nise.csv").touch()
    generate.run(later(the_context, "generate"))
    (second,) = ScenarioState.load(tmp_path).payloads
    assert (second.index, second.object_key, second.files) == (first.index, first.object_key, first.files)
    assert second.uuid != first.uuid
    names = [path.name for path in Path(second.payload_folder).iterdir()]
    assert all(name.startswith(second.uuid) or name == "manifest.json" for name in names)
    assert [path.name for path in the_context.folder.iterdir() if "generated" in path.name] == ["generated"]


def test_data_whose_making_was_cut_short_are_not_noted(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_context = generating(tmp_path, checkout)
    generate.run(the_context)
    before = ScenarioState.load(tmp_path).payloads
    monkeypatch.setattr(Expectation, "from_payloads", refuse(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        generate.run(later(the_context, "generate"))
    assert ScenarioState.load(tmp_path).payloads == before
