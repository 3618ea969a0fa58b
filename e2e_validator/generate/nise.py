"""koku-nise in a process of its own: it is AGPL, and trusts its surroundings (docs/contract/nise.md 0, 1.4-1.6, 6).

Its start takes as long as a month of data, so a process that has imported it is kept and copied for each call
(``warm.py``), and what it made of the same report, hours and version is taken from a cache (``cache.py``).
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from e2e_validator.calendar_months import months
from e2e_validator.errors import Blocked, HarnessError, first_line
from e2e_validator.generate.cache import cache_of
from e2e_validator.generate.leash import run_leashed
from e2e_validator.generate.month import GeneratedMonth, NiseKind, rows_of
from e2e_validator.generate.warm import Call, WarmWorkers

NISE_VERSION = "5.4.4"
DEFAULT_TIMEOUT_SECONDS = 300.0

# With one of these set, nise might upload, take another account's data, or stop at a warning.
_FOREIGN = ("S3_", "AWS_", "INSIGHTS_", "HCC_", "AZURE_", "GOOGLE_", "PYTHONWARNINGS")
# One file for each type: at exactly its limit nise adds an empty file.
_ROW_LIMIT = 1_000_000_000
_WARM = WarmWorkers("nise", "nise.__main__")
# "off": each nise in a process that does nothing else.
WARM_VARIABLE = "E2E_NISE_WARM"


def run_nise(
    generators: Sequence[Mapping[str, Any]],
    *,
    kind: NiseKind,
    key: str,
    start: datetime,
    end: datetime,
    folder: Path,
    nise: Sequence[str] | None = None,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> list[GeneratedMonth]:
    """Generate the hours ``[start, end)`` (full hours, UTC) of a source of this kind.

    ``generators`` is the list under ``generators:`` of a static report, ``beside`` what else stands in it; dates in the
    generators are replaced. Each month is a process of its own with a private working folder and TMPDIR below
    ``folder``: nise changes the memory of virtual machines from one month of a run to the next. Months without a row
    are left out. ``nise`` is the command to run, always in a new process and never from the cache; the installed
    koku-nise by default. ``timeout_seconds`` is for each month.

    Raises:
        Blocked: nise is missing, is another version, took too long, or the folder cannot be written.
        HarnessError: nise failed or left something out.
    """
    if not nise:
        _check_installed()
    generated = []
    if any(moment.utcoffset() != timedelta(0) or moment.minute or moment.second for moment in (start, end)):
        raise HarnessError(f"nise needs full hours in UTC, not {start} to {end}.")
    for month, first, last in months(start, end):
        _check_last_day(first, last)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place = Path(tempfile.mkdtemp(prefix=f"nise-{month}-", dir=folder))
            for name in ("data", "tmp"):
                (place / name).mkdir()
            report = _static_report({**beside, "generators": _dated(generators, first, last)})
            (place / "static_report.yml").write_text(report, encoding="utf-8")
            make = partial(_run, nise, _asked(kind, key, place), month, place, timeout_seconds)
            if nise:
                make()
            else:
                _taken_or_made(kind, report, _files(kind, key, place, first), make)
            found = _collect(kind, place, month, first, last)
        except OSError as error:
            raise Blocked(f"The data cannot be generated in {folder}: {error.strerror or error}.") from error
        if any(found.rows.values()):
            generated.append(found)
    return generated


def _check_installed() -> None:
    try:
        version = metadata.version("koku-nise")
    except metadata.PackageNotFoundError as error:
        raise Blocked(f"koku-nise is not installed: pip install koku-nise=={NISE_VERSION}.") from error
    if version != NISE_VERSION:
        raise Blocked(f"koku-nise is {version}, not {NISE_VERSION}: pip install koku-nise=={NISE_VERSION}.")


def _check_last_day(first: datetime, last: datetime) -> None:
    """Refuse what nise would get wrong in silence."""
    tomorrow = first + timedelta(days=1)
    if tomorrow.month != first.month and first.hour and last.month == first.month:
        raise HarnessError(
            f"nise writes nothing for {first:%Y-%m-%d %H:%M} to {last:%H:%M}, the last day of a month:"
            " start at 00:00 or end with the month."
        )


def _static_report(content: Mapping[str, Any]) -> str:
    try:
        return yaml.safe_dump(dict(content), sort_keys=False)
    except yaml.YAMLError as error:
        raise HarnessError(f"The static report cannot be written as YAML: {first_line(error)}") from error


def _asked(kind: NiseKind, key: str, place: Path) -> list[str]:
    arguments = ["report", kind.name, "--static-report-file", str(place / "static_report.yml")]
    named = [kind.key_option, key] if kind.key_option else []
    return [*arguments, *named, "--file-row-limit", str(_ROW_LIMIT), "--write-monthly"]


def _files(kind: NiseKind, key: str, place: Path, first: datetime) -> dict[str, Path]:
    """Where nise writes each type's file (docs/contract/nise.md 3.1)."""
    return {part: place / "data" / f"{kind.file_name(first, key, part)}.csv" for part in kind.files}


