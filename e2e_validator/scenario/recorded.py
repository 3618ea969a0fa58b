"""Payloads recorded from a real Koku: ``payload.N.MONTH.tar.gz`` in a folder, N the upload (from 0)."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_NAME = re.compile(r"payload\.(\d+)\.(\d{4})(\d{2})01-\d{8}\.tar\.gz")
_MANIFEST_BYTES = 10 * 1024 * 1024  # koku contract 3.3


class RecordingError(ValueError):
    """A folder of recorded payloads that cannot be used; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded tarball; ``start`` and exclusive ``end`` are UTC, from its manifest."""

    path: Path
    upload: int
    month: str
    start: datetime
    end: datetime
    daily_reports: bool


def recorded_payloads(folder: Path) -> tuple[Recorded, ...]:
    """The tarballs of ``folder``, in the order in which they are sent."""
    if not folder.is_dir():
        raise RecordingError(f"there is no folder {folder}")
    found = []
    for path in sorted(folder.iterdir()):
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
    try:
        start, end = (_utc(str(manifest[key])) for key in ("start", "end"))
    except (KeyError, ValueError):
        raise RecordingError(f"the manifest of {path.name} has no start and end") from None
    if f"{start:%Y-%m}" != month or end <= start:
        said = f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"
        raise RecordingError(f"the manifest of {path.name} says {said}, not hours of {month}")
    return Recorded(path, upload, month, start, end, bool(manifest.get("daily_reports", False)))


def _utc(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            member = archive.extractfile("manifest.json")
            content = json.loads(member.read(_MANIFEST_BYTES)) if member else None
    except (OSError, tarfile.TarError, EOFError, KeyError, ValueError) as error:
        reason = str(error).strip("'\"").splitlines()[0] if str(error) else type(error).__name__
        raise RecordingError(f"{path.name} has no readable manifest.json: {reason}") from None
    if not isinstance(content, dict):
        raise RecordingError(f"the manifest.json of {path.name} is not an object")
    return content
