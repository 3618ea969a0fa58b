"""Reports as people have them are taken; what comes out differently from what is written is a warning."""
# ruff: noqa: E501 - a table of reports and sentences reads best with one a line

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from test_scenario_nise_rules import CLAIM_AT, HEAD, NISE, NODE, POD, POD_AT, VOLUME

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.ocp.generate.rows import planned_rows
from e2e_validator.scenario.dates import resolve
from e2e_validator.scenario.lint import lint
from e2e_validator.scenario.load import LoadedScenario, load_scenario

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
CUT = "nise cuts it down to that"
DATES = "is not used; the data are of the scenario's 'period'; nise alone would take its own"
MACHINE = "its system and size are fixed ones; nise would take random ones; no figure depends on them"
APART = "nise alone would drop the earlier one; here each node has a generator of its own"


def load(folder: Path, nise: str) -> LoadedScenario:
    (folder / "x.yaml").write_text(HEAD + nise)
    return load_scenario(folder / "x.yaml", fixtures=FIXTURES, today=TODAY)


def at(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data[int(key) if key.isdigit() else key]
    return data


def node(loaded: LoadedScenario) -> Any:
    assert loaded.report is not None
    return loaded.report["generators"][0]["OCPGenerator"]["nodes"][0]


POD_IN = "namespaces.app.pods.0"
CLAIM_IN = "namespaces.app.volumes.0.volume_claims.0"


@pytest.mark.parametrize(
    ("written", "instead", "warning", "path", "value"),
    [
        ("resource_id: '055'", "resource_id: 55555555", "", "resource_id", "55555555"),
        ("resource_id: '055'", "resource_id: 055", "12:22  warning: resource_id: YAML reads 055 as 45, and so it is sent; write '055' if that is meant", "resource_id", "45"),
        ("resource_id: '055'", "resource_id: 5e3", "", "resource_id", "5e3"),
        ("        resource_id: '055'\n", "", "8:9  warning: data.nise.nodes[0] has no resource_id; it gets 'n1'; nise would take a random one; no figure depends on it", "resource_id", "n1"),
        ("cpu_cores: 4", "cpu_cores: 4\n        start_date: 2026-10-01", f"11:9  warning: start_date {DATES}", "cpu_cores", 4),
        ("    nodes:", "    end_date: 2026-10-01\n    nodes:", f"7:5  warning: end_date {DATES}", "cpu_cores", 4),
        ("    nodes:", "    start_date: {{ start_date }}\n    nodes:", f"7:5  warning: start_date {DATES}", "cpu_cores", 4),
        ("    nodes:", "    end_date: [{}, 1]\n    nodes:", f"7:5  warning: end_date {DATES}", "cpu_cores", 4),
        ("cpu_cores: 4", "cpu_cores: 4\n        zone: a", "11:9  warning: 'zone' in data.nise.nodes[0] has no effect; nise does not read it", "cpu_cores", 4),
        ("labels: label_app:web|label_team:front", "workload: daemonset", f"24:17  warning: workload in {POD_AT} has no effect; only reports for resource optimisation have it; they are not made", f"{POD_IN}.pod_name", "p1"),
        ("                cpu_limit: 2\n", "", f"16:17  warning: {POD_AT} has no cpu_limit; nise takes 4, cpu_cores of the node", f"{POD_IN}.cpu_limit", 4),
        ("                mem_limit_gig: 4\n", "", f"16:17  warning: {POD_AT} has no mem_limit_gig; nise takes 16, memory_gig of the node", f"{POD_IN}.mem_limit_gig", 16),
        ("                mem_request_gig: 2\n", "", f"16:17  warning: {POD_AT} has no mem_request_gig; nise takes 4, mem_limit_gig", f"{POD_IN}.mem_request_gig", 4),
        ("                    capacity_gig: 10\n", "", f"30:21  warning: {CLAIM_AT}[0] has no capacity_gig; nise takes 20, volume_request_gig", f"{CLAIM_IN}.capacity_gig", 20),
        ("                volume_request_gig: 20\n", "", "26:17  warning: data.nise.nodes[0].namespaces.app.volumes[0] has no volume_request_gig; nise takes 100, nise's own", "namespaces.app.volumes.0.volume_request_gig", 100),
        ("cpu_usage: {full_period: 0.5}", "cpu_usage: {full_period: 2.5}", f"22:42  warning: {POD_AT}.cpu_usage.full_period: 2.5 is above cpu_limit 2; {CUT}", f"{POD_IN}.cpu_usage.full_period", 2),
        ("mem_usage_gig: {full_period: 1}", "mem_usage_gig: {full_period: 5}", f"23:46  warning: {POD_AT}.mem_usage_gig.full_period: 5 is above mem_limit_gig 4; {CUT}", f"{POD_IN}.mem_usage_gig.full_period", 4),
        ("cpu_request: 1", "cpu_request: 2.5", f"17:30  warning: {POD_AT}.cpu_request: 2.5 is above cpu_limit 2; {CUT}", f"{POD_IN}.cpu_request", 2),
        ("mem_request_gig: 2", "mem_request_gig: 5", f"19:34  warning: {POD_AT}.mem_request_gig: 5 is above mem_limit_gig 4; {CUT}", f"{POD_IN}.mem_request_gig", 4),
        ("cpu_limit: 2", "cpu_limit: 5", f"18:28  warning: {POD_AT}.cpu_limit: 5 is above cpu_cores 4; {CUT}", f"{POD_IN}.cpu_limit", 4),
        ("mem_limit_gig: 4", "mem_limit_gig: 17", f"20:32  warning: {POD_AT}.mem_limit_gig: 17 is above memory_gig 16; {CUT}", f"{POD_IN}.mem_limit_gig", 16),
        ("full_period: 4", "full_period: 11", f"33:59  warning: {CLAIM_AT}[0].volume_claim_usage_gig.full_period: 11 is above capacity_gig 10; {CUT}", f"{CLAIM_IN}.volume_claim_usage_gig.full_period", 10),
        ("pod_seconds: 3600", "pod_seconds: 86400", f"21:30  warning: {POD_AT}.pod_seconds: 86400 is above 3600; nise counts it for each hour; 24 times the usage of one hour", f"{POD_IN}.pod_seconds", 86400),
        ("label_app:web|", "app:web|", "24:25  warning: the label 'app:web' does not begin with 'label_'; Koku reads it all the same; the operator writes label_app:web", f"{POD_IN}.labels", "app:web|label_team:front"),
        ("pod_name: p1\n                    cap", "pod_name: p2\n                    cap", f"31:31  warning: {CLAIM_AT}[0].pod_name: 'p2' is no pod of 'app' (its pods: p1); Koku counts such a claim on no node", f"{CLAIM_IN}.pod_name", "p2"),
        ("                    pod_name: p1\n", "", f"30:21  warning: {CLAIM_AT}[0] has no pod_name; Koku counts such a claim on no node", f"{CLAIM_IN}.volume_claim_name", "c1"),
        (NISE[NISE.index("                volume_claims"):], "", "26:30  warning: the volume 'v1' has no claim; it is sent; Koku counts it on no project", "namespaces.app.volumes.0.volume_claims", []),
        ("label_team:front", "label_app:y", "24:25  warning: the label 'label_app' is given twice; Koku takes the last", f"{POD_IN}.labels", "label_app:web|label_app:y"),
    ],
)  # fmt: skip
def test_what_nise_does_by_rule_is_taken_and_said(
    tmp_path: Path, written: str, instead: str, warning: str, path: str, value: Any
) -> None:
    assert written in NISE
    loaded = load(tmp_path, NISE.replace(written, instead, 1))
    told = [str(one).removeprefix(f"{tmp_path}/x.yaml:") for one in loaded.warnings]
    assert told == ([warning] if warning else [])
    assert at(node(loaded), path) == value
    assert not {"start_date", "end_date", "zone", "workload"} & {*node(loaded), *at(node(loaded), POD_IN)}


def test_a_report_without_oddities_has_no_warning(tmp_path: Path) -> None:
    assert load(tmp_path, NISE).warnings == ()


@pytest.mark.parametrize(("limit", "refused"), [("25", False), ("25.5", True), ("16.1", False)])
def test_a_memory_request_is_filled_in_where_chance_is_out(tmp_path: Path, limit: str, refused: bool) -> None:
    text = NISE.replace("memory_gig: 16", "memory_gig: 64").replace("                mem_request_gig: 2\n", "")
    text = text.replace("mem_limit_gig: 4", f"mem_limit_gig: {limit}")
    if not refused:
        assert at(node(load(tmp_path, text)), f"{POD_IN}.mem_request_gig") == float(limit)
        return
    with pytest.raises(ScenarioError, match=r"missing key 'mem_request_gig' in .*nise would choose a value itself"):
        load(tmp_path, text)


def test_a_namespace_on_two_nodes_gets_a_generator_for_each(tmp_path: Path) -> None:
    loaded = load(tmp_path, NISE + NODE % ("n2", f"app: {{pods: [{POD.replace('p1', 'p2')}]}}"))
    (warning,) = loaded.warnings
    assert warning.what == "the namespace 'app' is on two nodes of one generator (first on line 14)"
    assert (warning.line, warning.hint) == (34, APART)
    names = [[one["node_name"] for one in entry["OCPGenerator"]["nodes"]] for entry in loaded.report["generators"]]  # type: ignore[index]
    assert names == [["n1"], ["n2"]]


def test_a_pod_on_another_node_gets_its_own_generator(tmp_path: Path) -> None:
    loaded = load(tmp_path, NISE + NODE % ("n2", f"b: {{pods: [{POD}]}}"))
    (warning,) = loaded.warnings
    assert (warning.what, warning.hint) == ("the pod 'p1' is given twice in one generator (first on line 16)", APART)
    assert len(loaded.report["generators"]) == 2  # type: ignore[index]


def test_a_pod_of_the_same_name_on_the_same_node_is_refused(tmp_path: Path) -> None:
    text = NISE + f"          b: {{pods: [{POD}]}}\n"
    with pytest.raises(
        ScenarioError, match=r"the pod 'p1' is given twice in one generator .*; nise would drop the ear"
    ):
        load(tmp_path, text)


def test_the_same_node_may_be_written_in_two_generators(tmp_path: Path) -> None:
    other = f"      - OCPGenerator: {{nodes: [{{node_name: n1, cpu_cores: 4, memory_gig: 16, resource_id: '055', namespaces: {{b: {{pods: [{POD.replace('p1', 'p2')}]}}}}}}]}}\n"
    one = NISE.replace("\n", "\n      ").replace(
        "    nodes", "    generators:\n      - OCPGenerator:\n          nodes", 1
    )
    loaded = load(tmp_path, one.rstrip() + "\n" + other)
    assert loaded.warnings == ()
    assert len(loaded.report["generators"]) == 2  # type: ignore[index]


def test_the_machine_of_a_labelled_pod_is_written_out(tmp_path: Path) -> None:
    text = NISE.replace("label_app:web", "label_vm_kubevirt_io_name:vm1")
    loaded = load(tmp_path, text)
    assert [(one.line, one.what.split("; ")[0]) for one in loaded.warnings] == [
        (24, f"{POD_AT} runs a virtual machine")
    ]
    assert f"{loaded.warnings[0].what}; {loaded.warnings[0].hint}".endswith(MACHINE)
    (machine,) = node(loaded)["namespaces"]["app"]["virtual_machines"]
    pod = node(loaded)["namespaces"]["app"]["pods"][0]
    assert machine["vm_name"] == "vm1"
    assert (machine["pod_name"], machine["vm_seconds"], machine["cpu_usage"]) == ("p1", 3600, {"full_period": 0.5})
    # nise multiplies a machine's memory in place: it must not be the pod's.
    assert machine["mem_usage_gig"] == pod["mem_usage_gig"]
    assert machine["mem_usage_gig"] is not pod["mem_usage_gig"]
    rows = planned_rows(loaded.report["generators"], resolve("2026-10-01", TODAY), resolve("2026-10-02", TODAY))  # type: ignore[index]
    assert (rows["2026-10"]["pod_usage"], rows["2026-10"]["vm_usage"]) == (24, 24)


def test_what_is_written_of_a_machine_is_kept(tmp_path: Path) -> None:
    machines = "            virtual_machines: [{vm_name: vm1, os: hummingbird, cpu_request_sockets: 2, cpu_cores: 8}]\n"
    text = NISE.replace("label_app:web", "label_vm_kubevirt_io_name:vm1") + machines
    loaded = load(tmp_path, text)
    assert any("'cpu_cores'" in one.what for one in loaded.warnings)
    (machine,) = node(loaded)["namespaces"]["app"]["virtual_machines"]
    assert (machine["os"], machine["cpu_request_sockets"], machine["guest_os_arch"]) == ("hummingbird", 2, "amd64")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (NISE + "            virtual_machines: [{vm_name: vm1}]\n", "no pod of data.nise.nodes[0].namespaces.app runs the virtual machine 'vm1'; nise would invent a pod and a volume: label a pod label_vm_kubevirt_io_name:vm1"),
        (NISE.replace("label_app:web", "label_vm_kubevirt_io_name:v") + NODE % ("n2", f"b: {{pods: [{POD.replace('p1', 'p2').replace('}}', '}, labels: label_vm_kubevirt_io_name:v}')}]}}"), "the virtual machine 'v' runs in two pods (first on line 24); nise would make one of them: name the other differently"),
        (NISE.replace("cpu_usage: {full_period: 0.5}", "cpu_usage: {'1-21-2019': 1, full_period: 1}"), f"'1-21-2019' is not allowed in {POD_AT}.cpu_usage; nise takes random values on all other days: write one for every hour, full_period"),
        (NISE.replace("                cpu_usage: {full_period: 0.5}\n", ""), f"missing key 'cpu_usage' in {POD_AT}; cores, such as {{full_period: 0.5}}; nise would choose a value itself"),
        (NISE.replace("cpu_cores: 4", "cpu_cores: {{ cores }}"), "data.nise.nodes[0].cpu_cores: {{ cores }} is the place of a value; write the value itself"),
        (NISE.replace("node_name: n1", 'node_name: "n\\n1"'), r"data.nise.nodes[0].node_name: 'n\n1' has a line break or another character that no name has; leave it out"),
        (NISE.replace("pod_name: p1", 'pod_name: "p\\0"', 1), "data.nise.nodes[0].namespaces.app.pods[0].pod_name: the character U+0000 is not allowed; leave it out"),
        (NISE.replace("node_name: n1", f"node_name: {'n' * 254}"), f"data.nise.nodes[0].node_name: '{'n' * 57}...' has 254 characters; Kubernetes takes at most 253"),
        *[
            (NISE.replace("          app:", f"          {name}:"), f"a key in data.nise.nodes[0].namespaces '{name}' is a project that Koku makes itself; give the namespace another name")
            for name in ("Platform unallocated", "Worker unallocated", "GPU unallocated", "Network unattributed", "Storage unattributed")
        ],
    ],
)  # fmt: skip
def test_what_nise_or_koku_would_get_wrong_stays_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, text)
    assert complaint in [f"{one.what}; {one.hint}" for one in caught.value.problems]


