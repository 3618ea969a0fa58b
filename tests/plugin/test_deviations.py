"""Figures that are as Koku's and not as the data say: FAILED by name, KNOWN where accepted, a gate on request."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from nested import MODES, TODAY, Ended, furnish, quick, run, shipped

pytestmark = pytest.mark.embedded
BOTH = pytest.mark.parametrize("mode", MODES)
ID = "namespace_labels_multiply"
ACCEPTED = f"  deviates: [{ID}]\n"
KNOWN = shipped("known_two_labels")
MONEY = shipped("known_two_labels_cost")
SCENARIOS = {
    "known_two_labels": KNOWN,
    "refused": KNOWN.replace("expect:\n" + ACCEPTED, "").replace("name: known_two_labels", "name: refused"),
    "refused_money": MONEY.replace(ACCEPTED, "").replace("name: known_two_labels_cost", "name: refused_money"),
    "healed": quick("healed") + f"expect: {{deviates: [{ID}]}}\n",
    "as_it_must": KNOWN.replace(ACCEPTED, f"  fails: {{phase: api, cause: {ID}}}\n").replace(
        "name: known_two_labels", "name: as_it_must"
    ),
}
# A master, whose name and resource id a worker of another cluster has, from the phase on that E2E_MOMENT names.
MASTER = """
version: 1
name: master
description: A node in two clusters.
tags: [quick]
period: {start: month-1m+4d, end: month-1m+5d}
data:
  nise:
    nodes:
      - node_name: shared
        cpu_cores: 4
        memory_gig: 16
        resource_id: s1
        namespaces:
          openshift-kube-apiserver:
            pods:
              - pod_name: one
                cpu_request: 1
                cpu_limit: 2
                mem_request_gig: 1
                mem_limit_gig: 2
                pod_seconds: 3600
                cpu_usage: {full_period: 0.5}
                mem_usage_gig: {full_period: 1}
cost_model:
  rates:
    - metric: {name: cpu_core_usage_per_hour}
      cost_type: Supplementary
      tiered_rates: [{unit: USD, value: 1}]
  distribution_info: {distribution_type: cpu, platform_cost: false, worker_cost: false}
"""
OTHER_CLUSTER = """
import os, psycopg

def pytest_e2e_phase_started(scenario, phase, folder, target):
    if phase != os.environ["E2E_MOMENT"]:
        return
    with psycopg.connect(target.dsn) as connection:
        schema = f"org{target.org_id}"
        provider = f"SELECT uuid FROM {schema}.reporting_tenant_api_provider LIMIT 1"
        cluster = connection.execute(
            f"INSERT INTO {schema}.reporting_ocp_clusters (cluster_id, cluster_alias, provider_id)"
            f" VALUES ('other', 'other', ({provider})) RETURNING uuid"
        ).fetchone()[0]
        connection.execute(
            f"INSERT INTO {schema}.reporting_ocp_nodes (node, resource_id, node_role, cluster_id)"
            " VALUES ('shared', 'i-s1', 'worker', %s)", [cluster]
        )
