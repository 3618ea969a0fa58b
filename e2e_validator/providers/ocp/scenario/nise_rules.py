"""What the values of a nise report say together: names that must differ, sizes that must fit.

See docs/contract/nise.md 0, 2.1.

nise drops, overwrites and invents in silence; each rule here refuses a report in which it would. The rules read
the raw data, so that they also speak when something else in the report is wrong.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario import hints
from e2e_validator.providers.ocp.scenario.nise_model import DATED, LATER, VM_LABEL, Generator, NiseReport, number
from e2e_validator.providers.ocp.scenario.nise_taken import at, items, namespaces, taken
from e2e_validator.scenario import explain
from e2e_validator.scenario.document import Document, KeyPath, dotted

UNGIVEN = "nise would choose a value itself"


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """``report`` as it is taken; it is right if there is no problem. Warnings are about what is taken otherwise."""

    report: Any
    problems: list[Problem]
    warnings: list[Problem]


def check_report(document: Document, keys: KeyPath) -> Checked:
    """All that is wrong with the nise report at ``keys`` of ``document``, and what is taken otherwise."""
    if bare := _without_generators(document, at(document.data, keys), keys):
        return Checked(None, [bare], [])
    raw, warnings = taken(document, keys)
    if cloud := _of_a_cloud(document, raw, keys):
        return Checked(raw, [cloud], [])
    root = "the template" if not keys else "the scenario"
    whole = isinstance(raw, dict) and "generators" in raw
    document = dataclasses.replace(document, data=_replaced(document.data, keys, raw))
    _, problems = explain.check(
        NiseReport if whole else Generator,
        document,
        keys,
        root=root,
        unknown=_not_allowed,
        missing=UNGIVEN,
        examples=hints.OF_NISE,
    )
    together = list(_Rules(document).report(raw, keys, whole=whole))
    problems += [problem for problem in together if not problem.warning]
    return Checked(raw, problems, warnings + [problem for problem in together if problem.warning])


def _replaced(data: Any, keys: KeyPath, value: Any) -> Any:
    if not keys:
        return value
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    copy[keys[0]] = _replaced(data[keys[0]], keys[1:], value)
    return copy


def _of_a_cloud(document: Document, raw: Any, keys: KeyPath) -> Problem | None:
    """One sentence for a report of another provider, in place of one for each of its keys."""
    names = [name for _, entry in items(raw, keys, "generators") for name in entry]
    if not names or not all(name.endswith("Generator") for name in names):
        return None
    if difflib.get_close_matches("OCPGenerator", names, n=1, cutoff=0.9):  # or a slip of the pen
        return None
    what = f"this is no report of OCP: its generators are {', '.join(sorted(set(names))[:5])}"
    hint = "sources of AWS, Azure and GCP come later; write a report with OCPGenerator"
    return document.problem((*keys, "generators"), what, hint, at_key=True)


def _without_generators(document: Document, raw: Any, keys: KeyPath) -> Problem | None:
    """One sentence for a report whose generator, or list of generators, stands where ``generators`` must."""
    if isinstance(raw, list) or (isinstance(raw, dict) and "OCPGenerator" in raw):
        what = f"{dotted(keys, 'the template')}: the key 'generators' is missing"
        form = "- OCPGenerator: {nodes: [...]}"
        return document.problem(keys, what, f"write generators: with '{form}' below it, or nodes: alone")
    return None


def _not_allowed(key: str, _inside: KeyPath) -> str:
    if key in DATED:
        return "the dates come from the scenario's 'period'"
    if re.fullmatch(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", key):
        return "nise takes random values on all other days: write one for every hour, full_period"
    return LATER.get(key, "")


class _Rules:
    def __init__(self, document: Document) -> None:
        self.document = document

    def report(self, raw: Any, keys: KeyPath, *, whole: bool) -> Iterator[Problem]:
        """The rules over the whole report."""
        generators = [(keys, raw)] if isinstance(raw, dict) else []
        if whole:
            generators = [
                ((*place, "OCPGenerator"), entry["OCPGenerator"])
                for place, entry in items(raw, keys, "generators")
                if isinstance(entry.get("OCPGenerator"), dict)
            ]
        nodes: dict[str, tuple[KeyPath, dict[str, Any]]] = {}
        pods: dict[tuple[str, str], KeyPath] = {}
        machines: dict[str, KeyPath] = {}
        for place, generator in generators:
            yield from self.unique_nodes(place, generator, nodes)
            yield from self.generator(place, generator)
            yield from self.unique_pods(place, generator, pods)
            yield from self.machines(place, generator, machines)

    def twice(
        self, keys: KeyPath, what: str, first: KeyPath, hint: str, *, at_key: bool = False, warning: bool = False
    ) -> Problem:
        place = self.document.place(first)
        return self.document.problem(
            keys,
            f"{what} (first on line {place.key_line if at_key else place.line})",
            hint,
            at_key=at_key,
            warning=warning,
        )

    def unique_nodes(
        self, keys: KeyPath, raw: dict[str, Any], seen: dict[str, tuple[KeyPath, dict[str, Any]]]
    ) -> Iterator[Problem]:
        """A node given twice must be the same node: Koku takes both for one."""
        for place, node in items(raw, keys, "nodes"):
            name = node.get("node_name")
            if not isinstance(name, str):
                continue
            here = (*place, "node_name")
            of_node = {key: value for key, value in node.items() if key not in ("namespaces", "node")}
            first, other = seen.setdefault(name, (here, of_node))
            if other != of_node:
                differ = next(key for key in (*of_node, *other) if of_node.get(key) != other.get(key))
                what = f"the node '{name}' is given twice, with another {differ}"
                yield self.twice(here, what, first, "Koku would take it for one: write the same, or another name")

    def unique_pods(
        self, keys: KeyPath, raw: dict[str, Any], seen: dict[tuple[str, str], KeyPath]
    ) -> Iterator[Problem]:
        """The same pod of the same namespace a second time, in this or an earlier generator."""
        for place, node in items(raw, keys, "nodes"):
            for ns_place, namespace, content in namespaces(node, place):
                for pod_place, pod in items(content, ns_place, "pods"):
                    name, here = pod.get("pod_name"), (*pod_place, "pod_name")
                    if isinstance(name, str):
                        if first := seen.get((namespace, name)):
                            what = f"the pod '{name}' of '{namespace}' is given twice"
                            hint = "Koku tells pods apart by namespace and name; all generators cover the same hours"
                            yield self.twice(here, what, first, hint)
                        seen.setdefault((namespace, name), here)

    def generator(self, keys: KeyPath, raw: dict[str, Any]) -> Iterator[Problem]:
        """The rules within one generator."""
        seen: dict[str, tuple[KeyPath, KeyPath]] = {}
        pods: dict[str, tuple[KeyPath, KeyPath, str]] = {}
        for place, node in items(raw, keys, "nodes"):
            has_pods = False
            for ns_place, name, content in namespaces(node, place):
                first, _ = seen.setdefault(name, (ns_place, place))
                if first != ns_place:
                    hint = "nise alone would drop the earlier one; here each node has a generator of its own"
                    what = f"the namespace '{name}' is on two nodes of one generator"
                    yield self.twice(ns_place, what, first, hint, at_key=True, warning=True)
                for pod_place, pod in items(content, ns_place, "pods"):
                    has_pods = True
                    pod_name, here = pod.get("pod_name"), (*pod_place, "pod_name")
                    if isinstance(pod_name, str):
                        earlier, its_node, its_namespace = pods.setdefault(pod_name, (here, place, name))
                        if earlier != here and its_namespace != name:
                            yield self.same_pod(here, pod_name, earlier, warning=its_node != place)
                yield from self.volumes(ns_place, name, content)
            if isinstance(node.get("namespaces"), dict) and node["namespaces"] and not has_pods:
                what = f"no namespace of {dotted(place)} has a pod"
                yield self.document.problem((*place, "namespaces"), what, "Koku takes a node's capacity from its pods")

    def same_pod(self, keys: KeyPath, name: str, first: KeyPath, *, warning: bool) -> Problem:
        what = f"the pod '{name}' is given twice in one generator"
        hint = "nise alone would drop the earlier one; here each node has a generator of its own"
        if not warning:
            hint = "nise would drop the earlier one: give it another name, or a second generator"
        return self.twice(keys, what, first, hint, warning=warning)

    def machines(self, keys: KeyPath, raw: dict[str, Any], seen: dict[str, KeyPath]) -> Iterator[Problem]:
        """Each virtual machine runs in one pod, which has its label."""
        for place, node in items(raw, keys, "nodes"):
            for ns_place, _, content in namespaces(node, place):
                labelled = set()
                for pod_place, pod in items(content, ns_place, "pods"):
                    name, here = machine_of(pod), (*pod_place, "labels")
                    if not name:
                        continue
                    if first := seen.get(name):
                        what = f"the virtual machine '{name}' runs in two pods"
                        yield self.twice(here, what, first, "nise would make one of them: name the other differently")
                    seen.setdefault(name, here)
                    labelled.add(name)
                for vm_place, machine in items(content, ns_place, "virtual_machines"):
                    given = machine.get("vm_name")
                    if isinstance(given, str) and given not in labelled:
                        what = f"no pod of {dotted(ns_place)} runs the virtual machine '{given}'"
                        hint = f"nise would invent a pod and a volume: label a pod {VM_LABEL}:{given}"
                        yield self.document.problem((*vm_place, "vm_name"), what, hint)

    def volumes(self, keys: KeyPath, namespace: str, content: dict[str, Any]) -> Iterator[Problem]:
        named = (pod.get("pod_name") for _, pod in items(content, keys, "pods"))
        pods = {name for name in named if isinstance(name, str)}
        claims: dict[str, KeyPath] = {}
        volumes: dict[str, KeyPath] = {}
        for place, volume in items(content, keys, "volumes"):
            name, here = volume.get("volume_name"), (*place, "volume_name")
            if isinstance(name, str):
                if name in volumes:
                    yield self.twice(here, f"the volume '{name}' is given twice", volumes[name], "give it another name")
                volumes.setdefault(name, here)
            if not volume.get("volume_claims"):
                what = f"the volume '{name}' has no claim"
                yield self.document.problem(here, what, "it is sent; Koku counts it on no project", warning=True)
            used, request = 0.0, number(volume, "volume_request_gig")
            for claim_place, claim in items(volume, place, "volume_claims"):
                yield from self.claim(claim_place, claim, namespace, pods, claims)
                capacity = number(claim, "capacity_gig") or 0.0
                if request is not None:
                    yield from self.room(claim_place, capacity, used, request)
                used += capacity

    def room(self, keys: KeyPath, capacity: float, used: float, request: float) -> Iterator[Problem]:
        """A claim nise would drop (1 GiB or less of the request is left) or crash on (it does not fit)."""
        if request - used <= 1:
            what = f"{dotted(keys)}: only {max(request - used, 0):g} GiB of volume_request_gig {request:g} are left"
            yield self.document.problem(keys, what, "nise drops a claim without a word unless more than 1 GiB is left")
        elif used + capacity > request:
            what = f"{dotted(keys)}: the claims take {used + capacity:g} GiB of volume_request_gig {request:g}"
            yield self.document.problem((*keys, "capacity_gig"), what, "the sum of capacity_gig must fit")

    def claim(
        self, keys: KeyPath, claim: dict[str, Any], namespace: str, pods: set[str], seen: dict[str, KeyPath]
    ) -> Iterator[Problem]:
        name, here = claim.get("volume_claim_name"), (*keys, "volume_claim_name")
        if isinstance(name, str):
            if name in seen:
                what = f"the claim '{name}' is given twice in '{namespace}'"
                yield self.twice(here, what, seen[name], "give it another name")
            seen.setdefault(name, here)
        pod = claim.get("pod_name")
        if isinstance(pod, str) and pod not in pods:
            known = ", ".join(sorted(pods)) or "none"
            what = f"{dotted((*keys, 'pod_name'))}: '{pod}' is no pod of '{namespace}' (its pods: {known})"
            hint = "Koku counts such a claim on no node"
            yield self.document.problem((*keys, "pod_name"), what, hint, warning=True)
        elif pod is None:
            what = f"{dotted(keys)} has no pod_name"
            yield self.document.problem(keys, what, "Koku counts such a claim on no node", warning=True)


def machine_of(pod: dict[str, Any]) -> str:
    """The virtual machine that a pod runs, by its label; nothing for an ordinary pod."""
    labels = pod.get("labels")
    pairs = (item.partition(":") for item in (labels if isinstance(labels, str) else "").split("|"))
    return next((value for key, _, value in pairs if key == VM_LABEL), "")