@pytest.mark.parametrize("name", ["'null'", "NA", "openshift", "No-x", "'1'"])
def test_odd_but_possible_namespaces_are_taken(tmp_path: Path, name: str) -> None:
    loaded = load(tmp_path, NISE.replace("          app:", f"          {name}:"))
    assert list(node(loaded)["namespaces"]) == [name.strip("'")]


@pytest.mark.parametrize("generator", ["EC2Generator", "VMGenerator", "ComputeEngineGenerator"])
def test_a_report_of_a_cloud_is_one_sentence(tmp_path: Path, generator: str) -> None:
    text = (
        f"    generators:\n      - {generator}: {{start_date: last_month, tags: {{a: b}}}}\n      - {generator}: {{}}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, text)
    (problem,) = caught.value.problems
    assert (problem.line, problem.what) == (7, f"this is no report of OCP: its generators are {generator}")
    assert problem.hint == "sources of AWS, Azure and GCP come later; write a report with OCPGenerator"


def test_many_alike_are_one_warning_and_change_no_exit_code(tmp_path: Path) -> None:
    text = NISE.replace("label_app:web|label_team:front", "app:web|team:front|a:b")
    assert [one.what for one in load(tmp_path, text).warnings] == [
        "the label 'app:web' does not begin with 'label_'; Koku reads it all the same (2 more like it)"
    ]
    assert all(one.warning for one in lint([tmp_path / "x.yaml"], FIXTURES, TODAY))


def test_a_volume_of_a_second_name_is_not_touched(tmp_path: Path) -> None:
    more = VOLUME.replace("v1", "v3").replace("c1", "c3")
    assert load(tmp_path, NISE + more).warnings == ()
