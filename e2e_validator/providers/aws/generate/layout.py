"""An assembly as the provider lays it down in a bucket (docs/contract/clouds.md 2, docs/contract/nise.md 3.4).

``<prefix>/<report>/YYYYMMDD-YYYYMMDD/<report>-Manifest.json``, and in a folder of the assembly's name beside it a
copy of the manifest and the files, ``<report>-N.csv.gz``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from e2e_validator.calendar_months import first_of_month, month_after

REPORT = "cur"
# Never empty: Koku puts a slash between prefix and report, so without one it looks for keys that begin with a slash.
PREFIX = "e2e"


def range_of(month: datetime) -> str:
    """``20261101-20261201`` for any moment of November 2026."""
    return f"{first_of_month(month):%Y%m%d}-{month_after(month):%Y%m%d}"


def file_place(month: datetime, assembly: str, number: int) -> str:
    """The key of a file of the assembly, counted from 1."""
    return f"{PREFIX}/{REPORT}/{range_of(month)}/{assembly}/{REPORT}-{number}.csv.gz"


def write_manifests(
    root: Path, month: datetime, assembly: str, keys: Sequence[str], *, bucket: str, payer: str
) -> Path:
    """Both copies of the manifest below ``root``; returns the month's own."""
    content: dict[str, Any] = {
        "assemblyId": assembly,
        "account": payer,
        "columns": [],
        "charset": "UTF-8",
        "compression": "GZIP",
        "contentType": "text/csv",
        "reportId": assembly,
        "reportName": REPORT,
        "billingPeriod": {"start": _stamp(first_of_month(month)), "end": _stamp(month_after(month))},
        "bucket": bucket,
        "reportKeys": list(keys),
        "additionalArtifactKeys": [],
    }
    text = json.dumps(content, indent=1) + "\n"
    place = root / PREFIX / REPORT / range_of(month)
    for folder in (place / assembly, place):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{REPORT}-Manifest.json").write_text(text, encoding="utf-8")
    return place / f"{REPORT}-Manifest.json"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}.000Z"


def objects_below(root: Path) -> tuple[str, ...]:
    """The keys of what lies below ``root`` in the order in which it is put into a bucket.

    The files come first and the month's manifest last: what it names is there when Koku reads it.
    """
    keys = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
    return tuple(sorted(keys, key=_order))


def _order(key: str) -> tuple[bool, bool, str]:
    is_manifest = key.endswith("-Manifest.json")
    return is_manifest and key.count("/") <= 3, is_manifest, key