def _taken_or_made(kind: NiseKind, report: str, files: Mapping[str, Path], make: Callable[[], None]) -> None:
    """Let nise make the files, unless it did before: the same report, kind, version and way of calling it."""
    kept = cache_of()
    request = json.dumps([NISE_VERSION, _own_code(), kind.name, list(kind.files), report])
    if kept is not None and kept.take(request, files):
        return
    make()
    if kept is not None and all(path.exists() for path in files.values()):
        kept.keep(request, files)


@cache
def _own_code() -> str:
    """What calls nise: another way of calling it may make other data."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _run(nise: Sequence[str] | None, arguments: list[str], month: str, place: Path, timeout_seconds: float) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    environment |= {"TMPDIR": str(place / "tmp"), "PYTHONHASHSEED": "0", "TZ": "UTC"}
    folder = place / "data"
    command = [*(nise or (sys.executable, "-m", "nise")), *arguments]
    try:
        if nise or os.environ.get(WARM_VARIABLE, "").strip().lower() == "off":
            done = run_leashed(command, folder=folder, environment=environment, timeout_seconds=timeout_seconds)
        else:
            done = _WARM.run(Call(arguments, folder, environment, place), timeout_seconds=timeout_seconds)
    except (FileNotFoundError, PermissionError) as error:
        raise Blocked(f"nise cannot be started: {command[0]} does not exist or may not be run.") from error
    except subprocess.TimeoutExpired as error:
        raise Blocked(f"nise was not done with {month} after {timeout_seconds:g} s.") from error
    _judge(done, month)


def _judge(done: subprocess.CompletedProcess[str], month: str) -> None:
    """Nise says 0 when it did nothing: its output counts (docs/contract/nise.md 1.5)."""
    complaints = [line for line in done.stdout.splitlines() if "[ERROR]" in line]
    if done.returncode == 0 and not complaints:
        return
    lines = complaints or done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["it said nothing"]
    code = f" (exit code {done.returncode})" if done.returncode else ""
    raise HarnessError(f"nise failed for {month}{code}: {lines[-1]}", detail=done.stderr.strip()[-4000:])


def _dated(generators: Sequence[Mapping[str, Any]], first: datetime, last: datetime) -> list[dict[str, Any]]:
    """The generators with dates as text: a YAML date that is today's means "until now" to nise."""
    dated = copy.deepcopy([dict(entry) for entry in generators])
    for entry in dated:
        for attributes in entry.values():
            attributes |= {"start_date": f"{first:%Y-%m-%d %H:%M:%S}", "end_date": f"{last:%Y-%m-%d %H:%M:%S}"}
    return dated


def _collect(kind: NiseKind, place: Path, month: str, first: datetime, last: datetime) -> GeneratedMonth:
    csvs: dict[str, Path] = {}
    for part, report_type in kind.files.items():
        found = sorted((place / "data").glob(f"{kind.file_name(first, '*', part)}*.csv"))
        if len(found) != 1:
            what = "no file" if not found else f"{len(found)} files"
            raise HarnessError(f"nise left {what} of {part} for {month}, where one was expected.")
        csvs[report_type] = found[0]
    return GeneratedMonth(month, first, last, csvs, {name: rows_of(path) for name, path in csvs.items()})
