"""``scale:`` of OpenShift: which static report is meant, and its files made of those of the small one."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from e2e_validator.calendar_months import months
from e2e_validator.generate.layout import Block, Layout, suffix
from e2e_validator.generate.month import GeneratedMonth, hours, rows_of
from e2e_validator.generate.multiply import multiply
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.ocp.generate.nise_kind import NISE

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Each node ``nodes`` times, with all that is on it; on each of them every pod and volume ``pods`` times."""

    nodes: int = 1
    pods: int = 1

    def of(self, report_type: str) -> tuple[int, int]:
        """How often a file of this type has the rows of a generator: copies one after the other, and side by side."""
        return self.nodes, self.pods if report_type in ("pod_usage", "storage_usage") else 1


def larger(generators: Sequence[Mapping[str, Any]], scale: Scale) -> list[dict[str, Any]]:
    """The static report that is meant: what nise writes for it is what ``scaled_months`` writes.

    The first copy has the names of the small report, the others end with -2, -3, ...; namespaces are the same in all.
    """
    return [
        {name: {**attributes, "nodes": [_node(node, number, scale) for node in attributes["nodes"]]}}
        for entry in generators
        for number in range(scale.nodes)
        for name, attributes in entry.items()
    ]


def scaled_months(
    generators: Sequence[Mapping[str, Any]],
    scale: Scale,
    *,
    key: str,
    start: datetime,
    end: datetime,
    folder: Path,
    timeout_seconds: float,
) -> list[GeneratedMonth]:
    """What ``run_nise`` gives for the larger report; nise makes the first day of each month of the small one.

    Raises:
        Blocked: as ``run_nise``; pyarrow is not installed.
        HarnessError: as ``run_nise``; a row is not the same in every hour.
    """
    made = []
    for month, first, last in months(start, end):
        until = min(last, first + timedelta(days=1))
        small = run_nise(
            generators, kind=NISE, key=key, start=first, end=until, folder=folder, timeout_seconds=timeout_seconds
        )
        for seed in small:
            place = folder / f"scaled-{month}"
            place.mkdir(parents=True)
            csvs = {kind: place / f"{kind}.csv" for kind in seed.csvs}
            for kind, path in csvs.items():
                with path.open("wb") as target:
                    multiply(
                        seed.csvs[kind],
                        target,
                        blocks=[
                            _block(attributes, kind, scale) for entry in generators for attributes in entry.values()
                        ],
                        layout=_LAYOUT,
                        seed_hours=_hours(first, until),
                        hours=_hours(first, last),
                    )
            made.append(GeneratedMonth(month, first, last, csvs, {kind: rows_of(path) for kind, path in csvs.items()}))
    return made


def _node(node: Mapping[str, Any], number: int, scale: Scale) -> dict[str, Any]:
    end = suffix(number)
    spaces = {
        name: {
            **space,
            **{part: list(_copies(space[part], number, scale)) for part in ("pods", "volumes") if part in space},
        }
        for name, space in node["namespaces"].items()
    }
    return {
        **node,
        "node_name": node["node_name"] + end,
        "resource_id": f"{node['resource_id']}{end}",
        "namespaces": spaces,
    }


def _copies(parts: Sequence[Mapping[str, Any]], number: int, scale: Scale) -> Iterator[dict[str, Any]]:
    for part in parts:
        for one in range(scale.pods):
            # nise changes what it reads: no two may share a part.
            yield _named(copy.deepcopy(part), suffix(number * scale.pods + one))


def _named(part: Mapping[str, Any], end: str) -> dict[str, Any]:
    names = ("pod_name", "volume_name", "csi_volume_handle", "volume_claim_name")
    named = {**part, **{name: f"{part[name]}{end}" for name in names if part.get(name)}}
    if part.get("volume_claims"):
        named["volume_claims"] = [_named(claim, end) for claim in part["volume_claims"]]
    return named


def _block(attributes: Mapping[str, Any], report_type: str, scale: Scale) -> Block:
    outer, inner = scale.of(report_type)
    return Block(tuple(_groups(attributes["nodes"], report_type)), outer, inner)


def _groups(nodes: Sequence[Mapping[str, Any]], report_type: str) -> Iterator[int]:
    """How many rows an hour has of each pod, volume, node or namespace, in nise's order."""
    for node in nodes:
        if report_type == "node_labels":
            yield 1
        for space in node["namespaces"].values():
            if report_type == "namespace_labels":
                yield 1
            if report_type == "pod_usage":
                yield from (1 for _ in space.get("pods") or ())
            if report_type == "storage_usage":
                yield from (len(volume.get("volume_claims") or ()) or 1 for volume in space.get("volumes") or ())


def _hours(first: datetime, last: datetime) -> list[datetime]:
    return [first + number * _HOUR for number in range(hours(first, last))]


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} +0000 UTC"


_LAYOUT = Layout(
    hours={"interval_start": _moment, "interval_end": lambda hour: _moment(hour + timedelta(minutes=59, seconds=59))},
    copies=("node", "resource_id"),
    numbers=("pod", "persistentvolumeclaim", "persistentvolume", "csi_volume_handle"),
)
