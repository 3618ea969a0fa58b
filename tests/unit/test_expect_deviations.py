"""Deviations from the data: each known one is found by its name, with both values, and nothing else is."""

from __future__ import annotations

import ast
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from expect_models import INFRASTRUCTURE, SUPPLEMENTARY, rate
from expect_payloads import DAY, claim_rows, hours, namespace_rows, node_rows, payload, pod_rows

from e2e_validator.cli.deviations import deviations as command
from e2e_validator.expect.known_deviation import UNEXPLAINED
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.command import expect_json, expect_text
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.deviations.clue import Clue
from e2e_validator.providers.ocp.expect.deviations.finding import Deviation, deviations
from e2e_validator.providers.ocp.expect.deviations.registry import DEVIATIONS
from e2e_validator.providers.ocp.expect.deviations.text import deviation_list, deviation_markdown
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.scenario.deviation_names import DEVIATION_NAMES

ROOT = Path(__file__).parents[2]
WHEN = hours()
MORNING, EVENING = WHEN[:12], WHEN[12:]
TODAY = DAY.date()
LABELS: dict[str, Any] = {"nodes": [node_rows(WHEN)]}
MODEL = CostModel.from_json(
    {
        "rates": [
            rate("cpu_core_usage_per_hour", "1", SUPPLEMENTARY),
            rate("pvc_cost_per_month", "30", INFRASTRUCTURE),
        ]
    }
)


def expected(tmp_path: Path, *, model: CostModel | None = MODEL, **files: Any) -> Expectation:
    foreign = files.pop("foreign", None)
    made = payload(tmp_path / "p", **files)
    return Expectation.from_payloads(
        [made], cluster_alias="x", cost_model=model, enabled_tags=["team"], foreign_roles=foreign
    )


def found(tmp_path: Path, **files: Any) -> dict[str, Deviation]:
    return {one.name: one for one in expected(tmp_path, **files).deviations(TODAY, TODAY)}


def values(one: Deviation, *key: str, field: str) -> tuple[Any, Any]:
    """By the data, as Koku; at the report, grouping and group given."""
    (figure,) = [
        figure
        for figure in one.figures
        if figure.field == field and figure.key[: len(key)] == key and (len(figure.key[3]) == 7 or len(key) == 4)
    ]
    # Added to 0, a number has the digits that the test's context has.
    return figure.by_data + 0, None if figure.as_koku is None else figure.as_koku + 0


def test_an_ordinary_cluster_deviates_by_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, pods=[pod_rows(WHEN)], claims=[claim_rows(WHEN)], **LABELS) == {}


def test_a_project_with_two_sets_of_labels_counts_twice(tmp_path: Path) -> None:
    namespaces = [
        *namespace_rows(MORNING, labels="label_team:red"),
        *namespace_rows(EVENING, labels="label_team:blue"),
    ]
    one = found(tmp_path, pods=[pod_rows(WHEN)], namespaces=[namespaces], **LABELS)
    assert list(one) == ["namespace_labels_multiply"]
    deviation = one["namespace_labels_multiply"]
    assert str(deviation.worst) == "compute / project app-a usage is 24, the data say 12"
    assert values(deviation, "costs", "project", "app-a", field="cost.total") == (12, 24)
    assert values(deviation, "costs", "project", "Worker unallocated", field="cost.total") == (84, 72)
    assert "app-a has several sets of labels on 2026-11-05" in deviation.clues[0].sentence


def test_labels_that_nobody_enabled_may_change(tmp_path: Path) -> None:
    namespaces = [*namespace_rows(MORNING, labels="label_x:1"), *namespace_rows(EVENING, labels="label_x:2")]
    assert found(tmp_path, pods=[pod_rows(WHEN)], namespaces=[namespaces], **LABELS) == {}


def test_a_node_with_two_sets_of_labels_counts_twice(tmp_path: Path) -> None:
    nodes = [*node_rows(MORNING, labels="label_team:red"), *node_rows(EVENING)]
    one = found(tmp_path, pods=[pod_rows(WHEN)], nodes=[nodes])
    assert list(one) == ["node_labels_multiply"]


