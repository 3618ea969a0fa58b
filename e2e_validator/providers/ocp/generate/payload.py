"""Payloads as Koku's operator makes them: a folder with manifest.json and CSV files (docs/contract/koku.md 3.3)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from e2e_validator.errors import HarnessError, Inconclusive
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.generate.nise import NISE_VERSION
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.tarball import MANIFEST, unpack
from e2e_validator.providers.ocp.payload_manifest import parse_manifest


def write_payload(
    month: GeneratedMonth, folder: Path, *, cluster_id: str, manifest_uuid: str | UUID, daily_reports: bool = True
) -> Path:
    """A payload folder of a generated month; ``folder`` must not exist yet, and is returned.

    The files are named as nise names them, and manifest.json says what nise's own would say of them.
    """
    csvs = [month.csvs[report_type] for report_type in NISE.files.values()]
    return package(
        csvs,
        folder,
        start=month.start,
        end=month.end,
        cluster_id=cluster_id,
        manifest_uuid=manifest_uuid,
        daily_reports=daily_reports,
    )


def package(
    csvs: Sequence[Path],
    folder: Path,
    *,
    start: datetime,
    end: datetime,
    cluster_id: str,
    manifest_uuid: str | UUID,
    daily_reports: bool = True,
) -> Path:
    """A payload folder of CSV files in this order; its manifest says ``start`` and ``end``, and it is returned."""
    _make(folder)
    names = []
    for number, csv in enumerate(csvs):
        name = f"{manifest_uuid}_openshift_report.{number}.csv"
        shutil.copyfile(csv, folder / name)
        names.append(name)
    manifest: dict[str, Any] = {
        "cluster_id": cluster_id,
        "uuid": str(manifest_uuid),
        "date": _text(start),
        "files": names,
        "start": _text(start),
        "end": _text(end),
        "version": NISE_VERSION,
        "certified": False,
        "cr_status": {
            "clusterID": cluster_id,
            "clusterVersion": "stable-4.6",
            "operator_commit": NISE_VERSION,
            "upload": {"upload": "True"},
            "reports": {"data_collected": "True"},
        },
        "daily_reports": daily_reports,
    }
    _write_manifest(folder, manifest)
    return folder


def recorded_payload(
    tarball: Path,
    folder: Path,
    *,
    cluster_id: str,
    manifest_uuid: str | UUID,
    daily_reports: bool | None = None,
) -> Path:
    """A payload folder of a recorded tarball, addressed to another cluster and manifest; ``folder`` is returned.

    The CSV files keep every byte; their names carry the new uuid in place of the recorded one. ``daily_reports``
    is the recording's own unless given.

    Raises:
        HarnessError: the tarball cannot be read.
        Inconclusive: it has no usable manifest.
    """
    _make(folder)
    unpack(tarball, folder)
    try:
        content = (folder / MANIFEST).read_bytes()
        checked, manifest = parse_manifest(content), json.loads(content)
    except (OSError, ValueError) as error:
        raise Inconclusive(f"The recorded payload has no usable manifest: {tarball.name}: {error}.") from error
    # As it is spelled there and in the names of the files.
    recorded = str(manifest["uuid"])
    renamed = []
    for name in checked.files:
        new = name.replace(recorded, str(manifest_uuid), 1)
        if (folder / name).exists():
            (folder / name).rename(folder / new)
        renamed.append(new)
    manifest |= {"cluster_id": cluster_id, "uuid": str(manifest_uuid), "files": renamed}
    if daily_reports is not None:
        manifest["daily_reports"] = daily_reports
    _write_manifest(folder, manifest)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise HarnessError(f"The payload's folder cannot be made: {folder}: {error.strerror}.") from error


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o644)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
