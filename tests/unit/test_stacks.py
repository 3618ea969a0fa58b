"""Two kinds of Koku: which scenario goes to which, and when costs are done where the summary makes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import at, context, manifest, period, sent, source_state, step, whole_state

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Context
from e2e_validator.engine.left import may_be_left
from e2e_validator.engine.resummarised import costed_after_summary
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import Blocked
from e2e_validator.phases.preflight import _stack
from e2e_validator.plugin.selection import FAULTS, OTHER_STACK, left_out_line, only_left_out
from e2e_validator.providers import registry
from e2e_validator.scenario.flow import Flow, Step, union
from e2e_validator.scenario.model import Source


def of_type(folder: Path, kind: str, **more: Any) -> Context:
    made = context(folder, "cost", **more)
    scenario = made.loaded.scenario.model_copy(update={"source": Source(type=kind)})
    return replace(made, loaded=replace(made.loaded, scenario=scenario))


@pytest.mark.parametrize(
    ("given", "koku"),
    [
        ({}, "onprem"),
        ({"trino_url": "http://h:8080"}, "classic"),
        ({"stack": "classic"}, "classic"),
        ({"trino_url": "http://h:8080", "stack": "onprem"}, "onprem"),
    ],
)
def test_a_target_tells_which_koku_it_is(given: dict[str, str], koku: str) -> None:
    data = Target.unknown().model_dump(by_alias=True) | given
    assert Target.load(data).koku == koku


@pytest.mark.parametrize(("there", "needed"), [("onprem", "classic"), ("classic", "onprem")])
def test_preflight_refuses_a_source_that_another_koku_takes(tmp_path: Path, there: Any, needed: str) -> None:
    made = of_type(tmp_path, "AWS")
    made = replace(made, plan=replace(made.plan, stack=needed), target=made.target.model_copy(update={"stack": there}))
    with pytest.raises(
        Blocked, match=f"sources of type AWS are judged on Koku's {needed} stack, and the target is {there}"
    ):
        _stack(made)
    assert _stack(replace(made, plan=replace(made.plan, stack=there))) == there


def test_of_a_namespace_the_pods_say_which_it_is(tmp_path: Path) -> None:
    made = of_type(tmp_path, "AWS", target={"kind": "namespace", "stack": "onprem"})
    made = replace(made, plan=replace(made.plan, stack="classic"))
    with pytest.raises(
        Blocked,
        match=r"target is onprem; its pods say so by their variable ONPREM, and --set stack=",
    ):
        _stack(made)


def steps(names: str) -> tuple[Step, ...]:
    return tuple(Step(name, 1, name) for name in names)


def test_flows_become_one_in_which_each_keeps_its_order() -> None:
    flows = [Flow((), steps(names), (), ()) for names in ("adcmz", "adpcmz", "axz")]
    merged = "".join(step.phase for step in union(flows).accepted)
    assert sorted(merged) == sorted("adcmzpx")
    for flow in flows:
        own = [step.phase for step in flow.accepted]
        assert [name for name in merged if name in own] == own


def test_what_is_left_out_has_its_reason() -> None:
    both = {FAULTS: ["a"], OTHER_STACK: ["b", "c"]}
    said = left_out_line(both, "--target").splitlines()
    assert said[0].startswith("left out  1 scenario with faults: faults are put to an embedded stack alone")
    assert said[1].startswith("left out  2 scenarios: they have sources that another Koku takes than that of --target")
    assert left_out_line({}, "--target") == ""
    alone = only_left_out(both, "--target")
    assert alone.startswith("--target: the scenario a has faults, which are put to an embedded stack alone")
    assert "; the 2 scenarios have a source that another Koku takes" in alone


@pytest.mark.parametrize(
    ("state", "costed"),
    [
        ({}, (at(4), True)),
        ({"periods": (period(summarised=None),)}, (None, False)),
        ({"periods": ()}, (None, False)),
        ({"periods": (period(summarised=2.9),)}, (at(2.9), False)),  # that of an earlier payload of the month
    ],
)
def test_where_the_summary_makes_the_costs_its_end_counts(tmp_path: Path, state: Any, costed: Any) -> None:
    """No cost step follows, and ``derived_cost_datetime`` stays NULL (docs/contract/clouds.md 1, 4)."""
    periods = tuple(replace(one, cost_derived=None) for one in state.get("periods", (period(),)))
    shown = source_state(manifest(), periods=periods)
    made = of_type(tmp_path, "AWS")
    assert costed_after_summary(made, shown, shown.manifests[0]) == costed
    running = manifest(state=whole_state(summary=step(start=3)))
    assert costed_after_summary(made, shown, running)[1] is False
    # Where a step of its own makes them, nothing of this is enough.
    assert costed_after_summary(of_type(tmp_path, "OCP"), shown, shown.manifests[0])[1] is False


def test_a_bucket_of_the_sources_own_may_be_left_as_a_whole(tmp_path: Path) -> None:
    state = ScenarioState(tmp_path / "state.json")
    state.payloads = [replace(sent(index), bucket="e2e-x") for index in (1, 2)] + [sent(3)]
    items = may_be_left(state, Target.unknown()).items
    assert [item.what for item in items] == ["s3://e2e-x", "s3://ocp-ingress/cluster/3.tar.gz"]
    assert items[0].command.endswith("s3 rb --force s3://e2e-x")


def test_each_type_says_until_when_it_waits() -> None:
    """The words of OpenShift are of tarballs that are unpacked; a cloud has neither."""
    said = {one.type: {step.phase: step.until for step in one.flow.steps} for one in map(registry.find, ("AWS", "OCP"))}
    assert not [text for text in said["AWS"].values() if "tarball" in text or "unpacked" in text]
    assert "tarball" in said["OCP"]["upload"]
    together = {step.phase: step.until for step in union([registry.find(kind).flow for kind in ("OCP", "AWS")]).steps}
    assert together["upload"] == f"{said['OCP']['upload']}, or {said['AWS']['upload']}"
    assert together["api"] == said["OCP"]["api"] == said["AWS"]["api"]
