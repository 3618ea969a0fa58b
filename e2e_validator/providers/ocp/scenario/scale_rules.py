"""``data.scale``: how often a nise report is multiplied, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import Field

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario.nise_rules import machine_of
from e2e_validator.scenario.document import Document
from e2e_validator.scenario.model import Part
from e2e_validator.scenario.scaling import HERE, Factor, check_factors, copied, longest_month

# Of one payload: with some 285 bytes a row it stays below what an archive may unfold to (archive.MAX_BYTES).
MOST_ROWS = 800_000
_LONGEST_NAME = 253


class ScaleFactors(Part):
    """How often what a nise report has is in the data; the copies' names end with -2, -3, ..."""

    nodes: Factor = Field(default=1, description="each node, with all that is on it")
    pods: Factor = Field(default=1, description="each pod and volume, on each of these nodes")


def check_scale(
    document: Document, report: Mapping[str, Any] | None, today: date, problems: list[Problem]
) -> ScaleFactors | None:
    """The factors; None without ``data.scale``, or where something is wrong, which goes to ``problems``.

    ``report`` is the settled report, None where the data are not nise's or are wrong.
    """

    def unfit(scale: ScaleFactors) -> Iterator[Problem]:
        if report is not None:
            yield from _unfit(document, report, scale)
            yield from _too_much(document, report, scale, today)

    return check_factors(document, ScaleFactors, problems, unknown=_not_allowed, unfit=unfit)


def _not_allowed(key: str) -> str:
    if key in ("volumes", "claims", "namespaces"):
        return "volumes are multiplied with 'pods'; namespaces are the same on all nodes"
    return ""


def _unfit(document: Document, report: Mapping[str, Any], scale: ScaleFactors) -> Iterator[Problem]:
    """Names that two things would have, or that would be too long; virtual machines."""
    copies = scale.nodes * scale.pods
    for what, names, count in (
        ("node", _names(report, "node_name"), scale.nodes),
        ("resource_id", _names(report, "resource_id"), scale.nodes),
        ("pod", _names(report, "pod_name"), copies),
        ("volume", _names(report, "volume_name"), copies),
        ("claim", _names(report, "volume_claim_name"), copies),
    ):
        for name in sorted(names):
            if found := copied(name, names, count):
                text = f"data.scale: the {what} '{name}' is there twice: it is also copy {found[1]} of '{found[0]}'"
                yield document.problem(HERE, text, "give it another name", at_key=True)
            if count > 1 and len(name) + len(f"-{count}") > _LONGEST_NAME:
                text = f"data.scale: with the number of a copy the {what} '{name[:40]}...' is too long"
                yield document.problem(HERE, text, f"Kubernetes takes at most {_LONGEST_NAME} characters", at_key=True)
    machines = sorted({name for pod in _parts(report, "pods") if (name := machine_of(pod))})
    if machines:
        text = f"data.scale: the report has the virtual machine '{machines[0]}'"
        yield document.problem(HERE, text, "virtual machines are not multiplied: leave scale or them out", at_key=True)


def _too_much(document: Document, report: Mapping[str, Any], scale: ScaleFactors, today: date) -> Iterator[Problem]:
    longest = longest_month(document.data, today)
    if longest is None:
        return
    pods, nodes = sum(1 for _ in _parts(report, "pods")), sum(1 for _ in _nodes(report))
    volumes = sum(len(volume.get("volume_claims") or ()) or 1 for volume in _parts(report, "volumes"))
    spaces = sum(len(node["namespaces"]) for node in _nodes(report))
    hourly = scale.nodes * (nodes + spaces + scale.pods * (pods + volumes))
    if (rows := round(hourly * longest)) > MOST_ROWS:
        text = f"data.scale: a month would have {rows:,} rows, above the {MOST_ROWS:,} of a payload"
        yield document.problem(HERE, text, "take smaller factors, or a shorter period", at_key=True)


def _nodes(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in report["generators"]:
        for attributes in entry.values():
            yield from attributes["nodes"]


def _parts(report: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for node in _nodes(report):
        for space in node["namespaces"].values():
            yield from space.get(kind) or ()


def _names(report: Mapping[str, Any], key: str) -> set[str]:
    """The names of one kind, wherever they are."""
    claims = [claim for volume in _parts(report, "volumes") for claim in volume.get("volume_claims") or ()]
    every = (*_nodes(report), *_parts(report, "pods"), *_parts(report, "volumes"), *claims)
    # A claim's pod_name is that of its pod, which is found by itself.
    return {str(one[key]) for one in every if one.get(key) and not (key == "pod_name" and "volume_claim_name" in one)}
