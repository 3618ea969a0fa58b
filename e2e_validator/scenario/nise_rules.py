"""What the values of a nise report say together: names that must differ, sizes that must fit (nise contract 0, 2.1).

nise clips, drops and overwrites in silence; each rule here refuses a report in which it would. The rules read
the raw data, so that they also speak when something else in the report is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.scenario import explain
from e2e_validator.scenario.document import Document, KeyPath, dotted
from e2e_validator.scenario.nise_model import DATED, LATER, Generator, NiseReport

UNGIVEN = "nise would choose a value itself"
CLIPPED = "nise would cut it down without a word"


def check_report(document: Document, keys: KeyPath) -> list[Problem]:
    """All that is wrong with the nise report at ``keys`` of ``document``."""
    raw = _at(document.data, keys)
    root = "the template" if not keys else "the scenario"
    whole = isinstance(raw, dict) and "generators" in raw
    _, problems = explain.check(
        NiseReport if whole else Generator, document, keys, root=root, unknown=_not_allowed, missing=UNGIVEN
    )
    return problems + list(_Rules(document).report(raw, keys, whole=whole))


def _not_allowed(key: str, _inside: KeyPath) -> str:
    if key in DATED:
        return "the dates come from the scenario's 'period'"
    if key[:4].isdigit() and "-" in key:
        return "one value for every hour: full_period"
    return LATER.get(key, "")


def _at(data: Any, keys: KeyPath) -> Any:
    for key in keys:
        data = data[key]
    return data


def _items(raw: Any, keys: KeyPath, key: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The mappings in the list ``raw[key]``, with where they are."""
    values = raw.get(key) if isinstance(raw, dict) else None
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield (*keys, key, index), value


def _namespaces(node: dict[str, Any], keys: KeyPath) -> Iterator[tuple[KeyPath, str, dict[str, Any]]]:
    values = node.get("namespaces")
    for name, value in (values if isinstance(values, dict) else {}).items():
        yield (*keys, "namespaces", name), name, value if isinstance(value, dict) else {}


def _number(raw: dict[str, Any], *keys: str) -> float | None:
    """The number at ``keys``, None when there is none (which is a problem told elsewhere)."""
    value: Any = raw
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > sys.float_info.max:
        return None
    return float(value)


