"""One scenario file: read, checked whole, ready to be planned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from e2e_validator.errors import Problem, ScenarioError
from e2e_validator.providers.ocp.scenario import recorded, row_files
from e2e_validator.providers.ocp.scenario.cost_model import EffectiveDates
from e2e_validator.providers.ocp.scenario.money_load import load_money
from e2e_validator.providers.ocp.scenario.nise_report import settled
from e2e_validator.providers.ocp.scenario.nise_rules import check_report
from e2e_validator.scenario import dates, explain, fault_rules, rules, shipped
from e2e_validator.scenario.document import Document, KeyPath, dotted, is_file, parse_document, read_text
from e2e_validator.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario whose file is right.

    ``report`` is the nise report without dates (None without nise), ``payloads`` the recorded tarballs in order,
    ``rows`` the files with a line for what has a row every hour (both empty otherwise). ``sha256`` is of the file;
    ``data_sha256`` of the report, the rows or the tarballs and of the cost model, so that a changed template is seen
    too. ``lines`` maps ``data.nise.nodes[0]`` to its line.

    ``cost_model`` is the body of a POST to cost-models/ (koku contract 5.5) with the keys that were written, the
    currency, and Decimals for numbers; the run adds name, description, source_type and source_uuids, and sends
    ``cost_model.request_body`` of it. ``price_list`` are the days that the cost model's price list is to get
    after its creation (None: it stays as Koku made it). ``enable_tags`` are tag keys without ``label_``.
    ``warnings`` are about what is taken, but not as it is written.
    """

    path: Path
    scenario: Scenario
    sha256: str
    data_sha256: str
    lines: Mapping[str, int]
    report: dict[str, Any] | None
    payloads: tuple[recorded.Recorded, ...]
    rows: tuple[row_files.RowFile, ...] = ()
    cost_model: dict[str, Any] | None = None
    price_list: EffectiveDates | None = None
    enable_tags: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.scenario.name


def load_scenario(path: Path, *, fixtures: Path, today: date) -> LoadedScenario:
    """Read and check ``path``; ``ScenarioError`` with every problem of it and of its template.

    ``fixtures`` is the folder that templates (``nise/``) and recordings are relative to, ``today`` the day
    relative dates start from (UTC).
    """
    raw_bytes, text = read_text(path)
    document = parse_document(path, text)
    problems = list(document.problems)
    if not isinstance(document.data, dict):
        problems.append(document.problem((), "the file is not a mapping", "start with 'version: 1'"))
        raise ScenarioError(problems)
    model, found = explain.check(Scenario, document)
    problems += found
    problems += rules.check_scenario(document, today)
    warnings: list[Problem] = []
    report, payloads = _data(document, fixtures, today, problems, warnings)
    rows = _rows(document, fixtures, problems)
    problems += fault_rules.check_faults(document, len(payloads) or _parcels(document, today))
    months = {payload.month for payload in payloads} or _months(document, today)
    money = load_money(document, fixtures=fixtures, today=today, report=report, months=months, problems=problems)
    if problems or model is None:
        raise ScenarioError(sorted(set(problems)))
    scenario = cast("Scenario", model)
    digest = hashlib.sha256(json.dumps(report, sort_keys=True).encode())
    for payload in payloads:
        digest.update(payload.sha256.encode())
    if rows:
        digest.update(repr(rows).encode())
    if money.body is not None:
        digest.update(json.dumps(money.body, sort_keys=True, default=str).encode())
    return LoadedScenario(
        path=path,
        scenario=scenario,
        sha256=hashlib.sha256(raw_bytes).hexdigest(),
        data_sha256=digest.hexdigest(),
        lines={dotted(keys, ""): place.key_line for keys, place in document.places.items()},
        report=report,
        payloads=payloads,
        rows=rows,
        cost_model=money.body,
        price_list=money.price_list,
        enable_tags=scenario.enable_tags,
        warnings=tuple(sorted(set(warnings))),
    )


def _months(document: Document, today: date) -> set[str]:
    """The months of the scenario's period; none when it names none, which is told elsewhere."""
    hours = rules.window(rules.mapping(document.data, "period"), ("period",), today)
    return {month for month, _, _ in dates.months(hours.start, hours.end)} if hours else set()


def _parcels(document: Document, today: date) -> int | None:
    """How many tarballs nise's data are sent in; None when another problem hides it."""
    raw = rules.mapping(document.data)
    uploads = raw.get("uploads") or [{}]
    if not isinstance(uploads, list):
        return None
    found = [rules.mapping(upload).get("period") or raw.get("period") for upload in uploads]
    hours = [rules.window(period, (), today) for period in found]
    return sum(len(dates.months(one.start, one.end)) for one in hours if one) if all(hours) else None


def _data(
    document: Document, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
) -> tuple[dict[str, Any] | None, tuple[recorded.Recorded, ...]]:
    """The nise report, or the recorded payloads, of the scenario; what is wrong goes to ``problems``."""
    data = rules.mapping(document.data, "data")
    if data.get("nise") is not None:
        return _report(document, ("data", "nise"), problems, warnings), ()
    if isinstance(data.get("template"), str):
        return _template(document, fixtures, data["template"], problems, warnings), ()
    if isinstance(data.get("payloads"), str):
        return None, _payloads(document, fixtures, today, data["payloads"], problems)
    return None, ()


def _rows(document: Document, fixtures: Path, problems: list[Problem]) -> tuple[row_files.RowFile, ...]:
    name = rules.mapping(document.data, "data").get("rows")
    if not isinstance(name, str):
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
    path = shipped.found(folder, name)
    here: KeyPath = ("data", "template")
    if not is_file(path):
        hint = rules.template_hint(name, shipped.names(folder, name))
        problems.append(document.problem(here, f"data.template: there is no {name} in {folder}", hint))
        return None
    try:
        template = parse_document(path, read_text(path)[1])
    except ScenarioError as error:
        problems += error.problems
        return None
    problems += template.problems
    return _report(template, (), problems, warnings)


def _payloads(
    document: Document, fixtures: Path, today: date, name: str, problems: list[Problem]
) -> tuple[recorded.Recorded, ...]:
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