def test_a_claim_whose_pod_moves_has_its_capacity_again(tmp_path: Path) -> None:
    pods = [*pod_rows(MORNING), *pod_rows(EVENING, node="n2")]
    nodes = [*node_rows(WHEN), *node_rows(WHEN, node="n2")]
    one = found(tmp_path, pods=[pods], claims=[claim_rows(WHEN, gib=(30, 30, 3))], nodes=[nodes])
    assert list(one) == ["claim_capacity_again"]
    assert values(one["claim_capacity_again"], "volumes", "project", "app-a", field="capacity") == (1, 2)
    # Usage and request are divided by the nodes, and so come out right; the claim pays its price on each.
    assert values(one["claim_capacity_again"], "costs", "project", "app-a", field="infrastructure.total") == (1, 2)


def test_a_volume_without_a_claim_pays_for_one(tmp_path: Path) -> None:
    free = claim_rows(WHEN, namespace="", pod="", claim="", volume="pv-free", gib=(30, 0, 0))
    one = found(tmp_path, pods=[pod_rows(WHEN)], claims=[[*claim_rows(WHEN), *free]], **LABELS)
    assert list(one) == ["volume_pays_claim_price"]
    deviation = one["volume_pays_claim_price"]
    assert values(deviation, "costs", "project", "No-project", field="cost.total") == (0, 1)
    assert "pv-free has no claim on 2026-11-05" in deviation.clues[0].sentence
    model = CostModel.from_json({"rates": [rate("storage_gb_usage_per_month", "1", SUPPLEMENTARY)]})
    more = {"pods": [pod_rows(WHEN)], "claims": [[*claim_rows(WHEN), *free]], **LABELS}
    assert found(tmp_path / "unpriced", model=model, **more) == {}


def test_a_claim_that_is_bound_anew_counts_again_in_everything(tmp_path: Path) -> None:
    pods = [*pod_rows(MORNING), *pod_rows(EVENING, node="n2")]
    claims = [*claim_rows(MORNING, gib=(30, 30, 30)), *claim_rows(EVENING, gib=(30, 30, 30), volume="pv-2")]
    nodes = [*node_rows(WHEN), *node_rows(WHEN, node="n2")]
    one = found(tmp_path, pods=[pods], claims=[claims], nodes=[nodes])["claim_capacity_again"]
    assert values(one, "volumes", "project", "app-a", field="usage") == (1, 2)
    assert values(one, "volumes", "project", "app-a", field="capacity") == (1, 4)


def test_pods_that_share_a_claim_on_one_node_count_it_twice(tmp_path: Path) -> None:
    pods = [*pod_rows(WHEN), *pod_rows(WHEN, pod="pod-2")]
    claims = [*claim_rows(WHEN, gib=(30, 30, 3)), *claim_rows(WHEN, gib=(30, 30, 3), pod="pod-2")]
    one = found(tmp_path, pods=[pods], claims=[claims], **LABELS)
    assert list(one) == ["claim_counted_per_pod"]
    assert values(one["claim_counted_per_pod"], "volumes", "project", "app-a", field="request") == (1, 2)


def test_the_price_of_a_claim_is_divided_among_its_project(tmp_path: Path) -> None:
    claims = [
        *claim_rows(WHEN, gib=(30, 30, 3)),
        *claim_rows(WHEN, gib=(30, 30, 3), claim="pvc-2", volume="pv-2"),
        *claim_rows(WHEN, gib=(30, 30, 3), claim="pvc-3", volume="pv-3", namespace="app-b"),
    ]
    one = found(tmp_path, pods=[pod_rows(WHEN)], claims=[claims], **LABELS)
    assert list(one) == ["claim_price_divided"]
    deviation = one["claim_price_divided"]
    assert values(deviation, "costs", "project", "app-a", field="infrastructure.total") == (2, 1)
    assert not [figure for figure in deviation.figures if figure.key[2] == "app-b"]


