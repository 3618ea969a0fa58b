"""Money can fail: whatever is wrong with a cost, the run is red and names stage, place and figure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from money_cluster import Claim, Cluster, Node, Pod, Upload, write
from nested import TODAY, Ended, furnish, run
from selected import parameters

from e2e_validator.providers.ocp.generate.tarball import pack

pytestmark = pytest.mark.embedded

COSTS = "daily summary -> costs: "
UI = "costs -> UI tables: "
API = "UI tables -> API: "
FIRST, LAST = "2026-11-05", "2026-11-06"
# A worker and a master; two projects of users, of which one has a claim; each of the two tags has two values.
CLUSTER = Cluster(
    nodes=(Node("n1", 4, 16384), Node("n2", 8, 32768)),
    pods=(
        Pod("web", "app-a", "n1", (500, 1000, 2000), (1024, 2048, 4096), "label_environment:prod|label_team:front"),
        Pod("job", "app-b", "n1", (1500, 1000, 2000), (2048, 1024, 4096), "label_environment:stage|label_team:back"),
        Pod("api", "openshift-kube-apiserver", "n2", (1000, 2000, 0), (4096, 4096, 0)),
    ),
    claims=(Claim("data", "app-a", "web", "v1"),),
)
RATES = """
    - {metric: {name: cpu_core_usage_per_hour}, cost_type: Supplementary, tiered_rates: [{unit: USD, value: 0.007}]}
    - metric: {name: memory_gb_request_per_hour}
      cost_type: Supplementary
      tiered_rates: [{unit: USD, value: 0.05}]
    - {metric: {name: storage_gb_request_per_month}, cost_type: Supplementary, tiered_rates: [{unit: USD, value: 0.01}]}
    - {metric: {name: node_cost_per_month}, cost_type: Infrastructure, tiered_rates: [{unit: USD, value: 1000}]}
  markup: {value: 10, unit: percent}"""
SCENARIO = """
version: 1
name: {name}
description: Two days of two nodes, priced.
data: {{payloads: recordings/two_nodes}}
{tags}cost_model:
  rates:{rates}
  distribution_info: {{distribution_type: cpu, platform_cost: true, worker_cost: true}}
