"""A nise report as it is taken: what nise ignores is left out, what it cuts or fills in by rule is written out.

People have such reports for years, with dates of their own, keys that nise does not read, limits above what a node has.
They are taken, and each thing that comes out differently from what is written is a warning. What nise would choose by
chance is not filled in: ``nise_rules.py`` refuses it (docs/contract/nise.md 0, 2.1).
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario import hints
from e2e_validator.providers.ocp.scenario.nise_model import (
    DATED,
    LATER,
    VM_LABEL,
    Claim,
    Generator,
    Namespace,
    Node,
    Pod,
    VirtualMachine,
    Volume,
    number,
)
from e2e_validator.scenario.document import Document, KeyPath, dotted
from e2e_validator.scenario.model import Part

# How much alike a slip of the pen and the word are; above what two words of nise's have in common.
_SLIP = 0.75
# Of a claim's volume, where nothing is written (docs/contract/nise.md 2.1).
VOLUME_REQUEST_GIG = 100
# Up to this limit nise's random request of memory is always cut down to the limit.
_LEAST_RANDOM_REQUEST_GIG = 25


def taken(document: Document, keys: KeyPath) -> tuple[dict[str, Any] | Any, list[Problem]]:
    """The report at ``keys`` of ``document`` as it is taken, a copy, and the warnings."""
    raw = copy.deepcopy(at(document.data, keys))
    taking = _Taking(document)
    taking.report(raw, keys)
    return raw, taking.problems()


def at(data: Any, keys: KeyPath) -> Any:
    """The part of ``data`` at ``keys``."""
    for key in keys:
        data = data[key]
    return data


def items(raw: Any, keys: KeyPath, key: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The mappings in the list ``raw[key]``, with where they are."""
    values = raw.get(key) if isinstance(raw, dict) else None
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield (*keys, key, index), value


def namespaces(node: dict[str, Any], keys: KeyPath) -> Iterator[tuple[KeyPath, str, dict[str, Any]]]:
    """The namespaces of a node with where they are; an empty one for one without content."""
    values = node.get("namespaces")
    for name, value in (values if isinstance(values, dict) else {}).items():
        yield (*keys, "namespaces", name), name, value if isinstance(value, dict) else {}


