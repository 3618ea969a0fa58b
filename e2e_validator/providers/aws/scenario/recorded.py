"""Recorded cost files: a folder with months as the provider lays them down, or with such a folder for each upload.

``<folder>/[<upload, from 0>/]<report>/YYYYMMDD-YYYYMMDD/<report>-Manifest.json``, and the files beside it in a folder
of the assembly's name (docs/contract/clouds.md 2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from e2e_validator.calendar_months import month_after
from e2e_validator.providers.aws.cost_file.columns import INTERVAL
from e2e_validator.providers.aws.cost_file.manifest import Assembly, ManifestError, months_in
from e2e_validator.providers.aws.cost_file.reading import UnreadableFileError, lines_of
from e2e_validator.scenario.source_type import Recorded

_DAY = timedelta(days=1)


class RecordingError(ValueError):
    """A folder of recorded files that cannot be used; the message is one sentence."""


def recorded_files(folder: Path, start: datetime | None) -> tuple[Recorded, ...]:
    """The assemblies of ``folder`` in the order in which they are sent, an upload's earlier months first.

    Their dates are moved by whole days, so that the first day is that of ``start``; None: they stay as they are.

    Raises:
        RecordingError: there is none, one cannot be read, or it would not lie in one month any more.
    """
    try:
        found = [(upload, manifest, Assembly.of(manifest)) for upload, manifest in _manifests(folder)]
        days = [days_of(assembly) for _, _, assembly in found]
    except (ManifestError, UnreadableFileError, OSError) as error:
        raise RecordingError(f"{folder}: {error}") from None
    if not found:
        raise RecordingError(f"there is no ...-Manifest.json of a month in {folder}")
    shift = timedelta(0) if start is None else start.date() - min(first for first, _ in days)
    return tuple(
        _recorded(upload, manifest, assembly, (first + shift, last + shift))
        for (upload, manifest, assembly), (first, last) in zip(found, days, strict=True)
    )


def days_of(assembly: Assembly) -> tuple[date, date]:
    """The first and last day of its rows that lie in its month; the month's first where there are none.

    Raises:
        UnreadableFileError: a file cannot be read.
    """
    month = f"{assembly.month:%Y-%m}"
    texts = {line.cells.get(INTERVAL, "")[:10] for file in assembly.files for line in lines_of(file)}
    days = sorted(date.fromisoformat(text) for text in texts if text.startswith(month)) or [assembly.month.date()]
    return days[0], days[-1]


def _manifests(folder: Path) -> Iterator[tuple[int, Path]]:
    if not folder.is_dir():
        raise RecordingError(f"there is no folder {folder}")
    steps = sorted(int(path.name) for path in folder.iterdir() if path.is_dir() and path.name.isdecimal())
    if steps != list(range(len(steps))):
        raise RecordingError(f"the uploads of {folder} are numbered {', '.join(map(str, steps))}, not 0, 1, 2, ...")
    places = [(step, folder / str(step)) for step in steps] or [(0, folder)]
    for step, place in places:
        yield from ((step, path) for path in months_in(place))


def _recorded(upload: int, manifest: Path, assembly: Assembly, days: tuple[date, date]) -> Recorded:
    first, last = days
    if (first.year, first.month) != (last.year, last.month):
        raise RecordingError(f"{manifest.name}: its days would be {first} to {last}, not of one month; move the period")
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = min(datetime(last.year, last.month, last.day, tzinfo=UTC) + _DAY, month_after(start))
    digest = hashlib.sha256(manifest.read_bytes())
    for path in assembly.files:
        digest.update(path.read_bytes())
    names = tuple(path.name for path in assembly.files)
    return Recorded(
        path=manifest,
        upload=upload,
        month=f"{start:%Y-%m}",
        start=start,
        end=end,
        daily_reports=True,
        sha256=digest.hexdigest(),
        uuid=assembly.name,
        files=names,
    )