def test_the_clusters_hours_are_paid_in_part_by_a_late_node(tmp_path: Path) -> None:
    model = CostModel.from_json({"rates": [rate("cluster_cost_per_hour", "1", SUPPLEMENTARY)]})
    pods = [*pod_rows(WHEN), *pod_rows(EVENING, pod="pod-2", node="n2")]
    nodes = [*node_rows(WHEN), *node_rows(WHEN, node="n2")]
    one = found(tmp_path, model=model, pods=[pods], nodes=[nodes])
    assert list(one) == ["cluster_hour_of_part_days"]
    assert values(one["cluster_hour_of_part_days"], "costs", "total", "", "2026-11", field="cost.total") == (24, 20)


def test_nodes_that_are_there_all_day_pay_for_it_whole(tmp_path: Path) -> None:
    model = CostModel.from_json({"rates": [rate("cluster_cost_per_hour", "1", SUPPLEMENTARY)]})
    pods = [*pod_rows(WHEN), *pod_rows(WHEN, pod="pod-2", node="n2")]
    assert found(tmp_path, model=model, pods=[pods], nodes=[[*node_rows(WHEN), *node_rows(WHEN, node="n2")]]) == {}


@pytest.mark.parametrize("role", ["control-plane", "", "storage"])
def test_a_role_that_koku_does_not_know_leaves_capacity_unpriced(role: str, tmp_path: Path) -> None:
    one = found(tmp_path, pods=[pod_rows(WHEN, node_role=role)], **LABELS)
    assert list(one) == ["role_unknown_unpriced"]
    deviation = one["role_unknown_unpriced"]
    assert values(deviation, "compute", "project", "No-project", field="usage") == (0, 84)
    assert values(deviation, "costs", "project", "No-project", field="cost.total") == (84, 0)
    assert values(deviation, "costs", "total", "", TODAY.isoformat()[:7], field="cost.total") == (96, 12)


@pytest.mark.parametrize("role", ["worker", "master", "infra"])
def test_a_role_that_koku_knows_does_not(role: str, tmp_path: Path) -> None:
    assert found(tmp_path, pods=[pod_rows(WHEN, node_role=role)], **LABELS) == {}


def test_a_node_without_a_row_of_labels_is_not_learned(tmp_path: Path) -> None:
    one = found(tmp_path, pods=[pod_rows(WHEN, node_role="worker")])
    assert list(one) == ["node_labels_missing_unpriced"]


def test_a_role_that_changes_is_kept(tmp_path: Path) -> None:
    later = hours(24, DAY + timedelta(days=1))
    labels: dict[str, Any] = {"labels": "label_kubernetes_io_arch:amd64"}
    first = payload(tmp_path / "1", pods=[pod_rows(WHEN, node_role="worker")], nodes=[node_rows(WHEN, **labels)])
    second = payload(
        tmp_path / "2",
        uuid="22222222-2222-4222-8222-222222222222",
        pods=[pod_rows(later, node_role="infra")],
        nodes=[node_rows(later, **labels)],
        start=DAY + timedelta(days=1),
        end=DAY + timedelta(days=2),
    )
    expectation = Expectation.from_payloads([first, second], cluster_alias="x", cost_model=MODEL)
    (one,) = expectation.deviations(TODAY, TODAY + timedelta(days=1))
    assert one.name == "node_role_kept"
    assert values(one, "costs", "project", "Platform unallocated", field="cost.total") == (84, None)


def test_the_role_of_another_clusters_node_of_the_same_name(tmp_path: Path) -> None:
    pods = [pod_rows(WHEN, node_role="master")]
    one = found(tmp_path, pods=pods, foreign={("n1", "i-n1"): "worker"}, **LABELS)
    assert list(one) == ["node_roles_of_other_clusters"]
    assert values(
        one["node_roles_of_other_clusters"], "costs", "project", "Worker unallocated", field="cost.total"
    ) == (
        0,
        84,
    )


