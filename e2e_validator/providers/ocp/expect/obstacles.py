"""What in a file keeps Koku from loading it, whole as it may be.

See docs/contract/koku.md 3.7; docs/contract/payloads.md 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from e2e_validator.errors import plural
from e2e_validator.providers.ocp.expect.cells import as_kept
from e2e_validator.providers.ocp.expect.report_types import ReportType

# The widest text of a column of the line item tables; label columns have no limit.
_LONG, _NAME = 256, 253
_LIMITS = {
    "csi_driver": _LONG,
    "csi_volume_handle": _LONG,
    "resource_id": _LONG,
    "gpu_uuid": _LONG,
    "gpu_model_name": _LONG,
    "gpu_vendor_name": _LONG,
    "mig_instance_id": _LONG,
    "node_role": 64,
    "mig_profile": 64,
    "mig_strategy": 10,
} | dict.fromkeys(
    ("pod", "namespace", "node", "persistentvolumeclaim", "persistentvolume", "storageclass", "vm_name"), _NAME
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why Koku cannot load a file: the file's name, and the reason as the end of a sentence."""

    file: str
    reason: str


def obstacles(kind: ReportType, columns: Mapping[str, Sequence[str]], name: str) -> Iterator[Obstacle]:
    """What keeps Koku from loading the file ``name`` with these texts in its columns."""
    unknown = [column for column in columns if column not in kind.columns]
    if unknown:
        shown = ", ".join(map(repr, unknown[:3])) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        what = f"{plural(len(unknown), 'column')} {shown}"
        yield Obstacle(name, f"has the {what}, which Koku's table {kind.table} has not")
    for column, limit in _LIMITS.items():
        if column not in columns or column not in kind.columns:
            continue
        texts = set(columns[column])
        longest = max(map(len, texts), default=0)
        if longest <= limit // 6:
            continue  # escaped for HTML a character becomes six at most
        longest = max(len(as_kept(column, text)) for text in texts)
        if longest > limit:
            yield Obstacle(name, f"has a {column} of {longest} characters, Koku's column holds {limit}")
