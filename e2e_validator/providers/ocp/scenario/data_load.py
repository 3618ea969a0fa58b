"""The data of a scenario: a nise report, recorded payloads, or rows by the hour; checked, with their places."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario import recorded, row_files
from e2e_validator.providers.ocp.scenario.nise_report import settled
from e2e_validator.providers.ocp.scenario.nise_rules import check_report
from e2e_validator.providers.ocp.scenario.scale_rules import check_scale
from e2e_validator.scenario import rules, shipped
from e2e_validator.scenario.document import Document, KeyPath, dotted
from e2e_validator.scenario.source_type import Recorded, SourceData

# What can be done to a cost file alone.
OF_COST_FILES = ("bad_manifest", "empty_file", "header_only")


def load_data(
    document: Document, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
) -> SourceData:
    """The nise report, the recorded payloads or the rows of the scenario; what is wrong goes to ``problems``."""
    found = _data(document, fixtures, today, problems, warnings)
    return dataclasses.replace(found, scale=check_scale(document, found.report, today, problems))


def _data(
    document: Document, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
) -> SourceData:
    data = rules.mapping(document.data, "data")
    if data.get("files") is not None:
        what = "data.files: payloads of a cluster are tarballs"
        problems.append(document.problem(("data", "files"), what, "write payloads: FOLDER", at_key=True))
    problems += _cost_file_damages(document)
    rows = _rows(document, fixtures, problems)
    if data.get("nise") is not None:
        return SourceData(_report(document, ("data", "nise"), problems, warnings), rows=rows)
    if isinstance(data.get("template"), str):
        return SourceData(_template(document, fixtures, data["template"], problems, warnings), rows=rows)
    if isinstance(data.get("payloads"), str):
        return SourceData(payloads=_payloads(document, fixtures, today, data["payloads"], problems), rows=rows)
    return SourceData(rows=rows)


def _cost_file_damages(document: Document) -> Iterator[Problem]:
    uploads = rules.mapping(document.data).get("uploads")
    for index, upload in enumerate(uploads if isinstance(uploads, list) else ()):
        if isinstance(upload, dict) and upload.get("damage") in OF_COST_FILES:
            here: KeyPath = ("uploads", index, "damage")
            yield document.problem(here, f"{dotted(here)}: '{upload['damage']}' is none of a tarball")


def _rows(document: Document, fixtures: Path, problems: list[Problem]) -> tuple[row_files.RowFile, ...]:
    name = rules.mapping(document.data, "data").get("rows")
    if not isinstance(name, str):
        return ()
    if "\n" in name:
        what = "data.rows: a cluster's rows are files"
        problems.append(document.problem(("data", "rows"), what, "write rows: FOLDER, one in fixtures/rows/"))
        return ()
    try:
        return row_files.row_files(fixtures / "rows" / name)
    except row_files.RowsError as error:
        problems.append(document.problem(("data", "rows"), f"data.rows: {error}"))
        return ()


def _report(
    document: Document, keys: KeyPath, problems: list[Problem], warnings: list[Problem]
) -> dict[str, Any] | None:
    found = check_report(document, keys)
    problems += found.problems
    warnings += found.warnings
    return None if found.problems or document.problems else settled(found.report)


def _template(
    document: Document, fixtures: Path, name: str, problems: list[Problem], warnings: list[Problem]
) -> dict[str, Any] | None:
    folder = fixtures / "nise"
    template = shipped.document_of(document, ("data", "template"), folder, name, problems, rules.template_hint)
    if template is None:
        return None
    problems += template.problems
    return _report(template, (), problems, warnings)


def _payloads(
    document: Document, fixtures: Path, today: date, name: str, problems: list[Problem]
) -> tuple[Recorded, ...]:
    here: KeyPath = ("data", "payloads")
    try:
        payloads = recorded.recorded_payloads(fixtures / name)
    except recorded.RecordingError as error:
        problems.append(document.problem(here, f"data.payloads: {error}"))
        return ()
    raw = rules.mapping(document.data)
    old_allowed = rules.rejected(raw)
    for payload in payloads:
        hours = rules.Window(here, payload.start, payload.end)
        problems += rules.check_window(document, hours, today, old_allowed=old_allowed, by_nise=False)
    uploads = raw.get("uploads")
    count = payloads[-1].upload + 1
    if isinstance(uploads, list) and len(uploads) not in (0, count):
        what = f"{len(uploads)} uploads, but the recording has {count}"
        problems.append(
            document.problem(("uploads",), what, "leave the key out to send what was recorded", at_key=True)
        )
    if old_allowed and len(payloads) > 1:
        problems.append(document.problem(here, "expect.rejected with several payloads", "one scenario, one rejection"))
    return payloads