"""


@dataclass(frozen=True)
class Case:
    """What a tampering (of the same name, in ``tampers_money.py``) ends with: the phase and its first line.

    ``tag`` is the key that the scenario enables and charges by.
    """

    phase: str
    headline: str
    tag: str = ""

    def scenario(self, name: str) -> str:
        """The scenario file."""
        if not self.tag:
            return SCENARIO.format(name=name, tags="", rates=RATES)
        rate = (
            "\n    - metric: {name: cpu_core_usage_per_hour}\n      cost_type: Supplementary\n"
            f"      tag_rates: {{tag_key: {self.tag}, tag_values: [{{tag_value: {VALUES[self.tag]}, unit: USD,"
            " value: 2, default: false}]}"
        )
        return SCENARIO.format(name=name, tags=f"enable_tags: [{self.tag}]\n", rates=rate)


VALUES = {"environment": "prod", "team": "front"}
CASES = {
    # The cost model is not what it was when the expectation was written.
    "rate_changed": Case(
        "cost", COSTS + rf"\d+ figures differ; {FIRST} / Pod / .* / Supplementary: cost_model_memory_cost is "
    ),
    "rates_not_applied": Case("cost", COSTS + rf"\d+ figures differ; {FIRST} / .*: the row is missing"),
    "tag_rate_of_another_value": Case(
        "cost",
        COSTS + rf"4 figures differ; {FIRST} / Pod / app-a / n1 / Supplementary / Tag: the row is missing",
        tag="environment",
    ),
    # Rows with costs are lost, doubled, or another project's.
    "day_lost": Case("api", COSTS + rf"\d+ figures differ; {FIRST} / Pod / .*: the row is missing"),
    "share_lost": Case(
        "api", COSTS + rf"1 figure differs; {LAST} / Pod / app-b / n1 / worker_distributed: the row is missing"
    ),
    "rate_row_doubled": Case(
        "api", COSTS + rf"1 figure differs; {LAST} / Pod / app-a / n1 / Infrastructure / Node: cost_model_cpu_cost is "
    ),
    "cost_of_another_project": Case(
        "api", COSTS + rf"2 figures differ; {LAST} / Pod / app-a / n1 / Infrastructure / Node: the row is missing"
    ),
    "tag_of_another_value": Case("api", API + r"\d+ figures differ; (compute|costs) / tag:team / ", tag="team"),
    # The tables behind the API have other costs than the daily summary.
    "ui_cost_of_another_project": Case(
        "api", UI + rf"2 figures differ; reporting_ocp_cost_summary_by_project_p / {LAST} / app-[ab]: Infrastructure\."
    ),
    "ui_day_lost": Case("api", UI + rf"\d+ figures differ; reporting_ocp_cost_summary\w*_p / {FIRST}"),
    "ui_day_lost_in_one_table": Case(
        "api", UI + rf"\d+ figures? differs?; reporting_ocp_cost_summary_by_node_p / {FIRST} / n1: \w+_distributed\."
    ),
    "ui_costs_are_zero": Case("api", UI + r"\d+ figures differ; reporting_ocp_cost_summary\w*_p / .* is 0, expected "),
}
# The tables are right, and Koku answers from its cache. Any other scenario would empty it: a run of their own.
CACHE = {"old_answer": Case("api", API + r"\d+ figures differ; costs / \w+.*: .* is 0, expected ")}
ALWAYS = "rate_changed"
GREEN = ("untouched", "old_answer_then_emptied")
ALONE = {*CACHE, GREEN[1]}
EACH = pytest.mark.parametrize("name", [*CASES, *CACHE])
ARGS = ("scenarios", "--today", TODAY, "-p", "tampers_money", "--keep", "none", "--repair=off")


@dataclass(frozen=True)
class Broken:
    """The runs: of all tampered scenarios at once, and of those that need the cache for themselves, if asked for."""

    money: Ended
    cache: tuple[Ended, ...]

    def of(self, name: str) -> Ended:
        """The run of a scenario."""
        return self.cache[0] if name in ALONE else self.money


@pytest.fixture(scope="module")
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, target_file: Path) -> Broken:
    """The tampered scenarios that are asked for, and two with which nothing is wrong."""
    asked = {ALWAYS, *parameters(request.session, __name__, "name")}
    payload = tmp_path_factory.mktemp("two-nodes") / "payload"
    start, end = datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 7, tzinfo=UTC)
    write(Upload(CLUSTER, start, end), start, end, payload, cluster_id="two-nodes")

    def ended(cases: dict[str, Case], green: str, *args: str) -> Ended:
        scenarios = {name: case.scenario(name) for name, case in {**cases, green: Case("", "")}.items()}
        folder = furnish(tmp_path_factory.mktemp("money-can-fail"), scenarios)
        recorded = folder / "fixtures" / "recordings" / "two_nodes"
        recorded.mkdir()
        pack(payload, recorded / "payload.0.20261101-20261201.tar.gz")
        return run(folder, *ARGS, "--target", str(target_file), *args)

    chosen = {name: case for name, case in CASES.items() if name in asked}
    return Broken(ended(chosen, GREEN[0], "-n", "2"), (ended(CACHE, GREEN[1]),) if asked & ALONE else ())


def test_a_run_with_wrong_money_is_red_for_the_product_alone(broken: Broken) -> None:
    for ended in (broken.money, *broken.cache):
        assert ended.code == 1, ended.text
        assert {"FAILED"} < set(ended.results["counts"]["phases"]) <= {"FAILED", "PASSED", "SKIPPED"}


@pytest.mark.parametrize("name", GREEN)
def test_nothing_wrong_is_green_in_the_same_run(broken: Broken, name: str) -> None:
    ended = broken.of(name)
    assert set(ended.verdicts(name).values()) == {"PASSED"}, ended.text


@EACH
def test_the_first_phase_to_see_it_names_stage_place_and_figure(broken: Broken, name: str) -> None:
    case, ended = (CASES | CACHE)[name], broken.of(name)
    assert ended.verdicts(name)[case.phase] == "FAILED", ended.text
    headline = ended.phases[name][case.phase]["headline"]
    assert re.match(case.headline, headline), headline


@EACH
def test_only_what_came_before_is_green(broken: Broken, name: str) -> None:
    verdicts = broken.of(name).verdicts(name)
    order = list(verdicts)
    failed = order.index((CASES | CACHE)[name].phase)
    assert all(verdicts[phase] == "PASSED" for phase in (*order[:failed], "cleanup"))
    assert all(verdicts[phase] == "SKIPPED" for phase in order[failed + 1 : -1])