@pytest.mark.parametrize(
    "foreign", [{("n1", "i-n1"): "infra"}, {("n1", "other"): "worker"}, {("n9", "i-n1"): "worker"}]
)
def test_another_node_or_an_earlier_word_changes_nothing(foreign: dict[tuple[str, str], str], tmp_path: Path) -> None:
    assert found(tmp_path, pods=[pod_rows(WHEN, node_role="master")], foreign=foreign, **LABELS) == {}


@pytest.mark.parametrize("name", ["null", "NA", "None"])
def test_a_project_named_like_nothing_is_lost(name: str, tmp_path: Path) -> None:
    pods = [*pod_rows(WHEN), *pod_rows(WHEN, namespace=name, pod="pod-2")]
    one = found(tmp_path, pods=[pods], **LABELS)
    assert list(one) == ["project_null_lost"]
    assert values(one["project_null_lost"], "compute", "project", name, field="usage") == (12, None)


def test_a_row_that_koku_leaves_out_is_missing(tmp_path: Path) -> None:
    rows = [dict(row) for row in pod_rows(WHEN)]
    rows[3]["pod_usage_memory_byte_seconds"] = "+Inf"
    one = found(tmp_path, pods=[rows], **LABELS)
    assert list(one) == ["unread_rows"]
    assert values(one["unread_rows"], "compute", "project", "app-a", field="request") == (24, 23)
    assert values(one["unread_rows"], "compute", "node", "n1", field="capacity") == (96, 92)
    # What an infinity comes to, nobody can say.
    assert not [
        figure for figure in one["unread_rows"].figures if figure.key[0] == "memory" and figure.field == "usage"
    ]


def test_costs_that_are_taken_and_given_to_nobody(tmp_path: Path) -> None:
    pods = [*pod_rows(WHEN, cpu=(0, 0, 0)), *pod_rows(WHEN, namespace="openshift-dns", pod="pod-2")]
    one = found(tmp_path, pods=[pods], **LABELS)
    assert list(one) == ["distribution_not_conserved"]
    by_data, as_koku = values(one["distribution_not_conserved"], "costs", "project", "", "", field="cost.distributed")
    assert (by_data, as_koku) == (96, 0)


def test_days_over_the_end_of_a_month_are_lost(tmp_path: Path) -> None:
    start = DAY.replace(month=10, day=31)
    october, november = hours(24, start), hours(24, start + timedelta(days=1))
    made = payload(
        tmp_path / "p",
        pods=[pod_rows(november), pod_rows(october)],
        nodes=[node_rows(november), node_rows(october)],
        start=start + timedelta(days=1),
        end=start + timedelta(days=2),
    )
    expectation = Expectation.from_payloads([made], cluster_alias="x")
    first = start.date()
    (one,) = expectation.deviations(first + timedelta(days=1), first + timedelta(days=1))
    assert one.name == "month_end_never_summarised"
    assert values(one, "compute", "project", "app-a", "2026-10", field="usage") == (12, None)


def test_an_escaped_name_is_told_with_figures_under_both_names(tmp_path: Path) -> None:
    pods = [pod_rows(WHEN, namespace="a\"b'c&d<e>"), pod_rows(WHEN, pod="pod-2")]
    deviating = found(tmp_path / "project", pods=pods, **LABELS)
    assert set(deviating) == {"name_escaped"}
    one = deviating["name_escaped"]
    assert values(one, "costs", "project", "a\"b'c&d<e>", field="cost.total") == (12, None)
    assert values(one, "costs", "project", "a&quot;b&#x27;c&amp;d&lt;e&gt;", field="cost.total") == (0, 12)
    nodes = {"pods": [pod_rows(WHEN, node="n<1>")], "nodes": [node_rows(WHEN, node="n<1>")]}
    assert set(found(tmp_path / "node", **nodes)) == {"name_escaped"}


def test_a_project_without_a_name_is_priced_and_does_not_deviate(tmp_path: Path) -> None:
    assert found(tmp_path, pods=[pod_rows(WHEN, namespace=""), pod_rows(WHEN, pod="pod-2")], **LABELS) == {}


