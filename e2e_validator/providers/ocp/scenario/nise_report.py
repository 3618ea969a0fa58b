"""The nise report that is handed on: one form, without marker keys, with fixed CSI names, still without dates."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from e2e_validator.providers.ocp.scenario.nise_rules import machine_of

MARKERS = frozenset({"node", "namespace", "pod", "volume", "volume_claim"})
CSI_DRIVER = "csi.e2e-validator"
# nise chooses these at random; no figure of a report depends on them.
_MACHINE = {
    "instance_type": "u1.medium",
    "os": "linux",
    "guest_os_arch": "amd64",
    "guest_os_name": "Red Hat Enterprise Linux",
    "guest_os_version": "9.4",
}
_OF_POD = ("cpu_limit", "cpu_request", "cpu_usage", "mem_limit_gig", "mem_request_gig", "mem_usage_gig", "labels")


def settled(raw: dict[str, Any]) -> dict[str, Any]:
    """``{"generators": [...]}`` from a checked report in either form; nothing in it is left to chance."""
    report = copy.deepcopy(raw if "generators" in raw else {"generators": [{"OCPGenerator": raw}]})
    for entry in report["generators"]:
        for node in entry["OCPGenerator"]["nodes"]:
            _strip(node)
            for name, namespace in node["namespaces"].items():
                content = node["namespaces"][name] = namespace or {}
                _strip(content)
                if content.get("pods", ()) is None:
                    del content["pods"]
                for pod in content.get("pods", ()):
                    _strip(pod)
                for volume in content.get("volumes", ()):
                    _settle_volume(volume)
                _settle_machines(content)
    report["generators"] = [apart for entry in report["generators"] for apart in _apart(entry)]
    return report


def _apart(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The generator, or one for each of its nodes where nise would drop what has the same name on an earlier node."""
    nodes = entry["OCPGenerator"]["nodes"]
    spaces = [name for node in nodes for name in node["namespaces"]]
    pods = [pod["pod_name"] for node in nodes for space in node["namespaces"].values() for pod in space.get("pods", ())]
    if len({*spaces}) == len(spaces) and len({*pods}) == len(pods):
        yield entry
        return
    for node in nodes:
        yield {"OCPGenerator": entry["OCPGenerator"] | {"nodes": [node]}}


def _settle_volume(volume: dict[str, Any]) -> None:
    _strip(volume)
    # nise takes random ones; only these two columns of a volume may be left out of a scenario.
    volume["csi_driver"] = volume.get("csi_driver") or CSI_DRIVER
    volume["csi_volume_handle"] = volume.get("csi_volume_handle") or f"vol-{volume['volume_name']}"
    for claim in volume.setdefault("volume_claims", []):
        _strip(claim)


def _settle_machines(content: dict[str, Any]) -> None:
    """Each machine of a labelled pod, written out: what is not given is the pod's, or fixed.

    See docs/contract/nise.md 2.1.
    """
    given = {machine["vm_name"]: machine for machine in content.get("virtual_machines", ())}
    machines = []
    for pod in content.get("pods", ()):
        if not (name := machine_of(pod)):
            continue
        # Copies: nise changes the memory of a machine in place, and YAML would make one object of both.
        of_pod = {key: copy.deepcopy(pod[key]) for key in _OF_POD if key in pod}
        own = {key: value for key, value in given.get(name, {}).items() if value is not None}
        fixed = {"vm_name": name, "pod_name": pod["pod_name"], "vm_seconds": pod["pod_seconds"]}
        size = {"cpu_request_sockets": pod["cpu_request"], "cpu_request_threads": pod["cpu_request"]}
        machines.append(_MACHINE | size | of_pod | fixed | own | {"pod_name": pod["pod_name"]})
    content.pop("virtual_machines", None)
    if machines:
        content["virtual_machines"] = machines


def _strip(mapping: dict[str, Any]) -> None:
    """Drop marker keys and empty optional ones."""
    for key in [key for key, value in mapping.items() if key in MARKERS or (value is None and key.endswith("labels"))]:
        del mapping[key]
