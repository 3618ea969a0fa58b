"""Whatever nise would clip, drop, overwrite or invent in silence is refused, with the place it is written."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.errors import ScenarioError
from e2e_validator.scenario.load import load_scenario

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
HEAD = """\
version: 1
name: x
description: Why.
period: {start: month-1m, end: month-1m+1d}
data:
  nise:
"""
NISE = """\
    nodes:
      - node:
        node_name: n1
        cpu_cores: 4
        memory_gig: 16
        resource_id: '055'
        namespaces:
          app:
            pods:
              - pod_name: p1
                cpu_request: 1
                cpu_limit: 2
                mem_request_gig: 2
                mem_limit_gig: 4
                pod_seconds: 3600
                cpu_usage: {full_period: 0.5}
                mem_usage_gig: {full_period: 1}
                labels: label_app:web|label_team:front
            volumes:
              - volume_name: v1
                storage_class: gp2
                volume_request_gig: 20
                volume_claims:
                  - volume_claim_name: c1
                    pod_name: p1
                    capacity_gig: 10
                    volume_claim_usage_gig: {full_period: 4}
"""
# How a second of each looks when it is added to NISE.
VOLUME = """\
              - {volume_name: v1, storage_class: a, volume_request_gig: 9, volume_claims: [
                  {volume_claim_name: c1, pod_name: p1, capacity_gig: 5, volume_claim_usage_gig: {full_period: 1}}]}
