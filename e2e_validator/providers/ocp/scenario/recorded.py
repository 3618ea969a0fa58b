"""Payloads recorded from a real Koku: ``payload.N.MONTH.tar.gz`` in a folder, N the upload (from 0)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from e2e_validator.archive import ArchiveError, find_member, search
from e2e_validator.errors import first_line, printable
from e2e_validator.providers.ocp.payload_manifest import MAX_BYTES, Manifest, parse_manifest
from e2e_validator.providers.ocp.scenario.nise_model import KOKUS_OWN
from e2e_validator.scenario.dates import in_range
from e2e_validator.scenario.source_type import Recorded

_NAME = re.compile(r"payload\.(\d+)\.(\d{4})(\d{2})01-\d{8}\.tar\.gz")


# A cell that is the name of a project of Koku's own, or has a NUL, which no database takes.
_NO_DATA = re.compile(rb'(?:^|[,"\r\n])(' + "|".join(KOKUS_OWN).encode() + rb')(?=["\r\n,])|\0')
_LONGEST = 64


class RecordingError(ValueError):
    """A folder of recorded payloads that cannot be used; the message is one sentence."""


def recorded_payloads(folder: Path) -> tuple[Recorded, ...]:
    """The tarballs of ``folder``, in the order in which they are sent."""
    try:
        if not folder.is_dir():
            raise RecordingError(f"there is no folder {folder}")
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise RecordingError(f"the folder {folder} cannot be read: {(error.strerror or str(error)).lower()}") from None
    found = []
    for path in paths:
        if path.name.startswith("payload."):
            match = _NAME.fullmatch(path.name)
            if not match:
                raise RecordingError(f"{path.name} is not named payload.N.YYYYMM01-YYYYMM01.tar.gz")
            found.append(_read(path, int(match[1]), f"{match[2]}-{match[3]}"))
    if not found:
        raise RecordingError(f"there is no payload.N.MONTH.tar.gz in {folder}")
    found.sort(key=lambda one: (one.upload, one.month))
    numbers = sorted({one.upload for one in found})
    if numbers != list(range(len(numbers))):
        listed = ", ".join(map(str, numbers))
        raise RecordingError(f"the payloads of {folder} are numbered {listed}, not 0, 1, 2, ...")
    return tuple(found)


def _read(path: Path, upload: int, month: str) -> Recorded:
    manifest = _manifest(path)
    start, end = manifest.start, manifest.end
    if start is None or end is None:
        raise RecordingError(f"the manifest of {path.name} has no start and end")
    if not manifest.files:
        count = len(manifest.resource_optimization_files)
        what = f"only {count} for resource optimisation" if count else "and none for resource optimisation either"
        raise RecordingError(
            f"the manifest of {path.name} names no file with usage, {what}: Koku makes a manifest of 0 files of it,"
            " which never completes"
        )
    if not (in_range(start) and in_range(end)):
        raise RecordingError(f"the manifest of {path.name} says {start:%Y-%m-%d} to {end:%Y-%m-%d}, which cannot be")
    if f"{start:%Y-%m}" != month or end <= start:
        said = f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"
        raise RecordingError(f"the manifest of {path.name} says {said}, not hours of {month}")
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RecordingError(f"{path.name} cannot be read: {_reason(error)}") from None
    _check_cells(path)
    named = (str(manifest.uuid), tuple(manifest.files))
    return Recorded(path, upload, month, start, end, manifest.daily_reports, digest, *named)


def _manifest(path: Path) -> Manifest:
    try:
        raw = find_member(path, "manifest.json", MAX_BYTES)
    except (ArchiveError, OSError) as error:
        raise RecordingError(f"{path.name} has no readable manifest.json: {_reason(error)}") from None
    if raw is None:
        raise RecordingError(f"{path.name} has no manifest.json")
    try:
        return parse_manifest(raw)
    except ValueError as error:
        raise RecordingError(f"the manifest.json of {path.name} is not usable: {error}") from None


def _check_cells(path: Path) -> None:
    try:
        found = search(path, ".csv", _NO_DATA, _LONGEST)
    except (ArchiveError, OSError) as error:
        raise RecordingError(f"{path.name} cannot be read: {_reason(error)}") from None
    if found:
        name, cell = found[0], found[1].decode("utf-8", "replace").strip(',"\r\n')
        what = f"rows of '{cell}', a project that Koku makes itself" if cell in KOKUS_OWN else "a NUL in it"
        raise RecordingError(f"{printable(name)} of {path.name} has {what}")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    return first_line(error)
