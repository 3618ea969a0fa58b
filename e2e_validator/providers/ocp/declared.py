"""What a payload says of itself in ``manifest.json``, and what Koku must have noted of it.

See docs/contract/koku.md 1.1, 3.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from e2e_validator.access.life import ManifestRow
from e2e_validator.calendar_months import first_of_month
from e2e_validator.errors import HarnessError
from e2e_validator.life.rules import same
from e2e_validator.providers.ocp.generate.tarball import MANIFEST

_COMMIT = re.compile(r"[0-9a-f]{40}")
_RELEASE = re.compile(r"[a-z-]+-operator:v?\d+(\.\d+)+")


@dataclass(frozen=True, slots=True)
class Declared:
    """The manifest's own words; ``month`` is the first moment of the month that the data belong to."""

    cluster_id: str
    version: str
    certified: bool
    daily_reports: bool
    channel: str | None
    exported: datetime | None
    month: datetime | None
    ros_files: tuple[str, ...] = ()

    def is_version(self, noted: str | None) -> bool:
        """Whether ``noted`` may stand for this version: Koku knows some commits, and writes the release instead."""
        if _COMMIT.fullmatch(self.version) and _RELEASE.fullmatch(noted or ""):
            return True
        return noted == self.version


def declared_by(folder: Path) -> Declared:
    """What the payload in ``folder`` says.

    Raises:
        HarnessError: its manifest cannot be read, although we made it.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HarnessError(f"The payload's manifest cannot be read: {folder / MANIFEST}: {error!r}.") from error
    exported, start = _moment(manifest.get("date")), _moment(manifest.get("start"))
    first = start or exported
    status = manifest.get("cr_status")
    return Declared(
        cluster_id=str(manifest.get("cluster_id")),
        version=str(manifest.get("version") or ""),
        certified=manifest.get("certified") is True,
        daily_reports=manifest.get("daily_reports") is True,
        ros_files=tuple(
            name for name in manifest.get("resource_optimization_files") or () if (folder / str(name)).is_file()
        ),
        channel=status.get("clusterVersion") if isinstance(status, dict) else None,
        exported=exported,
        month=first_of_month(first) if first else None,
    )


def recorded(row: ManifestRow, declared: Declared) -> Iterator[str]:
    """The manifest: of this cluster, of the month of its data, with the payload's own words; created, not completed."""
    yield from same("manifest.cluster_id", row.own["cluster_id"], declared.cluster_id)
    if declared.month is not None:
        yield from same("manifest.billing_period_start_datetime", row.month, declared.month)
    if not declared.is_version(row.own["operator_version"]):
        yield from same("manifest.operator_version", row.own["operator_version"], declared.version)
    yield from same("manifest.operator_certified", row.own["operator_certified"], declared.certified)
    yield from same("manifest.operator_daily_reports", row.own["operator_daily_reports"], declared.daily_reports)
    yield from same("manifest.cluster_channel", row.own["cluster_channel"], declared.channel)
    yield from same("manifest.export_datetime", row.exported, declared.exported)
    if row.created is None:
        yield "manifest.creation_datetime is NULL: Koku writes it with the row"


def _moment(text: Any) -> datetime | None:
    """A moment of the manifest, in UTC where it names no zone; None for what is no time."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