"""
CLAIM = "                  - {volume_claim_name: c2, pod_name: p1, capacity_gig: %s, volume_claim_usage_gig: {full_period: 1}}\n"
POD = "{pod_name: p1, cpu_request: 1, cpu_limit: 1, mem_request_gig: 1, mem_limit_gig: 1, pod_seconds: 60, cpu_usage: {full_period: 1}, mem_usage_gig: {full_period: 1}}"
NODE = "      - {node_name: %s, cpu_cores: 4, memory_gig: 8, resource_id: b, namespaces: {%s}}\n"
POD_AT = "data.nise.nodes[0].namespaces.app.pods[0]"
CLAIM_AT = "data.nise.nodes[0].namespaces.app.volumes[0].volume_claims"
POD_KEYS = (
    "cpu_limit, cpu_request, cpu_usage, labels, mem_limit_gig, mem_request_gig, mem_usage_gig, pod_name, pod_seconds"
)


def complaints(folder: Path, nise: str) -> list[str]:
    (folder / "x.yaml").write_text(HEAD + nise)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder / "x.yaml", fixtures=FIXTURES, today=TODAY)
    return [str(problem).removeprefix(f"{folder}/x.yaml:") for problem in caught.value.problems]


def report(folder: Path, nise: str) -> dict[str, Any]:
    (folder / "x.yaml").write_text(HEAD + nise)
    loaded = load_scenario(folder / "x.yaml", fixtures=FIXTURES, today=TODAY)
    assert loaded.report is not None
    return loaded.report


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("cpu_limit: 2", "cpu_limt: 2", f"18:17  unknown key 'cpu_limt' in {POD_AT}; did you mean 'cpu_limit'? (known: {POD_KEYS})"),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: {full_period: 0}", f"22:42  {POD_AT}.cpu_usage.full_period: 0 is not above 0; nise takes 0 for 'not given'"),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: {full_period: .nan}", f"22:42  {POD_AT}.cpu_usage.full_period: nan is not a finite number"),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: {full_period: true}", f"22:42  {POD_AT}.cpu_usage.full_period: true is not a number"),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: {full_period: '1'}", f"22:42  {POD_AT}.cpu_usage.full_period: '1' is not a number; write it without quotes"),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: 0.5", f"22:28  {POD_AT}.cpu_usage: 0.5 is not a mapping; write {{full_period: 0.5}}"),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: {'2026-10-01': 1}", f"22:29  '2026-10-01' is not allowed in {POD_AT}.cpu_usage; nise takes random values on all other days: write one for every hour, full_period"),
        ("pod_seconds: 3600", "pod_seconds: 0", f"21:30  {POD_AT}.pod_seconds: 0 is not above 0; nise takes 0 for 'not given'"),
        ("pod_seconds: 3600", "pod_seconds: 1.5", f"21:30  {POD_AT}.pod_seconds: 1.5 is not a whole number"),
        ("label_app:web|", "label_app:web:1|", f"24:25  {POD_AT}.labels: the label 'label_app:web:1' does not have exactly one ':'; write label_app:web|label_team:front"),
        ("label_app:web|label_team:front", "{app: web}", f"24:25  {POD_AT}.labels: labels are one text, not a mapping; write label_app:web"),
        ("labels: label_app:web|label_team:front", "gpus: []", f"24:17  'gpus' is not allowed in {POD_AT}; GPUs come later: leave the key out"),
        ("capacity_gig: 10", "capacity_gig: 21", f"32:35  {CLAIM_AT}[0]: the claims take 21 GiB of volume_request_gig 20; the sum of capacity_gig must fit"),
        ("volume_request_gig: 20", "volume_request_gig: 1", f"30:21  {CLAIM_AT}[0]: only 1 GiB of volume_request_gig 1 are left; nise drops a claim without a word unless more than 1 GiB is left"),
        ("storage_class: gp2", "storage_class:", "27:31  data.nise.nodes[0].namespaces.app.volumes[0].storage_class: is empty"),
        ("          app:", "          ' ':", "14:11  a key in data.nise.nodes[0].namespaces is empty"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_report_is_told_at_its_place(
    tmp_path: Path, written: str, instead: str, complaint: str
) -> None:
    assert written in NISE
    assert complaint in complaints(tmp_path, NISE.replace(written, instead, 1))


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        (CLAIM % 11, f"34:73  {CLAIM_AT}[1]: the claims take 21 GiB of volume_request_gig 20; the sum of capacity_gig must fit"),
        (VOLUME.replace("c1", "c3"), "34:31  the volume 'v1' is given twice (first on line 26); give it another name"),
        (VOLUME.replace("v1", "v3"), "35:39  the claim 'c1' is given twice in 'app' (first on line 30); give it another name"),
        (NODE % ("n1", f"b: {{pods: [{POD.replace('p1', 'p2')}]}}"), "34:21  the node 'n1' is given twice, with another memory_gig (first on line 9); Koku would take it for one: write the same, or another name"),
        (NODE % ("n2", ""), "34:82  data.nise.nodes[1].namespaces: is empty; at least one is needed"),
        (NODE % ("n2", "b: , c: {pods: }"), "34:82  no namespace of data.nise.nodes[1] has a pod; Koku takes a node's capacity from its pods"),
        (NODE % ("n2", f"b: {{pods: [{POD.replace('p1', 'p2')}], volumes: }}"), "34:266  data.nise.nodes[1].namespaces.b.volumes: is empty; write a list, or leave the key out"),
        ("      - {node_name: n2, cpu_cores: 4, memory_gig: 8, resource_id: b}\n", "34:9  missing key 'namespaces' in data.nise.nodes[1]; its namespaces by name; nise invents some for a node without; nise would choose a value itself"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told(tmp_path: Path, added: str, complaint: str) -> None:
    assert complaint in complaints(tmp_path, NISE + added)


def test_the_pod_of_a_namespace_is_given_once_over_all(tmp_path: Path) -> None:
    one = NISE.replace("\n", "\n      ").replace(
        "    nodes", "    generators:\n      - OCPGenerator:\n          nodes", 1
    )
    two = f"- OCPGenerator: {{nodes: [{{node_name: n2, cpu_cores: 4, memory_gig: 8, resource_id: b, namespaces: {{app: {{pods: [{POD}]}}}}}}]}}\n"
    assert len(report(tmp_path, one + two.replace("pod_name: p1", "pod_name: p2"))["generators"]) == 2
    (complaint,) = complaints(tmp_path, one + two)
    what, hint, more = complaint.split("  ")[1].split("; ")
    assert what == "the pod 'p1' of 'app' is given twice (first on line 18)"
    assert (hint, more) == ("Koku tells pods apart by namespace and name", "all generators cover the same hours")


def test_a_namespace_without_pods_may_stand_beside_others(tmp_path: Path) -> None:
    settled_report = report(
        tmp_path, NISE + "          empty:\n          idle: {namespace_labels: label_a:b, pods: }\n"
    )
    namespaces = settled_report["generators"][0]["OCPGenerator"]["nodes"][0]["namespaces"]
    assert namespaces["empty"] == {}
    assert namespaces["idle"] == {"namespace_labels": "label_a:b"}


def test_nothing_random_and_no_marker_is_left_in_the_report(tmp_path: Path) -> None:
    node = report(tmp_path, NISE)["generators"][0]["OCPGenerator"]["nodes"][0]
    volume = node["namespaces"]["app"]["volumes"][0]
    assert "node" not in node
    assert node["resource_id"] == "055"
    assert (volume["csi_driver"], volume["csi_volume_handle"]) == ("csi.e2e-validator", "vol-v1")


def test_a_report_keeps_the_csi_names_it_gives(tmp_path: Path) -> None:
    text = NISE.replace(
        "storage_class: gp2", "storage_class: gp2\n                csi_driver: d\n                csi_volume_handle: h"
    )
    volume = report(tmp_path, text)["generators"][0]["OCPGenerator"]["nodes"][0]["namespaces"]["app"]["volumes"][0]
    assert (volume["csi_driver"], volume["csi_volume_handle"]) == ("d", "h")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-10-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here] + [path for key, item in inner for path in _paths(item, (*here, key))]


WHOLE = yaml.safe_load(HEAD + NISE) | {
    "tags": ["a"],
    "source": {"type": "OCP"},
    "uploads": [{"label": "x", "period": {"start": "month-1m", "end": "month-1m+1d"}, "damage": "truncated"}],
    "limits": {"api": "1m"},
    "expect": {"rejected": {"manifest": "present", "report_status": {"DONE": 1}, "state": {"download": ["start"]}}},
}


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from([path for path in _paths(WHOLE) if path]), junk=JUNK)
def test_junk_anywhere_is_either_fine_or_a_problem_with_a_place(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], junk: Any
) -> None:
    data = copy.deepcopy(WHOLE)
    part = data
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = junk
    file = tmp_path_factory.getbasetemp() / "x.yaml"
    text = yaml.safe_dump(data)
    file.write_text(text)
    try:
        load_scenario(file, fixtures=FIXTURES, today=TODAY)
    except ScenarioError as error:
        for problem in error.problems:
            assert 1 <= problem.line <= text.count("\n") + 1
            assert problem.column >= 1
            assert "\n" not in str(problem)
