"""What scale makes of a small report is what the real nise writes for the larger one, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import HarnessError
from e2e_validator.generate import nise
from e2e_validator.generate.cache import VARIABLE
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.rows import check_rows, planned_rows
from e2e_validator.providers.ocp.generate.scale import Scale, larger, scaled_months
from e2e_validator.providers.ocp.scenario.nise_report import settled

DAY = (datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC))
POD = {
    "cpu_request": 0.3,
    "mem_request_gig": 2,
    "cpu_limit": 2,
    "mem_limit_gig": 4,
    "pod_seconds": 3600,
    "cpu_usage": {"full_period": 0.1},
    "mem_usage_gig": {"full_period": 1},
    "labels": "label_environment:prod|label_app:web",
}


def pod(name: str, **more: Any) -> dict[str, Any]:
    return POD | {"pod_name": name} | more


def node(name: str, **namespaces: Any) -> dict[str, Any]:
    return {"node_name": name, "cpu_cores": 4, "memory_gig": 16, "resource_id": f"id-{name}", "namespaces": namespaces}


def claim(name: str, of: str | None = None, gig: int = 10) -> dict[str, Any]:
    own = {"volume_claim_name": name, "capacity_gig": gig, "volume_claim_usage_gig": {"full_period": 3}}
    return own | ({"pod_name": of} if of else {}) | {"labels": "label_tier:gold"}


def volume(name: str, *claims: dict[str, Any]) -> dict[str, Any]:
    return {"volume_name": name, "storage_class": "gp2", "volume_request_gig": 100, "volume_claims": list(claims)}


@dataclass(frozen=True)
class Shape:
    """A small report, and how it is multiplied."""

    nodes: list[dict[str, Any]]
    scale: Scale
    start: datetime = DAY[0]
    end: datetime = DAY[1]

    def generators(self) -> list[dict[str, Any]]:
        generators: list[dict[str, Any]] = settled({"nodes": self.nodes})["generators"]
        return generators


SHAPES = {
    "pods": Shape([node("n", shop={"pods": [pod("a"), pod("b", cpu_usage={"full_period": 0.07})]})], Scale(pods=7)),
    "nodes": Shape(
        [node("n", shop={"pods": [pod("a")], "namespace_labels": "label_team:x"}, lab={"pods": []}), node("m", web={})],
        Scale(nodes=5),
    ),
    "volumes": Shape(
        [
            node(
                "n",
                shop={
                    "pods": [pod("a"), pod("b")],
                    "volumes": [volume("v", claim("c", "a"), claim("d", "b")), volume("w"), volume("x", claim("e"))],
                },
                lab={"pods": [pod("z")], "volumes": [volume("y", claim("c", "z"))]},
            )
        ],
        Scale(nodes=2, pods=3),
    ),
    "days over two months": Shape(
        [node("n", shop={"pods": [pod("a")]})],
        Scale(pods=2),
        datetime(2026, 10, 29, tzinfo=UTC),
        datetime(2026, 11, 3, 6, tzinfo=UTC),
    ),
    "one namespace on two nodes": Shape(
        [
            node("n", shop={"pods": [pod("a"), pod("b")]}),
            node("m", shop={"pods": [pod("c")]}, lab={"pods": [pod("a")]}),
        ],
        Scale(nodes=3, pods=4),
        datetime(2026, 11, 5, 7, tzinfo=UTC),
        datetime(2026, 11, 7, 3, tzinfo=UTC),
    ),
    "names in quotes": Shape(
        [node('n, "1"', **{"sh,op": {"pods": [pod("a,b", labels='label_x:"y",z'), pod("ä")]}})],
        Scale(nodes=2, pods=2),
    ),
    "a part of a month's last day": Shape(
        [node("n", shop={"pods": [pod("a")]})],
        Scale(nodes=2),
        datetime(2026, 10, 31, 12, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    ),
}


def contents(months: list[GeneratedMonth]) -> list[tuple[str, str, list[bytes]]]:
    return [
        (one.month, kind, path.read_bytes().splitlines(keepends=True))
        for one in months
        for kind, path in one.csvs.items()
    ]


@pytest.mark.parametrize("name", SHAPES)
def test_scale_writes_what_nise_writes_for_the_larger_report(tmp_path: Path, name: str) -> None:
    shape = SHAPES[name]
    small, start, end = shape.generators(), shape.start, shape.end
    large = larger(small, shape.scale)
    expected = nise.run_nise(large, kind=NISE, key="c-1", start=start, end=end, folder=tmp_path / "nise")
    check_rows(planned_rows(large, start, end), expected)
    folder = tmp_path / "ours"
    made = scaled_months(small, shape.scale, key="c-1", start=start, end=end, folder=folder, timeout_seconds=60)
    assert contents(made) == contents(expected)
    assert [(one.start, one.end, one.rows) for one in made] == [(one.start, one.end, one.rows) for one in expected]
    assert planned_rows(small, start, end, shape.scale.of) == planned_rows(large, start, end)
    assert sum(made[0].rows.values()) > 24


def test_what_differs_by_hour_is_not_multiplied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "off")
    by_chance = [{"OCPGenerator": {"nodes": [node("n", shop={"pods": [pod("a")]})]}}]
    del by_chance[0]["OCPGenerator"]["nodes"][0]["namespaces"]["shop"]["pods"][0]["cpu_usage"]
    with pytest.raises(
        HarnessError, match=r"^pod_usage_cpu_core_seconds of November-2026-c-1-ocp_pod_usage.csv is not"
    ):
        scaled_months(
            by_chance, Scale(pods=2), key="c-1", start=DAY[0], end=DAY[1], folder=tmp_path, timeout_seconds=60
        )