@dataclass
class _Taking:
    document: Document
    _found: dict[str, list[Problem]] = field(default_factory=dict)

    def problems(self) -> list[Problem]:
        """One warning of each kind, at the first place, with how many more there are."""
        found = []
        for first, *more in self._found.values():
            what = f"{first.what} ({len(more)} more like it)" if more else first.what
            found.append(Problem(first.path, first.line, first.column, what, first.hint, warning=True))
        return found

    def warn(self, kind: str, keys: KeyPath, what: str, hint: str = "", *, at_key: bool = False) -> None:
        self._found.setdefault(kind, []).append(self.document.problem(keys, what, hint, at_key=at_key, warning=True))

    def report(self, raw: Any, keys: KeyPath) -> None:
        if not isinstance(raw, dict):
            return
        if "generators" not in raw:
            self.generator(raw, keys)
        for place, entry in items(raw, keys, "generators"):
            if isinstance(entry.get("OCPGenerator"), dict):
                self.generator(entry["OCPGenerator"], (*place, "OCPGenerator"))

    def generator(self, raw: dict[str, Any], keys: KeyPath) -> None:
        self.drop(raw, Generator, keys)
        for place, node in items(raw, keys, "nodes"):
            self.drop(node, Node, place)
            self.resource_id(node, place)
            self.labels(node, "node_labels", place)
            for ns_place, _, namespace in namespaces(node, place):
                self.drop(namespace, Namespace, ns_place)
                self.labels(namespace, "namespace_labels", ns_place)
                for pod_place, pod in items(namespace, ns_place, "pods"):
                    self.pod(pod, pod_place, node)
                for vm_place, machine in items(namespace, ns_place, "virtual_machines"):
                    self.drop(machine, VirtualMachine, vm_place)
                    self.labels(machine, "labels", vm_place)
                for volume_place, volume in items(namespace, ns_place, "volumes"):
                    self.volume(volume, volume_place)

    def drop(self, raw: dict[str, Any], model: type[Part], keys: KeyPath) -> None:
        """Leave out what nise does not read; what looks like a slip of the pen stays, and is refused."""
        known = model.model_fields
        here = dotted(keys, "the template")
        for key in [key for key in raw if key not in known and key not in LATER]:
            if key in DATED:
                what = f"{key} is not used; the data are of the scenario's 'period'"
                self.warn("dates", (*keys, key), what, "nise alone would take its own", at_key=True)
            elif key == "workload":
                what = f"workload in {here} has no effect; only reports for resource optimisation have it"
                self.warn("workload", (*keys, key), what, "they are not made", at_key=True)
            elif difflib.get_close_matches(key, known, n=1, cutoff=_SLIP):
                continue
            else:
                self.warn(key, (*keys, key), f"'{key}' in {here} has no effect", hints.home(key), at_key=True)
            del raw[key]

    def resource_id(self, node: dict[str, Any], keys: KeyPath) -> None:
        here = (*keys, "resource_id")
        value = node.get("resource_id")
        if value is None:
            name = node.get("node_name")
            if isinstance(name, str) and name:
                node["resource_id"] = name
                what = f"{dotted(keys, 'the template')} has no resource_id; it gets '{name}'"
                self.warn("no resource_id", here, what, "nise would take a random one; no figure depends on it")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            text, written = str(value), self.document.place(here).text
            node["resource_id"] = text
            if text != written:
                what = f"resource_id: YAML reads {written} as {text}, and so it is sent"
                self.warn("resource_id", here, what, f"write '{written}' if that is meant")

    def labels(self, raw: dict[str, Any], key: str, keys: KeyPath) -> None:
        text = raw.get(key)
        if not isinstance(text, str):
            return
        seen: set[str] = set()
        for item in text.split("|"):
            name = item.split(":")[0]
            if name and not name.startswith("label_"):
                what = f"the label '{item}' does not begin with 'label_'; Koku reads it all the same"
                self.warn("label_", (*keys, key), what, f"the operator writes label_{item}")
            if name in seen:
                what = f"the label '{name}' is given twice; Koku takes the last"
                self.warn("label twice", (*keys, key), what)
            seen.add(name)

    def pod(self, pod: dict[str, Any], keys: KeyPath, node: dict[str, Any]) -> None:
        self.drop(pod, Pod, keys)
        self.labels(pod, "labels", keys)
        for kind, unit, capacity in (("cpu", "", "cpu_cores"), ("mem", "_gig", "memory_gig")):
            limit, request, usage = f"{kind}_limit{unit}", f"{kind}_request{unit}", f"{kind}_usage{unit}"
            self.fill(pod, limit, node.get(capacity), keys, f"{capacity} of the node")
            self.cut(pod, limit, number(node, capacity), capacity, keys)
            most = number(pod, limit)
            if kind == "mem" and most is not None and most <= _LEAST_RANDOM_REQUEST_GIG:
                self.fill(pod, request, pod[limit], keys, limit)
            self.cut(pod, request, most, limit, keys)
            if isinstance(pod.get(usage), dict):
                self.cut(pod[usage], "full_period", most, limit, (*keys, usage))
        if (seconds := number(pod, "pod_seconds")) is not None and seconds > 3600:
            what = f"{dotted((*keys, 'pod_seconds'))}: {seconds:g} is above 3600; nise counts it for each hour"
            self.warn("pod_seconds", (*keys, "pod_seconds"), what, f"{seconds / 3600:g} times the usage of one hour")
        if f"{VM_LABEL}:" in str(pod.get("labels")):
            what = f"{dotted(keys)} runs a virtual machine; its system and size are fixed ones"
            self.warn("machine", (*keys, "labels"), what, "nise would take random ones; no figure depends on them")

    def volume(self, volume: dict[str, Any], keys: KeyPath) -> None:
        self.drop(volume, Volume, keys)
        self.labels(volume, "labels", keys)
        self.fill(volume, "volume_request_gig", VOLUME_REQUEST_GIG, keys, "nise's own")
        for place, claim in items(volume, keys, "volume_claims"):
            self.drop(claim, Claim, place)
            self.labels(claim, "labels", place)
            self.fill(claim, "capacity_gig", volume["volume_request_gig"], place, "volume_request_gig")
            usage = claim.get("volume_claim_usage_gig")
            if isinstance(usage, dict):
                most = number(claim, "capacity_gig")
                self.cut(usage, "full_period", most, "capacity_gig", (*place, "volume_claim_usage_gig"))

    def fill(self, raw: dict[str, Any], key: str, value: Any, keys: KeyPath, source: str) -> None:
        """Write out what nise takes by rule where nothing is written."""
        if key in raw or number({key: value}, key) is None:
            return
        raw[key] = value
        what = f"{dotted(keys)} has no {key}; nise takes {value:g}, {source}"
        self.warn(f"no {key}", keys, what)

    def cut(self, raw: dict[str, Any], key: str, most: float | None, source: str, keys: KeyPath) -> None:
        value = number(raw, key)
        if value is None or most is None or value <= most:
            return
        raw[key] = most
        here = (*keys, key)
        what = f"{dotted(here)}: {value:g} is above {source} {most:g}; nise cuts it down to that"
        self.warn(f"cut {key if key != 'full_period' else keys[-1]}", here, what)
