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
    paths: dict[str, str]
    """Where each file lies in the source."""
    modified: datetime

    def status_name(self, file: str) -> str:
        """The name of a file's status row."""
        return f"{self.assembly_id}-{file}"

    def path(self, file: str) -> str:
        """Where the file lies, in the source."""
        return self.paths[file]


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
    assembly = str(raw["assemblyId"])
    names = {key.rsplit("/", 1)[-1]: str(key) for key in raw["reportKeys"]}
    paths = {name: key if store.whole_keys else f"{place}/{assembly}/{name}" for name, key in names.items()}
    return CurManifest(assembly, start, list(paths), paths, found.modified)
