"""The part of a nise report that has an effect and makes exact totals (docs/contract/nise.md 2.1, 5.1).

nise takes a random value for whatever is absent or misspelt, and says nothing. So everything random is
required here; what nise does not read is left out before (``nise_taken.py``). ``csi_driver`` and
``csi_volume_handle`` do not touch any figure; where they are absent, ``nise_report.py`` writes fixed ones.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict, StrictInt, WithJsonSchema

from e2e_validator.providers.ocp.scenario import hints
from e2e_validator.scenario.document import brief
from e2e_validator.scenario.model import Part, wrong

LABELS = r"^[^:|]+:[^:|]*(\|[^:|]+:[^:|]*)*$"
VM_LABEL = "label_vm_kubevirt_io_name"
_LONGEST_NAME = 253
# Projects of Koku's reports that no data have (docs/contract/koku.md 6.1): data of that name would be taken for them.
KOKUS_OWN = (
    *("Platform unallocated", "Worker unallocated", "GPU unallocated"),
    *("Network unattributed", "Storage unattributed"),
)


def number(raw: dict[str, Any], *keys: str) -> float | None:
    """The number at ``keys``, None when there is none (which is a problem told elsewhere)."""
    value: Any = raw
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) <= sys.float_info.max:
        return None
    return value


def _identifier(value: Any) -> str:
    # Numbers get their own words in explain.py, which knows how they were written.
    if not isinstance(value, str):
        raise wrong("is not text" if value is not None else "is empty")
    if not value.strip() or value != value.strip():
        raise wrong("is empty" if not value.strip() else f"'{value}' begins or ends with a blank")
    if not value.isprintable():
        raise wrong(f"'{brief(value)}' has a line break or another character that no name has", "leave it out")
    if len(value) > _LONGEST_NAME:
        raise wrong(f"'{brief(value)}' has {len(value)} characters", f"Kubernetes takes at most {_LONGEST_NAME}")
    return value


def _project(value: Any) -> str:
    name = _identifier(value)
    if name in KOKUS_OWN:
        raise wrong(f"'{name}' is a project that Koku makes itself", "give the namespace another name")
    return name


def _labels(value: Any) -> str:
    form = "write label_app:web|label_team:front"
    if isinstance(value, (dict, list)):
        kind = "a mapping" if isinstance(value, dict) else "a list"
        raise wrong(f"labels are one text, not {kind}", f"write {brief(hints.labels(value))}")
    if not isinstance(value, str):
        raise wrong("is not text" if value is not None else "is empty")
    if not value.strip():
        raise wrong("is empty", "leave the key out")
    if value != value.strip():
        raise wrong(f"'{brief(value)}' begins or ends with a blank")
    if not value.isprintable():
        raise wrong(f"'{brief(value)}' has a line break or another character that no label has", form)
    for item in value.split("|"):
        key, *rest = item.split(":")
        if len(rest) != 1:
            raise wrong(f"the label '{brief(item)}' does not have exactly one ':'", form)
        if key in ("", "label_"):
            raise wrong(f"the label '{brief(item)}' has no name", form)
    return value


Identifier = Annotated[str, BeforeValidator(_identifier), WithJsonSchema({"type": "string", "minLength": 1})]
Project = Annotated[str, BeforeValidator(_project), WithJsonSchema({"type": "string", "minLength": 1})]
ResourceId = Annotated[str, BeforeValidator(_identifier), WithJsonSchema({"type": ["string", "number"]})]
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
    pod_name: Identifier | None = Field(default=None, description="the pod of this namespace that mounts it")
    capacity_gig: Amount | None = Field(default=None, description="GiB; nise takes volume_request_gig")
    volume_claim_usage_gig: FullPeriod = Field(description="GiB used, such as {full_period: 4}")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")


class Volume(Part):
    """A persistent volume and its claims."""

    volume: Marker = None
    volume_name: Identifier = Field(description="name")
    storage_class: Identifier = Field(description="storage class")
    csi_driver: Identifier | None = Field(default=None, description="a fixed one where absent")
    csi_volume_handle: Identifier | None = Field(default=None, description="a fixed one where absent")
    volume_request_gig: Amount | None = Field(default=None, description="GiB requested; nise takes 100")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    volume_claims: tuple[Claim, ...] = Field(
        default=(), description="its claims; Koku counts a volume without one on no project"
    )


class Pod(Part):
    """A pod; requests and usage are cores and GiB."""

    pod: Marker = None
    pod_name: Identifier = Field(description="name, unique in the generator")
    cpu_request: Amount = Field(description="cores")
    cpu_limit: Amount | None = Field(default=None, description="cores; nise takes cpu_cores of the node")
    mem_request_gig: Amount = Field(description="GiB")
    mem_limit_gig: Amount | None = Field(default=None, description="GiB; nise takes memory_gig of the node")
    pod_seconds: Annotated[StrictInt, Field(gt=0)] = Field(description="seconds it runs in each hour")
    cpu_usage: FullPeriod = Field(description="cores, such as {full_period: 0.5}")
    mem_usage_gig: FullPeriod = Field(description="GiB, such as {full_period: 2}")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")


class VirtualMachine(Part):
    """A virtual machine; a pod of its namespace has its name in the label ``label_vm_kubevirt_io_name``.

    What is not given is taken from that pod, or is a fixed value.
    """

    vm_name: Identifier = Field(description="name")
    pod_name: Identifier | None = Field(default=None, description="the pod that it runs in")
    cpu_limit: Amount | None = Field(default=None, description="cores")
    cpu_request: Amount | None = Field(default=None, description="cores")
    cpu_request_sockets: Amount | None = Field(default=None, description="sockets")
    cpu_request_threads: Amount | None = Field(default=None, description="threads")
    cpu_usage: FullPeriod | None = Field(default=None, description="cores")
    mem_limit_gig: Amount | None = Field(default=None, description="GiB")
    mem_request_gig: Amount | None = Field(default=None, description="GiB")
    mem_usage_gig: FullPeriod | None = Field(default=None, description="GiB")
    vm_seconds: Annotated[StrictInt, Field(gt=0)] | None = Field(default=None, description="seconds of each hour")
    labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    instance_type: Identifier | None = Field(default=None, description="type")
    os: Identifier | None = Field(default=None, description="operating system")
    guest_os_arch: Identifier | None = Field(default=None, description="architecture")
    guest_os_name: Identifier | None = Field(default=None, description="operating system by name")
    guest_os_version: Identifier | None = Field(default=None, description="its version")
    vol_device: Identifier | None = Field(default=None, description="device of its disk")
    volume_mode: Identifier | None = Field(default=None, description="mode of its disk")


class Namespace(Part):
    """A namespace of a node."""

    namespace: Marker = None
    namespace_labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    pods: tuple[Pod, ...] | None = Field(default=None, description="its pods on this node")
    volumes: tuple[Volume, ...] = Field(default=(), description="volumes claimed by its pods")
    virtual_machines: tuple[VirtualMachine, ...] = Field(default=(), description="machines that its pods run")


class Node(Part):
    """A node and what runs on it."""

    node: Marker = None
    node_name: Identifier = Field(description="name")
    node_labels: Labels | None = Field(default=None, description="label_a:x|label_b:y")
    cpu_cores: Amount = Field(description="capacity in cores")
    memory_gig: Amount = Field(description="capacity in GiB")
    resource_id: ResourceId = Field(default="", description="the report says i-<resource_id>")
    namespaces: Annotated[dict[Project, Namespace | None], Field(min_length=1)] = Field(
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


LATER = {"gpus": "GPUs come later: leave the key out"}
DATED = ("start_date", "end_date")
