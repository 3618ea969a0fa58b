"""Rates by label, by the data: each row pays by the label that it has, and hides nothing that Koku divides."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from expect_models import INFRASTRUCTURE, SUPPLEMENTARY, rate, tag_rate
from expect_payloads import DAY, claim_rows, hours, namespace_rows, node_rows, payload, pod_rows

from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation

WHEN = hours()
MORNING, EVENING = WHEN[:12], WHEN[12:]
TODAY = DAY.date()
BY_TEAM = tag_rate("cpu_core_usage_per_hour", "team", {"red": "2", "blue": "5"})
WITH_DEFAULT = tag_rate("cpu_core_usage_per_hour", "team", {"red": "2", "blue": "5"}, default="blue")
VOLUMES = tag_rate("storage_gb_request_per_month", "team", {"red": "3"})
CLAIM_PRICE = rate("pvc_cost_per_month", "30", INFRASTRUCTURE)


def expected(tmp_path: Path, *rates: dict[str, Any], **files: Any) -> Expectation:
    files.setdefault("nodes", [node_rows(WHEN)])
    made = payload(tmp_path / "p", **files)
    model = CostModel.from_json({"rates": list(rates)})
    return Expectation.from_payloads([made], cluster_alias="x", cost_model=model, enabled_tags=["team"])


def paid(expectation: Expectation, field: str = "supplementary.total") -> Decimal | None:
    """What the project costs by the data; None where these do not decide it."""
    figures = expectation.by_data(TODAY, TODAY)
    value = figures["costs", "project", "app-a", "2026-11"].get(field)
    # Added to 0, a number has the digits that the test's context has.
    return None if value is None else value + 0


@pytest.mark.parametrize(
    ("rates", "pod", "namespace", "node", "charged"),
    [
        ([BY_TEAM], "label_team:red", "", "", "24"),
        ([BY_TEAM], "label_team:red", "label_team:blue", "label_team:blue", "24"),
        ([BY_TEAM], "label_a:b", "label_team:blue", "label_team:red", "60"),
        ([BY_TEAM], "", "label_a:b", "label_team:red", "24"),
        ([BY_TEAM], "label_team:", "label_team:blue", "", "0"),
        ([BY_TEAM], "label_team:green", "", "", "0"),
        ([WITH_DEFAULT], "label_team:green", "", "", "60"),
        ([WITH_DEFAULT], "", "", "", "0"),
        ([tag_rate("cpu_core_usage_per_hour", "env", {"red": "2"})], "label_env:red", "", "", "0"),
    ],
)
def test_pods_pay_by_the_label_that_is_nearest(
    tmp_path: Path, rates: list[dict[str, Any]], pod: str, namespace: str, node: str, charged: str
) -> None:
    found = expected(
        tmp_path,
        *rates,
        pods=[pod_rows(WHEN, pod_labels=pod)],
        namespaces=[namespace_rows(WHEN, labels=namespace)],
        nodes=[node_rows(WHEN, labels=node)],
    )
    assert paid(found) == Decimal(charged)
    assert found.deviations(TODAY, TODAY) == []


def test_a_pod_pays_by_each_of_its_labels_in_turn(tmp_path: Path) -> None:
    pods = [*pod_rows(MORNING, pod_labels="label_team:red"), *pod_rows(EVENING, pod_labels="label_team:blue")]
    found = expected(tmp_path, BY_TEAM, pods=[pods])
    assert paid(found) == 6 * 2 + 6 * 5
    assert found.deviations(TODAY, TODAY) == []


def test_a_namespace_with_two_prices_in_a_day_decides_nothing(tmp_path: Path) -> None:
    namespaces = [*namespace_rows(MORNING, labels="label_team:red"), *namespace_rows(EVENING, labels="label_team:blue")]
    found = expected(tmp_path, BY_TEAM, pods=[pod_rows(WHEN)], namespaces=[namespaces])
    assert paid(found) is None
    assert [one.name for one in found.deviations(TODAY, TODAY)] == ["namespace_labels_multiply"]


@pytest.mark.parametrize(
    ("claim", "volume", "namespace", "node", "charged"),
    [
        ("label_team:red", "label_team:blue", "", "", "3"),
        ("", "label_team:red", "label_team:blue", "", "3"),
        ("", "", "label_team:red", "label_team:blue", "3"),
        ("label_team:blue", "label_team:red", "", "label_team:red", "0"),
        # Which node a claim is on is not in the data.
        ("", "", "", "label_team:red", None),
    ],
)
def test_claims_pay_by_the_label_that_is_nearest(
    tmp_path: Path, claim: str, volume: str, namespace: str, node: str, charged: str | None
) -> None:
    labels = {"persistentvolumeclaim_labels": claim, "persistentvolume_labels": volume}
    found = expected(
        tmp_path,
        VOLUMES,
        pods=[pod_rows(WHEN)],
        claims=[claim_rows(WHEN, gib=(30, 30, 3), **labels)],
        namespaces=[namespace_rows(WHEN, labels=namespace)],
        nodes=[node_rows(WHEN, labels=node)],
    )
    assert paid(found) == (None if charged is None else Decimal(charged))
    assert found.deviations(TODAY, TODAY) == []


def test_a_rate_by_label_hides_no_divided_claim_price(tmp_path: Path) -> None:
    labels = {"persistentvolume_labels": "label_team:red"}
    claims = [
        *claim_rows(WHEN, claim="one", volume="pv-1", gib=(30, 30, 3), **labels),
        *claim_rows(WHEN, claim="two", volume="pv-2", gib=(30, 30, 3), **labels),
    ]
    more = tag_rate("storage_gb_usage_per_month", "team", {"red": "3"}, cost_type=INFRASTRUCTURE)
    found = expected(tmp_path, CLAIM_PRICE, more, pods=[pod_rows(WHEN)], claims=[claims])
    (one,) = found.deviations(TODAY, TODAY)
    assert one.name == "claim_price_divided"
    total = [figure for figure in one.figures if figure.key[:2] == ("costs", "total") and figure.field == "cost.total"]
    # 0.2 GiB-months by label, and twice 30 a month for one day of 30; Koku takes it once.
    assert {(figure.by_data + 0, (figure.as_koku or 0) + 0) for figure in total} == {(Decimal("2.6"), Decimal("1.6"))}


def test_a_rate_by_label_hides_no_idle_capacity(tmp_path: Path) -> None:
    rates = (tag_rate("cpu_core_usage_per_hour", "team", {"red": "2"}), rate("cpu_core_request_per_hour", "1"))
    pods = [pod_rows(WHEN, node_role="control-plane", pod_labels="label_team:red")]
    (one,) = expected(tmp_path, *rates, pods=pods).deviations(TODAY, TODAY)
    money = {figure.key[0] for figure in one.figures if figure.field == "supplementary.total"}
    assert (one.name, "costs" in money) == ("role_unknown_unpriced", True)


def test_rates_of_both_cost_types_are_kept_apart(tmp_path: Path) -> None:
    rates = [
        tag_rate("cpu_core_usage_per_hour", "team", {"red": "2"}, cost_type=cost_type)
        for cost_type in (INFRASTRUCTURE, SUPPLEMENTARY)
    ]
    found = expected(tmp_path, *rates, pods=[pod_rows(WHEN, pod_labels="label_team:red")])
    shown = [paid(found), paid(found, "infrastructure.total"), paid(found, "cost.total")]
    assert shown == [Decimal(24), Decimal(24), Decimal(48)]
