"""``data.scale``: what is wrong with it gets one sentence, before anything is made."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.aws.scenario.scale_rules import CostFactors
from e2e_validator.providers.ocp.scenario.scale_rules import ScaleFactors
from e2e_validator.scenario.load import LoadedScenario, load_scenario

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
POD = """\
              - pod_name: NAME
                cpu_request: 1
                cpu_limit: 2
                mem_request_gig: 2
                mem_limit_gig: 4
                pod_seconds: 3600
                cpu_usage: {full_period: 0.5}
                mem_usage_gig: {full_period: 1}
                labels: label_app:web
"""
HEAD = """\
version: 1
name: x
description: Why.
period: {start: month-1m, end: month-1m+1d}
"""
REPORT = """\
data:
  scale: SCALE
  nise:
    nodes:
      - node_name: n1
        cpu_cores: 4
        memory_gig: 16
        resource_id: r1
        namespaces:
          app:
            volumes:
              - volume_name: v1
                storage_class: gp2
                volume_request_gig: 20
                volume_claims: [{volume_claim_name: c1, pod_name: p1, capacity_gig: 10, volume_claim_usage_gig: {full_period: 4}}]
            pods:
""" + POD.replace("NAME", "p1")


def loaded(folder: Path, text: str) -> LoadedScenario:
    path = folder / "x.yaml"
    path.write_text(HEAD + text)
    return load_scenario(path, fixtures=FIXTURES, today=TODAY)


def told(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        loaded(folder, text)
    return [f"{one.line} {one.what}; {one.hint}" for one in raised.value.problems]


def test_the_factors_are_one_where_none_is_given(tmp_path: Path) -> None:
    assert loaded(tmp_path, REPORT.replace("SCALE", "{nodes: 3}")).scale == ScaleFactors(nodes=3, pods=1)
    assert loaded(tmp_path, REPORT.replace("SCALE", "{}")).scale == ScaleFactors(nodes=1, pods=1)
    assert loaded(tmp_path, REPORT.replace("  scale: SCALE\n", "")).scale is None
    assert loaded(tmp_path, "data: {template: one_pod.yml, scale: {pods: 2}}").scale == ScaleFactors(pods=2)


def test_another_scale_is_other_data(tmp_path: Path) -> None:
    digests = [
        loaded(tmp_path, f"data: {{template: one_pod.yml{more}}}").data_sha256
        for more in ("", ", scale: {}", ", scale: {pods: 2}", ", scale: {nodes: 2}")
    ]
    assert len(set(digests)) == 4


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ("10", "data.scale: 10 is not a mapping; "),
        ("", "data.scale: is empty; write a mapping, or leave the key out"),
        ("{nodes: '3'}", "data.scale.nodes: is not a whole number; write how often, such as 10"),
        ("{nodes: 2.5}", "data.scale.nodes: is not a whole number; write how often, such as 10"),
        ("{pods: true}", "data.scale.pods: is not a whole number; write how often, such as 10"),
        ("{pods: 0}", "data.scale.pods: 0 is not from 1 to 100,000; "),
        ("{pods: 100001}", "data.scale.pods: 100001 is not from 1 to 100,000; "),
        ("{pod: 2}", "unknown key 'pod' in data.scale; did you mean 'pods'? (known: nodes, pods)"),
        ("{days: 30}", "'days' is not allowed in data.scale; 'period' says the days: nise makes the first of each month, and scale the others"),
        ("{volumes: 2}", "'volumes' is not allowed in data.scale; volumes are multiplied with 'pods'; namespaces are the same on all nodes"),
        ("{nodes: 100, pods: 200}", "data.scale: a month would have 964,800 rows, above the 800,000 of a payload; take smaller factors, or a shorter period"),
    ],
)  # fmt: skip
def test_a_bad_scale_gets_one_sentence_at_its_place(tmp_path: Path, scale: str, said: str) -> None:
    assert told(tmp_path, REPORT.replace("SCALE", scale)) == [f"6 {said}"]


def test_two_things_of_one_name_are_told_before_they_are_made(tmp_path: Path) -> None:
    twice = REPORT + POD.replace("NAME", "p1-3")
    said = "6 data.scale: the pod 'p1-3' is there twice: it is also copy 3 of 'p1'; give it another name"
    assert told(tmp_path, twice.replace("SCALE", "{nodes: 3}")) == [said]
    assert loaded(tmp_path, twice.replace("SCALE", "{nodes: 2}")).scale == ScaleFactors(nodes=2)


def test_a_name_too_long_for_its_number_is_told(tmp_path: Path) -> None:
    long = (REPORT + POD.replace("NAME", "q" * 252)).replace("SCALE", "{pods: 2}")
    (said,) = told(tmp_path, long)
    assert said.startswith("6 data.scale: with the number of a copy the pod 'qqqqq")


def test_a_virtual_machine_is_not_multiplied(tmp_path: Path) -> None:
    machine = REPORT.replace("label_app:web", "label_vm_kubevirt_io_name:vm1").replace("SCALE", "{pods: 2}")
    said = "6 data.scale: the report has the virtual machine 'vm1'; virtual machines are not multiplied: leave scale or them out"
    assert told(tmp_path, machine) == [said]


@pytest.mark.parametrize("data", ["rows: moving", "payloads: recordings/one_pod_day"])
def test_what_nise_does_not_make_is_not_multiplied(tmp_path: Path, data: str) -> None:
    text = HEAD if "rows" in data else HEAD.replace("period: {start: month-1m, end: month-1m+1d}\n", "")
    path = tmp_path / "x.yaml"
    path.write_text(f"{text}data:\n  {data}\n  scale: {{pods: 2}}\n")
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path, fixtures=FIXTURES, today=TODAY)
    assert "data.scale without a nise report" in [one.what for one in raised.value.problems]


def test_scale_beside_data_is_told_where_it_belongs(tmp_path: Path) -> None:
    (said,) = told(tmp_path, "scale: {pods: 2}\ndata: {template: one_pod.yml}")
    assert said == "5 'scale' is not allowed in the scenario; it belongs into data: {template: ..., scale: ...}"


CLOUD = """\
source: {type: AWS}
data:
  scale: SCALE
  nise:
    accounts: {payer: '100000000001', user: ['100000000002', '100000000009']}
    generators:
      - VPCGenerator: {user: '100000000002', region: us-east-1a, resource_id: a, cost: 1, rate: 1}
      - VPCGenerator: {user: '100000000009', region: us-east-1a, resource_id: a-2, cost: 1, rate: 1}