def test_idle_capacity_without_owner_has_its_own_name(tmp_path: Path) -> None:
    pods = [pod_rows(WHEN, namespace="", node_role="control-plane")]
    assert set(found(tmp_path, pods=pods, **LABELS)) == {"role_unknown_unpriced"}


def test_what_no_clue_explains_cannot_be_accepted() -> None:
    by_data: Measures = {("compute", "project", "shop", "2026-11"): {"usage": Decimal(1)}}
    as_koku: Measures = {("compute", "project", "shop", "2026-11"): {"usage": Decimal(2)}}
    elsewhere = Clue("project_null_lost", "x", ("2026-11-05",), ("memory",))
    (one,) = deviations(by_data, as_koku, [elsewhere])
    assert (one.name, one.known.acceptable) == (UNEXPLAINED, False)
    assert UNEXPLAINED not in DEVIATION_NAMES


def test_a_clue_that_changes_only_what_all_share_is_not_named() -> None:
    total, own = ("compute", "total", "", "2026-11"), ("compute", "project", "shop", "2026-11")
    by_data: Measures = {key: {"usage": Decimal(1)} for key in (total, own)}
    as_koku: Measures = {key: {"usage": Decimal(2)} for key in (total, own)}
    mine = Clue("namespace_labels_multiply", "x", ("2026-11-05",), ("compute",), frozenset({"shop"}))
    other = Clue("claim_counted_per_pod", "y", ("2026-11-05",), ("compute",), frozenset({"lab"}))
    assert [one.name for one in deviations(by_data, as_koku, [mine, other])] == ["namespace_labels_multiply"]


def test_it_is_kept_on_disk(tmp_path: Path) -> None:
    expectation = expected(
        tmp_path, pods=[pod_rows(WHEN, node_role="control-plane")], foreign={("n9", "r"): "infra"}, **LABELS
    )
    expectation.write(tmp_path / "e.json")
    again = Expectation.read(tmp_path / "e.json")
    assert again.deviations(TODAY, TODAY) == expectation.deviations(TODAY, TODAY) != []
    assert again.foreign_roles == expectation.foreign_roles


def test_the_command_says_it_beforehand(tmp_path: Path) -> None:
    made = payload(tmp_path / "p", pods=[pod_rows(WHEN, node_role="control-plane")], **LABELS)
    (one,) = expect_json([made])["deviations"]
    assert one["id"] == "role_unknown_unpriced"
    assert {
        "where": ["compute", "project", "No-project", "2026-11"],
        "figure": "usage",
        "by_data": "0",
        "as_koku": "84",
    }.items() <= next(
        figure
        for figure in one["figures"]
        if figure["where"][:3] == ["compute", "project", "No-project"] and figure["figure"] == "usage"
    ).items()
    assert expect_text([made]).startswith(
        "Koku will deviate on these data: role_unknown_unpriced: node n1 has the role"
    )


def test_the_names_that_scenarios_may_accept_are_those_there_are() -> None:
    assert [name for name, one in DEVIATIONS.items() if one.acceptable] == list(DEVIATION_NAMES)


def test_the_list_has_them_all_and_the_page_is_up_to_date() -> None:
    for name, one in DEVIATIONS.items():
        assert name in deviation_list()
        assert one.reference in deviation_list()
    page = CliRunner().invoke(command, ["--markdown"]).output
    assert page.startswith(deviation_markdown())
    assert (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8") == page


def test_the_data_speak_without_kokus_joins() -> None:
    """``by_data`` may read files and add up; it must not know how Koku joins."""
    allowed = {"measures", "numbers", "payload", "table", "cost_model", "unread"}
    for path in sorted((ROOT / "e2e_validator" / "expect" / "by_data").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = getattr(node, "module", None) or ""
            if isinstance(node, ast.ImportFrom) and module.startswith("e2e_validator.expect."):
                first = module.removeprefix("e2e_validator.expect.").split(".")[0]
                assert first in allowed | {"by_data"}, f"{path.name} imports {module}"
