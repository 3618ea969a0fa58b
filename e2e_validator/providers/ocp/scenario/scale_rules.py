"""``data.scale``: how often a nise report is multiplied, and what of it cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from e2e_validator.calendar_months import months
from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario.nise_rules import machine_of
from e2e_validator.scenario import explain, rules
from e2e_validator.scenario.document import Document, KeyPath
from e2e_validator.scenario.model import Part, wrong

HERE: KeyPath = ("data", "scale")
MOST = 100_000
# Of one payload: with some 285 bytes a row it stays below what an archive may unfold to (archive.MAX_BYTES).
MOST_ROWS = 800_000
_LONGEST_NAME = 253
_NUMBERED = re.compile(r"(.+)-([1-9]\d*)", re.ASCII)


def _factor(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("is not a whole number", "write how often, such as 10")
    if not 1 <= value <= MOST:
        raise wrong(f"{value} is not from 1 to {MOST:,}")
    return value


Factor = Annotated[
    int, BeforeValidator(_factor), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST, "default": 1})
]


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
    data = rules.mapping(document.data, "data")
    if "scale" not in data:
        return None
    if data.get("nise") is None and data.get("template") is None:
        hint = "what nise makes can be multiplied: data.nise or data.template"
        problems.append(document.problem(HERE, "data.scale without a nise report", hint, at_key=True))
        return None
    model, found = explain.check(ScaleFactors, document, HERE, unknown=_not_allowed)
    if isinstance(model, ScaleFactors) and report is not None:
        found = [*_unfit(document, report, model), *_too_much(document, report, model, today)]
    problems += found
    return model if isinstance(model, ScaleFactors) and not found else None


def _not_allowed(key: str, _inside: KeyPath) -> str:
    if key in ("days", "hours", "months"):
        return "'period' says the days: nise makes the first of each month, and scale the others"
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
            found = _NUMBERED.fullmatch(name)
            if found and found[1] in names and 2 <= int(found[2]) <= count:
                text = f"data.scale: the {what} '{name}' is there twice: it is also copy {found[2]} of '{found[1]}'"
                yield document.problem(HERE, text, "give it another name", at_key=True)
            if count > 1 and len(name) + len(f"-{count}") > _LONGEST_NAME:
                text = f"data.scale: with the number of a copy the {what} '{name[:40]}...' is too long"
                yield document.problem(HERE, text, f"Kubernetes takes at most {_LONGEST_NAME} characters", at_key=True)
    machines = sorted({name for pod in _parts(report, "pods") if (name := machine_of(pod))})
    if machines:
        text = f"data.scale: the report has the virtual machine '{machines[0]}'"
        yield document.problem(HERE, text, "virtual machines are not multiplied: leave scale or them out", at_key=True)


def _too_much(document: Document, report: Mapping[str, Any], scale: ScaleFactors, today: date) -> Iterator[Problem]:
    hours = rules.window(rules.mapping(document.data, "period"), ("period",), today)
    if hours is None or hours.start >= hours.end:
        return
    pods, nodes = sum(1 for _ in _parts(report, "pods")), sum(1 for _ in _nodes(report))
    volumes = sum(len(volume.get("volume_claims") or ()) or 1 for volume in _parts(report, "volumes"))
    spaces = sum(len(node["namespaces"]) for node in _nodes(report))
    hourly = scale.nodes * (nodes + spaces + scale.pods * (pods + volumes))
    longest = max((last - first).total_seconds() / 3600 for _, first, last in months(hours.start, hours.end))
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