"""


def test_accounts_and_resources_are_the_factors_of_a_cloud(tmp_path: Path) -> None:
    apart = CLOUD.replace("a-2", "b")
    assert loaded(tmp_path, apart.replace("SCALE", "{accounts: 7}")).scale == CostFactors(accounts=7, resources=1)
    assert loaded(tmp_path, CLOUD.replace("  scale: SCALE\n", "")).scale is None


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ("{nodes: 2}", "unknown key 'nodes' in data.scale; known: accounts, resources"),
        ("{days: 2}", "'days' is not allowed in data.scale; 'period' says the days: nise makes the first of each month, and scale the others"),
        ("{accounts: 0}", "data.scale.accounts: 0 is not from 1 to 100,000; "),
        ("{accounts: x}", "data.scale.accounts: is not a whole number; write how often, such as 10"),
        ("{resources: 2}", "data.scale: the resource 'a-2' is there twice: it is also copy 2 of 'a'; give it another resource_id"),
    ],
)  # fmt: skip
def test_a_bad_scale_of_a_cloud_gets_one_sentence(tmp_path: Path, scale: str, said: str) -> None:
    assert told(tmp_path, CLOUD.replace("SCALE", scale)) == [f"7 {said}"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("SCALE", "{accounts: 8}"), "the account 100000000009 is there twice: it is also a copy of 100000000002; take accounts that are further apart"),
        (("SCALE", "{resources: 50000}"), "a month would have 2,400,000 rows, above the 200,000 that can be expected of; take smaller factors, or a shorter period"),
        (("VPCGenerator: {user: '100000000009', region: us-east-1a, resource_id: b, cost: 1, rate: 1}", "DataTransferGenerator: {user: '100000000009', region: us-east-1a, resource_id: b, amount: 1, rate: 1, data_direction: in}"), "the report has the DataTransferGenerator, which cannot be multiplied; nise takes its usage type by chance in each row"),
        (("'100000000009'", "'999999999999'"), "2 accounts from 999999999999 on have more than 12 digits; take a smaller account"),
    ],
)  # fmt: skip
def test_what_of_a_cloud_cannot_be_multiplied_is_told(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = CLOUD.replace("a-2", "b").replace(*change).replace("SCALE", "{accounts: 2}")
    assert told(tmp_path, text) == [f"7 data.scale: {said}"]
