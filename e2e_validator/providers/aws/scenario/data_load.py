"""The data of a scenario: a nise report, recorded cost files, or rows; checked, with their places."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers.aws.scenario.nise_rules import check_report, settled
from e2e_validator.providers.aws.scenario.recorded import RecordingError, recorded_files
from e2e_validator.providers.aws.scenario.row_cells import doubts
from e2e_validator.providers.aws.scenario.row_days import lost_days, periods_of, unknown_uploads
from e2e_validator.providers.aws.scenario.row_place import Where
from e2e_validator.providers.aws.scenario.row_text import RowsError, rows_of
from e2e_validator.providers.aws.scenario.scale_rules import check_scale
from e2e_validator.scenario import rules, shipped
from e2e_validator.scenario.document import Document, KeyPath, dotted
from e2e_validator.scenario.source_type import Recorded, SourceData

# Of those that a scenario may name: what can be done to a report before it is sent.
DAMAGES = ("no_manifest", "bad_manifest", "drop_column", "missing_file", "truncated", "empty_file", "header_only")
_LARGEST_BYTES = 1024 * 1024


def load_data(document: Document, fixtures: Path, today: date, problems: list[Problem]) -> SourceData:
    """The nise report, the recorded files or the rows of the scenario; what is wrong goes to ``problems``."""
    found = _data(document, fixtures, today, problems)
    return dataclasses.replace(found, scale=check_scale(document, found.report, today, problems))


def _data(document: Document, fixtures: Path, today: date, problems: list[Problem]) -> SourceData:
    data = rules.mapping(document.data, "data")
    _uploads(document, problems)
    if data.get("payloads") is not None:
        what = "data.payloads: cost files are no tarballs"
        problems.append(document.problem(("data", "payloads"), what, "write files: FOLDER", at_key=True))
    if data.get("nise") is not None:
        return SourceData(_report(document, ("data", "nise"), problems))
    if isinstance(data.get("template"), str):
        return SourceData(_template(document, fixtures, data["template"], problems))
    if isinstance(data.get("files"), str):
        return SourceData(payloads=_files(document, fixtures, today, data["files"], problems))
    if isinstance(data.get("rows"), str):
        return _rows(document, fixtures, today, data["rows"], problems)
    return SourceData()


def _uploads(document: Document, problems: list[Problem]) -> None:
    """What an upload may say, and a report has not."""
    uploads = rules.mapping(document.data).get("uploads")
    for index, upload in enumerate(uploads if isinstance(uploads, list) else ()):
        if not isinstance(upload, dict):
            continue
        here: KeyPath = ("uploads", index)
        damage = upload.get("damage")
        if isinstance(damage, str) and damage.partition(":")[0] not in DAMAGES:
            what = f"{dotted(here)}.damage: '{damage}' is none of a cost file"
            problems.append(document.problem((*here, "damage"), what, f"known: {', '.join(DAMAGES)}"))
        for key in ("daily_reports", "one_package"):
            if upload.get(key) is not None:
                what = f"{dotted(here)}.{key}: the manifest of a cost report has none"
                problems.append(document.problem((*here, key), what, "leave the key out", at_key=True))


def _report(document: Document, keys: KeyPath, problems: list[Problem]) -> dict[str, Any] | None:
    found = check_report(document, keys)
    problems += found
    raw: Any = document.data
    for key in keys:
        raw = raw[key]
    return None if found or document.problems else settled(raw)


def _template(document: Document, fixtures: Path, name: str, problems: list[Problem]) -> dict[str, Any] | None:
    folder = fixtures / "nise"
    template = shipped.document_of(document, ("data", "template"), folder, name, problems, rules.template_hint)
    if template is None:
        return None
    problems += template.problems
    return _report(template, (), problems)


def _files(document: Document, fixtures: Path, today: date, name: str, problems: list[Problem]) -> tuple[Recorded, ...]:
    here: KeyPath = ("data", "files")
    raw = rules.mapping(document.data)
    period = rules.window(raw.get("period"), ("period",), today)
    try:
        payloads = recorded_files(fixtures / name, period.start if period else None)
    except RecordingError as error:
        problems.append(document.problem(here, f"data.files: {error}"))
        return ()
    old_allowed = rules.rejected(raw)
    for payload in payloads:
        hours = rules.Window(here, payload.start, payload.end)
        problems += rules.check_window(document, hours, today, old_allowed=old_allowed, by_nise=False)
    uploads, count = raw.get("uploads"), payloads[-1].upload + 1
    if isinstance(uploads, list) and len(uploads) not in (0, count):
        what, hint = f"{len(uploads)} uploads, but the recording has {count}", "leave the key out to send what there is"
        problems.append(document.problem(("uploads",), what, hint, at_key=True))
    return payloads


def _rows(document: Document, fixtures: Path, today: date, given: str, problems: list[Problem]) -> SourceData:
    inside = "\n" in given.strip()
    where = Where(document, None if inside else fixtures / "rows" / given)
    try:
        found = rows_of(given if inside else _text_of(fixtures / "rows" / given), today)
    except RowsError as error:
        problems += map(where.problem, error.mistakes)
        return SourceData()
    raw = rules.mapping(document.data)
    uploads, periods = raw.get("uploads") or [{}], periods_of(document, today)
    late = list(unknown_uploads(found, len(uploads))) if isinstance(uploads, list) else []
    problems += map(where.problem, late or lost_days(found, periods))
    expect = rules.mapping(raw, "expect")
    if expect.get("rejected") or expect.get("fails"):
        return SourceData(rows=(found,))
    doubtful = list(doubts(found, today, periods))
    problems += [where.problem(one.mistake) for one in doubtful if not one.deviation]
    explained = tuple((one.deviation, where.problem(one.mistake)) for one in doubtful if one.deviation)
    return SourceData(rows=(found,), doubts=explained)


def _text_of(path: Path) -> str:
    try:
        if not path.is_file():
            raise RowsError(f"there is no file {path}")
        if path.stat().st_size > _LARGEST_BYTES:
            raise RowsError(f"{path.name} is larger than {_LARGEST_BYTES // 1024} KiB")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RowsError(f"{path.name} is no UTF-8 text") from None
    except OSError as error:
        raise RowsError(f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}") from None
