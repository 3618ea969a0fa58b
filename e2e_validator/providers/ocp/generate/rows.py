"""How many rows nise must write, from the static report alone (docs/contract/nise.md 2.1, 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from e2e_validator.calendar_months import months
from e2e_validator.errors import HarnessError
from e2e_validator.generate.month import GeneratedMonth, hours
from e2e_validator.providers.ocp.generate.nise_kind import NISE

RowCounts = dict[str, dict[str, int]]
_VM_LABEL = "label_vm_kubevirt_io_name:"


def once(report_type: str) -> tuple[int, int]:
    """The factors of a report that is not multiplied."""
    del report_type
    return 1, 1


def planned_rows(
    generators: Sequence[Mapping[str, Any]],
    start: datetime,
    end: datetime,
    factors: Callable[[str], tuple[int, int]] = once,
) -> RowCounts:
    """Rows by month (``YYYY-MM``) and report type for the hours ``[start, end)``.

    ``generators`` is the list under ``generators:`` of a static report. Every hour has a row for each pod, claim
    (or claimless volume), node, namespace, virtual machine and GPU; ``factors`` of a type say how often it has each.
    """
    hourly = dict.fromkeys(NISE.files.values(), 0)
    for entry in generators:
        for attributes in entry.values():
            for report_type, count in _hourly(attributes.get("nodes") or []).items():
                outer, inner = factors(report_type)
                hourly[report_type] += count * outer * inner
    return {
        month: {report_type: count * hours(first, last) for report_type, count in hourly.items()}
        for month, first, last in months(start, end)
    }


def check_rows(planned: RowCounts, generated: Iterable[GeneratedMonth]) -> None:
    """Compare what nise wrote with the plan: nise drops pods and claims, or invents them, in silence.

    Raises:
        HarnessError: a type of a month has another number of rows; names all of them.
    """
    got = {month.month: month.rows for month in generated}
    problems = [
        f"{report_type} of {month}: {planned.get(month, {}).get(report_type, 0)} rows planned,"
        f" {got.get(month, {}).get(report_type, 0)} written"
        for month in sorted(planned.keys() | got.keys())
        for report_type in NISE.files.values()
        if planned.get(month, {}).get(report_type, 0) != got.get(month, {}).get(report_type, 0)
    ]
    if problems:
        raise HarnessError(f"nise did not write what was planned: {problems[0]}.", detail="\n".join(problems[1:]))


def _hourly(nodes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Rows of one hour of one generator."""
    spaces = [space or {} for node in nodes for space in (node.get("namespaces") or {}).values()]
    pods = [pod for space in spaces for pod in space.get("pods") or []]
    volumes = [volume for space in spaces for volume in space.get("volumes") or []]
    machines = {machine.get("vm_name") for space in spaces for machine in space.get("virtual_machines") or []}
    labelled = {name for pod in pods for name in _machines(pod)}
    gpus = [gpu for pod in pods for gpu in pod.get("gpus") or []]
    return {
        # A machine that no pod is labelled with gets a pod of its own.
        "pod_usage": len(pods) + len(machines - labelled),
        "storage_usage": sum(len(volume.get("volume_claims") or []) or 1 for volume in volumes),
        "node_labels": len(nodes),
        "namespace_labels": len(spaces),
        "vm_usage": len(machines | labelled),
        "gpu_usage": sum(len(gpu.get("mig_instances") or []) or 1 for gpu in gpus),
    }


def _machines(pod: Mapping[str, Any]) -> list[str]:
    """The machine that a pod runs, by its label."""
    labels = str(pod.get("labels") or "").split("|")
    return [label.removeprefix(_VM_LABEL) for label in labels if label.startswith(_VM_LABEL)]
