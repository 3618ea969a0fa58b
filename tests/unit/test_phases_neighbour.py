"""The control source: what it shares with the scenarios, what its payloads hold, and what is said when it changes."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import phase_context as fakes
import pytest

from e2e_validator.access.http import Refused
from e2e_validator.access.other_organisation import OtherOrganisation
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.errors import Blocked, NeighbourChanged, WrongLife
from e2e_validator.neighbour import control, removal, tenants, watch
from e2e_validator.neighbour.beside import looked_at_after, made_first
from e2e_validator.neighbour.marks import FOLDER, mark, marks
from e2e_validator.providers.ocp.control.payload import HOURS, write_payloads
from e2e_validator.providers.ocp.control.shared import NAMESPACE, NODE, Shared, shared_with
from e2e_validator.providers.ocp.expect.expectation import Expectation

FIRST, LATER, NEXT = date(2026, 10, 5), date(2026, 10, 7), date(2026, 11, 1)
SHARED = (Shared(FIRST), Shared(LATER, "node_b", "web"), Shared(NEXT))


def scenario(day: date, report: Mapping[str, Any] | None = None, *, negative: bool = False) -> Any:
    return SimpleNamespace(report=report), SimpleNamespace(first_day=day, negative=negative)


def test_it_has_a_day_a_node_and_a_namespace_of_each_scenario() -> None:
    report = {
        "generators": [{"OCPGenerator": {"nodes": [{"node_name": "node_b", "namespaces": {"web": {}, "x": {}}}]}}]
    }
    found = shared_with([scenario(LATER, report), scenario(FIRST), scenario(FIRST)])
    assert found == (Shared(FIRST, NODE, NAMESPACE), Shared(LATER, "node_b", "web"))


def test_a_payload_that_is_refused_has_no_day_to_share() -> None:
    assert shared_with([scenario(FIRST, negative=True)]) == ()


@pytest.mark.parametrize(
    "report",
    [{}, {"generators": []}, {"generators": [{"OCPGenerator": {"nodes": None}}]}],
    ids=["nothing", "no generator", "no node"],
)
def test_names_that_nobody_wrote_are_those_of_the_templates(report: Mapping[str, Any]) -> None:
    assert shared_with([scenario(FIRST, report)]) == (Shared(FIRST, NODE, NAMESPACE),)


def test_its_payloads_are_one_a_month_and_give_the_figures(tmp_path: Path) -> None:
    made = list(write_payloads(SHARED, tmp_path, cluster_id="c"))
    assert [folder.name for _, folder in made] == ["2026-10", "2026-11"]
    (pods,) = made[0][1].glob("*pod_usage*.csv")
    rows = list(csv.DictReader(pods.read_text().splitlines()))
    assert len(rows) == 2 * HOURS
    assert {(row["node"], row["namespace"]) for row in rows} == {(NODE, NAMESPACE), ("node_b", "web")}
    # A role that is taken by name and id must not be that of a scenario's node (docs/contract/koku.md 6.2).
    assert all(row["resource_id"].startswith("neighbour-") for row in rows)
    assert not any(row["pod_labels"] for row in rows)
    expected = Expectation.from_payloads([folder for _, folder in made], cluster_alias="c", today=date(2026, 11, 21))
    figures = expected.figures(FIRST, NEXT)
    assert figures["compute", "total", "", ""]["usage"] > 0
    assert figures["volumes", "total", "", ""]["usage"] > 0
    assert figures["costs", "total", "", ""]["cost.total"] == 0


def phase(tmp_path: Path, name: str = "api", **change: Any) -> Context:
    """A phase of a run that has begun to make its neighbour."""
    context = fakes.context(tmp_path / "scenario", name, **change)
    context.run = replace(context.run, folder=tmp_path)
    context.neighbour = SHARED
    (tmp_path / FOLDER).mkdir(exist_ok=True)
    return context


def passed(_context: Context) -> Outcome:
    return Outcome("passed")


def test_without_a_neighbour_a_phase_is_as_it_was(tmp_path: Path) -> None:
    context = phase(tmp_path)
    context.neighbour = ()
    assert made_first(looked_at_after(passed))(context) == Outcome("passed")
    assert not marks(context.run)


def test_a_control_that_cannot_be_made_blocks_the_look_alone(tmp_path: Path) -> None:
    context = phase(tmp_path, "source")

    def refuse(_name: str) -> Any:
        raise Refused("no more sources", 400, "no more")

    fakes.koku(context).on_create = refuse
    assert made_first(passed)(context) == Outcome("passed")
    assert "Refused" in marks(context.run)["trouble"]
    with pytest.raises(Blocked, match="The control source could not be made: Refused"):
        watch.check(phase(tmp_path))
    assert watch.check(phase(tmp_path, "cleanup")) == "the neighbour not looked at: it never was whole"


def test_a_scenario_waits_for_it_no_longer_than_it_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = phase(tmp_path, "ingest")
    mark(context.run, made="yes")
    waited: list[float] = []
    monkeypatch.setattr(control, "of", lambda context: context)
    monkeypatch.setattr(watch, "_wait", lambda _own, limit: waited.append(limit))
    watch.before_payload(context)
    watch.before_payload(context)
    assert waited == [30.0]
    assert marks(context.run)["whole"] == "yes"


def changed(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the neighbour be whole, and another than it was."""
    mark(context.run, made="yes", whole="yes")
    monkeypatch.setattr(control, "of", lambda context: context)
    monkeypatch.setattr(watch, "_wait", lambda _own, _limit: None)

    def settled(_own: Context) -> int:
        raise WrongLife("its rows are gone", detail="all")

    monkeypatch.setattr(watch, "_settled", settled)


