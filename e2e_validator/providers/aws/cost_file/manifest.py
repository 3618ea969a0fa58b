"""A manifest as far as Koku reads it, and the files that it names (docs/contract/clouds.md 2)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_START = re.compile(r"(\d{4})(\d\d)01T000000\.000Z")


class ManifestError(ValueError):
    """A manifest that Koku could do nothing with; one sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """An assembly on disk: its name, the first moment of its month, and its files, which may be missing."""

    name: str
    month: datetime
    files: tuple[Path, ...]

    @classmethod
    def of(cls, manifest: Path) -> Assembly:
        """The assembly that a month's manifest names.

        Raises:
            ManifestError: it cannot be read.
        """
        try:
            content = json.loads(manifest.read_text(encoding="utf-8"))
            name, start = content["assemblyId"], content["billingPeriod"]["start"]
            names = [str(key).rpartition("/")[2] for key in content["reportKeys"]]
            begins = _START.fullmatch(start)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ManifestError(f"{manifest.name} cannot be read: {error!r}") from None
        if begins is None:
            raise ManifestError(f"{manifest.name} begins with {start!r}, not with YYYYMM01T000000.000Z")
        month = datetime(int(begins[1]), int(begins[2]), 1, tzinfo=UTC)
        return cls(name, month, tuple(manifest.parent / name / file for file in names))


def months_in(folder: Path) -> list[Path]:
    """The manifests of the months below ``folder``, the earlier first; not the copies in the assemblies' folders."""
    found = [path for path in folder.rglob("*-Manifest.json") if re.fullmatch(r"\d{8}-\d{8}", path.parent.name)]
    return sorted(found, key=lambda path: (path.parent.name, path.name))
