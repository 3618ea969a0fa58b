"""The part of a nise report that has an effect and makes exact totals (nise contract 2.1, 5.1).

nise takes a random value for whatever is absent or misspelt, and says nothing. So everything random is
required here, and nothing is allowed that nise does not read. ``csi_driver`` and ``csi_volume_handle`` do not
touch any figure; where they are absent, ``nise_report.py`` writes fixed ones.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict, StrictInt, WithJsonSchema

from e2e_validator.scenario.model import Part, wrong

LABELS = r"^label_[^:|]+:[^:|]*(\|label_[^:|]+:[^:|]*)*$"
VM_LABEL = "label_vm_kubevirt_io_name"


def _identifier(value: Any) -> str:
    # Numbers get their own words in explain.py, which knows how they were written.
    if not isinstance(value, str):
        raise wrong("is not text" if value is not None else "is empty")
    if not value.strip() or value != value.strip():
        raise wrong("is empty" if not value.strip() else f"'{value}' begins or ends with a blank")
    return value


def _labels(value: Any) -> str:
    form = "write label_app:web|label_team:front"
    if isinstance(value, dict):
        raise wrong("labels are one text, not a mapping", form)
    seen = set()
    for item in _identifier(value).split("|"):
        key, *rest = item.split(":")
        if len(rest) != 1:
            raise wrong(f"the label '{item}' does not have exactly one ':'", form)
        if not key.startswith("label_") or key == "label_":
            raise wrong(f"the label '{item}' does not begin with 'label_' and a name", form)
        if key == VM_LABEL:
            raise wrong("a pod of a virtual machine is not supported yet", "virtual machines come later")
        if key in seen:
            raise wrong(f"the label '{key}' is given twice")
        seen.add(key)
    return str(value)


Identifier = Annotated[str, BeforeValidator(_identifier), WithJsonSchema({"type": "string", "minLength": 1})]
Labels = Annotated[str, BeforeValidator(_labels), WithJsonSchema({"type": "string", "pattern": LABELS})]
# nise takes 0 for "not given" and a random value in its place.
Amount = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]
Marker = Annotated[None, Field(description="an empty key, as nise's own examples have it; no effect")]


class FullPeriod(Part):
    """One value for every hour."""

    full_period: Amount = Field(description="the value of every hour, above 0")


class Claim(Part):
    """A persistent volume claim."""

    volume_claim: Marker = None
    volume_claim_name: Identifier = Field(description="name, unique in the namespace")
    pod_name: Identifier = Field(description="the pod of this namespace that mounts it")
    capacity_gig: Amount = Field(description="GiB")
    volume_claim_usage_gig: FullPeriod = Field(description="GiB used")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")


class Volume(Part):
    """A persistent volume and its claims."""

    volume: Marker = None
    volume_name: Identifier = Field(description="name")
    storage_class: Identifier = Field(description="storage class")
    csi_driver: Identifier | None = Field(default=None, description="a fixed one where absent")
    csi_volume_handle: Identifier | None = Field(default=None, description="a fixed one where absent")
    volume_request_gig: Amount = Field(description="GiB requested")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    volume_claims: Annotated[tuple[Claim, ...], Field(min_length=1)] = Field(
        description="its claims; Koku drops a volume without one"
    )


class Pod(Part):
    """A pod; requests and usage are cores and GiB."""

    pod: Marker = None
    pod_name: Identifier = Field(description="name, unique in the generator")
    cpu_request: Amount = Field(description="cores")
    cpu_limit: Amount = Field(description="cores")
    mem_request_gig: Amount = Field(description="GiB")
    mem_limit_gig: Amount = Field(description="GiB")
    pod_seconds: Annotated[StrictInt, Field(gt=0, le=3600)] = Field(description="seconds it runs in each hour")
    cpu_usage: FullPeriod = Field(description="cores")
    mem_usage_gig: FullPeriod = Field(description="GiB")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")


class Namespace(Part):
    """A namespace of a node."""

    namespace: Marker = None
    namespace_labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    pods: tuple[Pod, ...] | None = Field(default=None, description="its pods on this node")
    volumes: tuple[Volume, ...] = Field(default=(), description="volumes claimed by its pods")


class Node(Part):
    """A node and what runs on it."""

    node: Marker = None
    node_name: Identifier = Field(description="name")
    node_labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    cpu_cores: Amount = Field(description="capacity in cores")
    memory_gig: Amount = Field(description="capacity in GiB")
    resource_id: Identifier = Field(description="text; the report says i-<resource_id>")
    namespaces: Annotated[dict[Identifier, Namespace | None], Field(min_length=1)] = Field(
        description="its namespaces by name; nise invents some for a node without"
    )


class Generator(Part):
    """The attributes of nise's OCPGenerator, without dates."""

    nodes: Annotated[tuple[Node, ...], Field(min_length=1)] = Field(description="the nodes")


class GeneratorEntry(Part):
    """One entry of ``generators``."""

    OCPGenerator: Generator = Field(description="the attributes, without dates")


class NiseReport(Part):
    """A static report in nise's own form; several generators let a namespace run on several nodes."""

    generators: Annotated[tuple[GeneratorEntry, ...], Field(min_length=1)] = Field(description="the generators")


LATER = {
    "virtual_machines": "virtual machines come later",
    "gpus": "GPUs come later",
    "workload": "reports for resource optimisation come later",
}
DATED = ("start_date", "end_date")
