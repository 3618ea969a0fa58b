"""One scenario file: read, checked whole, ready to be planned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from e2e_validator import calendar_months
from e2e_validator.errors import Problem, ScenarioError
from e2e_validator.providers import registry
from e2e_validator.scenario import explain, fault_rules, hints, rules
from e2e_validator.scenario.document import Document, dotted, parse_document, read_text
from e2e_validator.scenario.flow import Flow
from e2e_validator.scenario.model import Scenario, Source
from e2e_validator.scenario.source_type import DataKeys, EffectiveDates, Recorded, SourceRules


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario whose file is right.

    ``report`` is the nise report without dates (None without nise), ``payloads`` the recorded tarballs in order,
    ``rows`` the files with a line for what has a row every hour (both empty otherwise). ``sha256`` is of the file;
    ``data_sha256`` of the report, the rows or the tarballs and of the cost model, so that a changed template is seen
    too. ``scale`` says how often the parts of the report are in the data. ``lines`` maps ``data.nise.nodes[0]`` to its
    line.

    ``cost_model`` is the body of a POST to cost-models/ (docs/contract/koku.md 5.5) with the keys that were written,
    the currency, and Decimals for numbers; the run adds name, description, source_type and source_uuids, and sends
    ``cost_model.request_body`` of it. ``price_list`` are the days that the cost model's price list is to get
    after its creation (None: it stays as Koku made it). ``enable_tags`` are tag keys without ``label_``;
    ``keys`` those of a source type whose new keys Koku enables by itself.
    ``warnings`` are about what is taken, but not as it is written. ``doubts`` are problems of the data, each with the
    deviation that explains it: a run has them only where an option accepts that, ``lint`` has none of them.
    """

    path: Path
    scenario: Scenario
    sha256: str
    data_sha256: str
    lines: Mapping[str, int]
    report: dict[str, Any] | None
    payloads: tuple[Recorded, ...]
    rows: tuple[Any, ...] = ()
    scale: BaseModel | None = None
    cost_model: dict[str, Any] | None = None
    price_list: EffectiveDates | None = None
    enable_tags: tuple[str, ...] = ()
    keys: DataKeys = field(default_factory=DataKeys)
    warnings: tuple[Problem, ...] = ()
    doubts: tuple[tuple[str, Problem], ...] = ()

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
    kind: SourceRules = registry.rules(type_of(document))
    model, found = explain.check(Scenario, document, unknown=hints.misplaced(kind), examples=hints.EXAMPLES)
    problems += found
    flow: Flow = registry.flow(type_of(document))
    problems += rules.check_scenario(document, today, flow)
    warnings: list[Problem] = []
    data = kind.load_data(document, fixtures=fixtures, today=today, problems=problems, warnings=warnings)
    problems += fault_rules.check_faults(document, flow, len(data.payloads) or _payloads(document, today))
    months = {payload.month for payload in data.payloads} or _months(document, today)
    money = kind.load_prices(document, fixtures=fixtures, today=today, data=data, months=months, problems=problems)
    if problems or model is None:
        raise ScenarioError(sorted(set(problems)))
    scenario = cast("Scenario", model)
    digest = hashlib.sha256(json.dumps(data.report, sort_keys=True).encode())
    for payload in data.payloads:
        digest.update(payload.sha256.encode())
    if data.rows:
        digest.update(repr(data.rows).encode())
    if data.scale is not None:
        digest.update(data.scale.model_dump_json().encode())
    if money.body is not None:
        digest.update(json.dumps(money.body, sort_keys=True, default=str).encode())
    return LoadedScenario(
        path=path,
        scenario=scenario,
        sha256=hashlib.sha256(raw_bytes).hexdigest(),
        data_sha256=digest.hexdigest(),
        lines={dotted(keys, ""): place.key_line for keys, place in document.places.items()},
        report=data.report,
        payloads=data.payloads,
        rows=data.rows,
        scale=data.scale,
        cost_model=money.body,
        price_list=money.price_list,
        enable_tags=scenario.enable_tags,
        keys=data.keys,
        warnings=tuple(sorted(set(warnings))),
        doubts=tuple(one for one in data.doubts if one[0] not in scenario.expect.deviates),
    )


def type_of(document: Document) -> str:
    """The scenario's source type, or the one that is meant; the usual one where it names none: the model tells it."""
    named = rules.mapping(document.data, "source").get("type")
    meant = named.upper() if isinstance(named, str) else ""
    return meant if meant in registry.types() else Source().type


def _months(document: Document, today: date) -> set[str]:
    """The months of the scenario's period; none when it names none, which is told elsewhere."""
    hours = rules.window(rules.mapping(document.data, "period"), ("period",), today)
    return {month for month, _, _ in calendar_months.months(hours.start, hours.end)} if hours else set()


def _payloads(document: Document, today: date) -> int | None:
    """How many tarballs nise's data are sent in; None when another problem hides it."""
    raw = rules.mapping(document.data)
    uploads = raw.get("uploads") or [{}]
    if not isinstance(uploads, list):
        return None
    found = [rules.mapping(upload).get("period") or raw.get("period") for upload in uploads]
    hours = [rules.window(period, (), today) for period in found]
    return sum(len(calendar_months.months(one.start, one.end)) for one in hours if one) if all(hours) else None