class _Rules:
    def __init__(self, document: Document) -> None:
        self.document = document

    def report(self, raw: Any, keys: KeyPath, *, whole: bool) -> Iterator[Problem]:
        """The rules over the whole report."""
        generators = [(keys, raw)] if isinstance(raw, dict) else []
        if whole:
            generators = [
                ((*place, "OCPGenerator"), entry["OCPGenerator"])
                for place, entry in _items(raw, keys, "generators")
                if isinstance(entry.get("OCPGenerator"), dict)
            ]
        nodes: dict[str, KeyPath] = {}
        pods: dict[tuple[str, str], KeyPath] = {}
        for place, generator in generators:
            yield from self.unique_nodes(place, generator, nodes)
            yield from self.generator(place, generator)
            yield from self.unique_across(place, generator, pods)

    def twice(self, keys: KeyPath, what: str, first: KeyPath, hint: str, *, at_key: bool = False) -> Problem:
        place = self.document.place(first)
        return self.document.problem(
            keys, f"{what} (first on line {place.key_line if at_key else place.line})", hint, at_key=at_key
        )

    def unique_nodes(self, keys: KeyPath, raw: dict[str, Any], seen: dict[str, KeyPath]) -> Iterator[Problem]:
        for place, node in _items(raw, keys, "nodes"):
            name = node.get("node_name")
            if isinstance(name, str):
                here = (*place, "node_name")
                if name in seen:
                    yield self.twice(
                        here, f"the node '{name}' is given twice", seen[name], "Koku would take it for one"
                    )
                seen.setdefault(name, here)

    def unique_across(
        self, keys: KeyPath, raw: dict[str, Any], seen: dict[tuple[str, str], KeyPath]
    ) -> Iterator[Problem]:
        """The same pod of the same namespace in an earlier generator (within one, ``generator`` tells)."""
        mine: dict[tuple[str, str], KeyPath] = {}
        for place, node in _items(raw, keys, "nodes"):
            for ns_place, namespace, content in _namespaces(node, place):
                for pod_place, pod in _items(content, ns_place, "pods"):
                    name, here = pod.get("pod_name"), (*pod_place, "pod_name")
                    if isinstance(name, str):
                        if first := seen.get((namespace, name)):
                            what = f"the pod '{name}' of '{namespace}' is given twice"
                            yield self.twice(here, what, first, "Koku tells pods apart by namespace and name")
                        mine.setdefault((namespace, name), here)
        seen.update(mine)

    def generator(self, keys: KeyPath, raw: dict[str, Any]) -> Iterator[Problem]:
        """The rules within one generator."""
        namespaces: dict[str, KeyPath] = {}
        pods: dict[str, KeyPath] = {}
        for place, node in _items(raw, keys, "nodes"):
            has_pods = False
            for ns_place, name, content in _namespaces(node, place):
                if name in namespaces:
                    hint = "nise would drop the earlier one: write a second generator"
                    what = f"the namespace '{name}' is on two nodes of one generator"
                    yield self.twice(ns_place, what, namespaces[name], hint, at_key=True)
                namespaces.setdefault(name, ns_place)
                for pod_place, pod in _items(content, ns_place, "pods"):
                    has_pods = True
                    pod_name, here = pod.get("pod_name"), (*pod_place, "pod_name")
                    if isinstance(pod_name, str):
                        if pod_name in pods:
                            what = f"the pod '{pod_name}' is given twice in one generator"
                            yield self.twice(here, what, pods[pod_name], "nise would drop the earlier one")
                        pods.setdefault(pod_name, here)
                    yield from self.pod(pod_place, pod, node)
                yield from self.volumes(ns_place, name, content)
            if isinstance(node.get("namespaces"), dict) and node["namespaces"] and not has_pods:
                what = f"no namespace of {dotted(place)} has a pod"
                yield self.document.problem((*place, "namespaces"), what, "Koku takes a node's capacity from its pods")

    def fits(self, keys: KeyPath, value: float | None, limit: float | None, limit_name: str) -> Iterator[Problem]:
        if value is not None and limit is not None and value > limit:
            what = f"{dotted(keys)}: {value:g} is above {limit_name} {limit:g}"
            yield self.document.problem(keys, what, CLIPPED)

    def pod(self, keys: KeyPath, pod: dict[str, Any], node: dict[str, Any]) -> Iterator[Problem]:
        for kind, unit, capacity in (("cpu", "", "cpu_cores"), ("mem", "_gig", "memory_gig")):
            limit_key, request_key, usage_key = f"{kind}_limit{unit}", f"{kind}_request{unit}", f"{kind}_usage{unit}"
            limit = _number(pod, limit_key)
            yield from self.fits((*keys, limit_key), limit, _number(node, capacity), capacity)
            yield from self.fits((*keys, request_key), _number(pod, request_key), limit, limit_key)
            usage = _number(pod, usage_key, "full_period")
            yield from self.fits((*keys, usage_key, "full_period"), usage, limit, limit_key)

    def volumes(self, keys: KeyPath, namespace: str, content: dict[str, Any]) -> Iterator[Problem]:
        named = (pod.get("pod_name") for _, pod in _items(content, keys, "pods"))
        pods = {name for name in named if isinstance(name, str)}
        claims: dict[str, KeyPath] = {}
        volumes: dict[str, KeyPath] = {}
        for place, volume in _items(content, keys, "volumes"):
            name, here = volume.get("volume_name"), (*place, "volume_name")
            if isinstance(name, str):
                if name in volumes:
                    yield self.twice(here, f"the volume '{name}' is given twice", volumes[name], "give it another name")
                volumes.setdefault(name, here)
            taken, request = 0.0, _number(volume, "volume_request_gig")
            for claim_place, claim in _items(volume, place, "volume_claims"):
                yield from self.claim(claim_place, claim, namespace, pods, claims)
                capacity = _number(claim, "capacity_gig") or 0.0
                if request is not None:
                    yield from self.room(claim_place, capacity, taken, request)
                taken += capacity

    def room(self, keys: KeyPath, capacity: float, taken: float, request: float) -> Iterator[Problem]:
        """A claim nise would drop (1 GiB or less of the request is left) or crash on (it does not fit)."""
        if request - taken <= 1:
            what = f"{dotted(keys)}: only {max(request - taken, 0):g} GiB of volume_request_gig {request:g} are left"
            yield self.document.problem(keys, what, "nise drops a claim without a word unless more than 1 GiB is left")
        elif taken + capacity > request:
            what = f"{dotted(keys)}: the claims take {taken + capacity:g} GiB of volume_request_gig {request:g}"
            yield self.document.problem((*keys, "capacity_gig"), what, "the sum of capacity_gig must fit")

    def claim(
        self, keys: KeyPath, claim: dict[str, Any], namespace: str, pods: set[str], seen: dict[str, KeyPath]
    ) -> Iterator[Problem]:
        usage_at = (*keys, "volume_claim_usage_gig", "full_period")
        usage = _number(claim, "volume_claim_usage_gig", "full_period")
        yield from self.fits(usage_at, usage, _number(claim, "capacity_gig"), "capacity_gig")
        name, here = claim.get("volume_claim_name"), (*keys, "volume_claim_name")
        if isinstance(name, str):
            if name in seen:
                what = f"the claim '{name}' is given twice in '{namespace}'"
                yield self.twice(here, what, seen[name], "give it another name")
            seen.setdefault(name, here)
        pod = claim.get("pod_name")
        if isinstance(pod, str) and pod not in pods:
            known = ", ".join(sorted(pods)) or "none"
            what = f"{dotted((*keys, 'pod_name'))}: '{pod}' is no pod of '{namespace}'"
            yield self.document.problem((*keys, "pod_name"), what, f"its pods: {known}")