@pytest.mark.parametrize(("name", "when"), [("api", "beside this scenario"), ("cleanup", "after the cleanup")])
def test_a_change_is_the_failure_of_the_scenario_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, when: str
) -> None:
    context = phase(tmp_path, name)
    changed(context, monkeypatch)
    with pytest.raises(NeighbourChanged, match=f"changed {when}.*: its rows are gone") as caught:
        watch.check(context)
    assert caught.value.detail.startswith("all\n")
    assert marks(context.run)["changed"] == "scenario_x"


def test_only_the_first_scenario_is_to_blame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = phase(tmp_path)
    changed(context, monkeypatch)
    mark(context.run, changed="scenario_a")
    assert watch.check(context) == "the neighbour not looked at: scenario_a had changed it"


def test_a_phase_that_is_tried_again_is_not_excused_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = phase(tmp_path)
    changed(context, monkeypatch)
    mark(context.run, changed="scenario_x")
    with pytest.raises(NeighbourChanged):
        watch.check(context)
    context.phase = "cleanup"
    assert watch.check(context) == "the neighbour not looked at: scenario_x had changed it"


def test_a_run_that_is_to_stop_looks_at_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = phase(tmp_path)
    changed(context, monkeypatch)
    context.run.stop_file.touch()
    assert watch.check(context) == ""


def test_a_run_without_a_neighbour_has_none_to_remove(tmp_path: Path) -> None:
    assert removal.remove(fakes.context(tmp_path)) is None


def test_an_embedded_stack_takes_it_along(tmp_path: Path) -> None:
    context = phase(tmp_path, target={"kind": "embedded"})
    (tmp_path / FOLDER / "neighbour.json").write_text("{}")
    assert removal.remove(context) is None


class Answers:
    """Another organisation, as the test says."""

    said: Mapping[str, Any] = {}

    def __init__(self, *_args: object) -> None:
        pass

    can_be = staticmethod(OtherOrganisation.can_be)

    def asked(self, path: str, _params: object) -> Any:
        return next((body for end, body in self.said.items() if path.endswith(end)), None)


EMPTY = {"meta": {"count": 0}, "data": []}


def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **said: Any) -> str:
    context = phase(tmp_path)
    monkeypatch.setattr(Answers, "said", {name.replace("_", "/") + "/": body for name, body in said.items()})
    monkeypatch.setattr(tenants, "OtherOrganisation", Answers)
    return tenants.check(context)


def test_another_organisation_that_sees_nothing_is_as_it_must_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = asked(tmp_path, monkeypatch, costs=EMPTY, sources=EMPTY)
    assert said == "another organisation sees nothing (4 questions, 2 refused)"


@pytest.mark.parametrize(
    ("where", "body", "says"),
    [
        ("costs", {"data": [{"values": [{"clusters": ["e2e-scenario-x-0123abcd"]}]}]}, "the name e2e-scenario-x-"),
        ("compute", {"meta": {"total": {"usage": {"value": 12}}}}, "the figure 12"),
        ("sources", {"data": [{"uuid": fakes.PROVIDER}]}, f"the name {fakes.PROVIDER}"),
    ],
)
def test_another_organisation_that_sees_something_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, body: Any, says: str
) -> None:
    with pytest.raises(NeighbourChanged, match=f"another organisation sees {says}"):
        asked(tmp_path, monkeypatch, **{where: body})


def test_the_repeated_question_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = {"meta": {"filter": {"cluster": ["e2e-scenario-x-0123abcd"]}, "count": 0}, "data": []}
    assert "sees nothing" in asked(tmp_path, monkeypatch, costs=repeated)


def test_a_tokens_organisation_is_the_only_one_looked_at(tmp_path: Path) -> None:
    context = phase(tmp_path)
    context.target = context.target.model_copy(update={"auth": cast("Any", object())})
    assert tenants.check(context) == tenants.NOT_LOOKED_AT


def test_marks_are_set_and_taken_away(tmp_path: Path) -> None:
    context = phase(tmp_path)
    mark(context.run, made="yes", trouble="x")
    mark(context.run, trouble=None)
    assert json.loads((tmp_path / FOLDER / "marks.json").read_text()) == {"made": "yes"}