"""
HEADLINE = f"deviation {ID}: compute / project shop usage is 48, the data say 24"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ended]:
    """One run per mode, of scenarios that end in every way."""

    @cache
    def in_mode(mode: str) -> Ended:
        folder = furnish(tmp_path_factory.mktemp("deviations"), SCENARIOS)
        return run(folder, "scenarios", "--today", TODAY, *MODES[mode])

    return in_mode


@BOTH
def test_a_deviation_not_accepted_fails_with_both_figures(mode: str, ran: Callable[[str], Ended]) -> None:
    ended = ran(mode)
    assert ended.code == 1
    for name in ("refused", "refused_money"):
        api = ended.phases[name]["api"]
        assert (api["verdict"], api["cause"]) == ("FAILED", ID)
        assert api["headline"] == HEADLINE
        assert "line items -> daily summary" in api["detail"]
        assert f"--accept-deviation {ID}" in api["finding"]["remedy"]
        assert f"--accept-deviation {ID}" not in api["detail"]
        failure = ended.junit()[f"{name}::api"].find("failure")
        assert failure is not None
        assert HEADLINE in failure.attrib["message"]
    assert HEADLINE in ended.text


@BOTH
def test_the_money_twin_shows_the_cost_both_ways(mode: str, ran: Callable[[str], Ended]) -> None:
    detail = ran(mode).phases["refused_money"]["api"]["detail"]
    row = next(
        line.split() for line in detail.splitlines() if "costs / project / shop" in line and "cost.total" in line
    )
    assert row[-2:] == ["12", "24"]


@BOTH
def test_an_accepted_deviation_is_known_and_counted_apart(mode: str, ran: Callable[[str], Ended]) -> None:
    ended = ran(mode)
    verdicts = ended.verdicts("known_two_labels")
    assert verdicts.pop("api") == "KNOWN"
    assert set(verdicts.values()) == {"PASSED"}
    assert ended.results["counts"]["scenarios"]["KNOWN"] == 1
    (told,) = ended.results["deviations"]
    assert (told["scenario"], told["phase"], told["id"]) == ("known_two_labels", "api", ID)
    assert (told["by_data"], told["as_koku"]) == ("24", "48")
    properties = {
        one.attrib["name"]: one.attrib["value"] for one in ended.junit()["known_two_labels::api"].iter("property")
    }
    assert (properties["verdict"], properties["deviations"]) == ("KNOWN", ID)
    assert "usage is 48, the data say 24" in properties["deviation_figures"]
    assert "1 known" in ended.text
    assert not list((ended.reports / "known_two_labels").rglob("*bundle*"))


@BOTH
def test_it_is_foretold_when_the_data_are_made(mode: str, ran: Callable[[str], Ended]) -> None:
    ended = ran(mode)
    assert f"Koku will deviate on these data: {ID}: project shop has several sets of labels" in ended.text
    assert f"Koku will deviate: {ID}" in ended.phases["refused"]["generate"]["facts"]


@BOTH
def test_one_that_is_named_and_does_not_happen_fails(mode: str, ran: Callable[[str], Ended]) -> None:
    api = ran(mode).phases["healed"]["api"]
    assert api["verdict"] == "FAILED"
    assert api["headline"] == f"must deviate from the data by {ID}, and does not"


@BOTH
def test_its_name_is_the_cause_that_a_scenario_may_expect(mode: str, ran: Callable[[str], Ended]) -> None:
    api = ran(mode).phases["as_it_must"]["api"]
    assert api["verdict"] == "PASSED"
    assert f"FAILED with cause {ID}" in api["facts"]


@BOTH
def test_a_gate_does_not_let_it_pass(mode: str, tmp_path: Path) -> None:
    folder = furnish(tmp_path, {"known_two_labels": KNOWN, "healthy": quick("healthy")})
    ended = run(folder, "scenarios", "--fail-on-known", "--today", TODAY, *MODES[mode])
    assert ended.code == 15
    assert ended.verdicts("known_two_labels")["api"] == "KNOWN"
    assert ended.verdicts("known_two_labels")["cleanup"] == "PASSED"
    failure = ended.junit()["known_two_labels::api"].find("failure")
    assert failure is not None
    assert "which --fail-on-known does not allow" in failure.attrib["message"]
    assert "1 failed" in ended.text
    assert "verdict   KNOWN (exit code 15)" in ended.text


def test_a_run_that_goes_on_keeps_facts_and_passes_no_gate(tmp_path: Path, target_file: Path) -> None:
    folder = furnish(tmp_path, {"known_two_labels": KNOWN})
    args = ("scenarios", "-p", "killing", "--target", str(target_file))
    killed = run(folder, *args, "--today", TODAY, env={"E2E_KILL": "after api"})
    assert killed.code == -signal.SIGKILL, killed.text
    for gate, code in (((), 0), (("--fail-on-known",), 15)):
        ended = run(folder, *args, "--resume", *gate)
        assert ended.code == code, ended.text
        assert ended.verdicts("known_two_labels")["api"] == "KNOWN"
        assert ended.results["counts"]["scenarios"]["KNOWN"] == 1
        (told,) = ended.results["deviations"]
        assert (told["id"], told["by_data"], told["as_koku"]) == (ID, "24", "48")
        assert f"verdict   KNOWN (exit code {code}" in ended.text
        properties = {one.attrib["name"]: one for one in ended.junit()["known_two_labels::api"].iter("property")}
        assert properties["verdict"].attrib["value"] == "KNOWN"


@pytest.mark.parametrize(("moment", "phase"), [("generate", "api"), ("upload", "summary")])
def test_the_role_of_a_node_of_another_cluster_is_named(moment: str, phase: str, tmp_path: Path) -> None:
    folder = furnish(tmp_path, {"master": MASTER})
    (folder / "conftest.py").write_text(OTHER_CLUSTER, encoding="utf-8")
    ended = run(folder, "scenarios", "--today", TODAY, env={"E2E_MOMENT": moment})
    failed = ended.phases["master"][phase]
    assert (failed["verdict"], failed["cause"]) == ("FAILED", "node_roles_of_other_clusters")
    if phase == "api":
        assert "costs / project" in failed["headline"]
        assert "unallocated" in failed["headline"]
        assert "node shared is a worker in another cluster" in ended.text
    else:
        assert "another cluster has come with nodes of the same names (shared is worker)" in failed["headline"]


def test_an_option_accepts_what_the_scenario_does_not(tmp_path: Path) -> None:
    folder = furnish(tmp_path, {"refused": SCENARIOS["refused"]})
    ended = run(folder, "scenarios", "--accept-deviation", ID, "--today", TODAY)
    assert (ended.code, ended.verdicts("refused")["api"]) == (0, "KNOWN")
    assert "verdict   KNOWN (exit code 0; with --fail-on-known 15)" in ended.text


def test_an_unknown_name_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    folder = furnish(tmp_path, {"healthy": quick("healthy")})
    ended = run(folder, "scenarios", "--accept-deviation", "namespace_labels_multiplies", "--today", TODAY)
    assert ended.code == 4
    assert f"did you mean {ID}" in ended.text.replace("'", "")
    ended = run(folder, "scenarios", "--accept-deviation", "unexplained", "--today", TODAY)
    assert ended.code == 4
