"""The report's own manifest (docs/contract/clouds.md 2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.report_store import ReportStore


@dataclass(frozen=True, slots=True)
class CurManifest:
    """What is read of it."""

    assembly_id: str
    billing_start: datetime
    files: list[str]
    """Base names, in the manifest's order."""
    folder: str
    """Of the assembly, in the source."""
    modified: datetime

    def status_name(self, file: str) -> str:
        """The name of a file's status row."""
        return f"{self.assembly_id}-{file}"

    def path(self, file: str) -> str:
        """Where the file lies, in the source."""
        return f"{self.folder}/{file}"


def read_manifest(store: ReportStore, month: BillMonth) -> CurManifest:
    """The manifest of a month.

    Raises:
        ReportNotFoundError: There is none.
        ValueError, KeyError: It is no JSON, or not what AWS writes.
    """
    report = store.report_folder()
    place = f"{report}/{month.folder}"
    found = store.read(f"{place}/{report.rsplit('/', 1)[-1]}-Manifest.json")
    raw = json.loads(found.content)
    start = datetime.strptime(raw["billingPeriod"]["start"], "%Y%m%dT000000.000Z").replace(tzinfo=UTC)
    files = [key.rsplit("/", 1)[-1] for key in raw["reportKeys"]]
    assembly = str(raw["assemblyId"])
    return CurManifest(assembly, start, files, f"{place}/{assembly}", found.modified)
