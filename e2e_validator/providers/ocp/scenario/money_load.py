"""The money of a scenario: its cost model from the scenario or from a file, its price list's days, its tags."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario import money_rules
from e2e_validator.providers.ocp.scenario.cost_model import CURRENCY, CostModelFile
from e2e_validator.providers.ocp.scenario.cost_rules import check_cost_model
from e2e_validator.scenario import rules, shipped
from e2e_validator.scenario.document import Document
from e2e_validator.scenario.source_type import EffectiveDates, Prices


def load_money(
    document: Document,
    *,
    fixtures: Path,
    today: date,
    report: dict[str, Any] | None,
    months: Collection[str],
    problems: list[Problem],
) -> Prices:
    """The money of the scenario in ``document``; what is wrong goes to ``problems``.

    ``report`` is the settled nise report (None when it is wrong, or with recorded payloads), ``months`` those of
    the data ("YYYY-MM").
    """
    raw = rules.mapping(document.data)
    data = money_rules.contents(report) if report else None
    found = list(money_rules.check_rejected(document))
    found += money_rules.check_tags(document, data)
    body: dict[str, Any] | None = None
    price_list: EffectiveDates | None = None
    whole = raw.get("cost_model") is None
    if "cost_model" in raw and whole:
        found.append(document.problem(("cost_model",), "cost_model: is empty", "write file or rates"))
    elif not whole:
        price_list = money_rules.effective_dates(document, today, found)
        body = _body(document, fixtures, _enabled(raw), found)
        whole = body is not None
    if whole and not found and not problems:
        found += money_rules.check_costs(document, body=body, effective=price_list, data=data, months=sorted(months))
    problems += found
    return Prices(body, price_list)


def _enabled(raw: dict[str, Any]) -> list[Any] | None:
    """The tag keys of the scenario; None when they are no list, which is told elsewhere."""
    keys = raw.get("enable_tags", [])
    return keys if isinstance(keys, list) else None


def _body(
    document: Document, fixtures: Path, enabled_tags: list[Any] | None, problems: list[Problem]
) -> dict[str, Any] | None:
    model, found = check_cost_model(document, ("cost_model",), enabled_tags)
    if isinstance(model, CostModelFile):
        other = _file(document, fixtures, model.file, found)
        if other:
            model, in_file = check_cost_model(other, (), enabled_tags)
            found += [*other.problems, *in_file]
    problems += found
    return None if found or model is None else written(model)


def _file(document: Document, fixtures: Path, name: str, problems: list[Problem]) -> Document | None:
    folder = fixtures / "cost_models"
    return shipped.document_of(document, ("cost_model", "file"), folder, name, problems, rules.template_hint)


def written(model: BaseModel) -> dict[str, Any]:
    """The cost model as it was written, its numbers as Decimal, and with its currency.

    Koku would take the currency of the account's settings.
    """
    body = model.model_dump(exclude_unset=True, exclude_none=True, exclude={"price_list"})
    return {**_listed(body), "currency": CURRENCY}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, (tuple, list)) else value
