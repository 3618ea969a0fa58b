"""What the values of a cost model say together (docs/contract/koku.md 5.5, 6.4), in the scenario or in a file.

The rules read the raw data, so that they also speak when something else in the cost model is wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel

from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario import hints
from e2e_validator.providers.ocp.scenario.cost_model import (
    DEFAULT_EFFECTIVE_DATES,
    TAG_METRICS,
    CostModelBody,
    CostModelFile,
    InlineCostModel,
)
from e2e_validator.scenario import explain
from e2e_validator.scenario.document import Document, KeyPath, dotted

_NOT_ALLOWED = {
    "": {
        "price_list_uuids": "the price lists of others are not touched",
        **dict.fromkeys(("meta", "links", "data"), "this is a list of cost models: write one of its data"),
    },
    "rates": {"name": "Koku does not read it: write custom_name"},
}


def check_cost_model(
    document: Document, keys: KeyPath, enabled_tags: Collection[str] | None
) -> tuple[BaseModel | None, list[Problem]]:
    """The cost model at ``keys`` of ``document`` (``()`` in a file of its own), or all that is wrong with it.

    ``enabled_tags`` are the tag keys that the scenario enables; None when that cannot be told.
    """
    document = exact(document, keys)
    raw = _at(document.data, keys)
    model: type[BaseModel] = InlineCostModel if keys else CostModelBody
    if isinstance(raw, dict) and keys and "file" in raw:
        model = CostModelFile

    def not_allowed(key: str, inside: KeyPath) -> str:
        if model is CostModelFile and key in CostModelBody.model_fields:
            return "the file has it"
        names = [name for name in inside if isinstance(name, str)]
        return _NOT_ALLOWED.get(names[-1] if names else "", {}).get(key, "")

    root = "the cost model" if not keys else "the scenario"
    found, problems = explain.check(model, document, keys, root=root, unknown=not_allowed, examples=hints.OF_COST_MODEL)
    return found, [*problems, *_together(document, keys, raw, enabled_tags)]


def exact(document: Document, keys: KeyPath) -> Document:
    """``document`` with the numbers at and below ``keys`` as the decimals they were written as."""
    data = _replaced(document, document.data, (), keys)
    return dataclasses.replace(document, data=data)


def _replaced(document: Document, value: Any, here: KeyPath, keys: KeyPath) -> Any:
    if keys:
        if not isinstance(value, dict) or keys[0] not in value:
            return value
        return {**value, keys[0]: _replaced(document, value[keys[0]], (*here, keys[0]), keys[1:])}
    if isinstance(value, dict):
        return {key: _replaced(document, item, (*here, key), ()) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(document, item, (*here, index), ()) for index, item in enumerate(value)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return Decimal(document.place(here).text)
        except InvalidOperation:  # such as 0x10, .5e1 or .nan, which YAML reads and Decimal does not
            return Decimal(str(value))
    return value


def _at(data: Any, keys: KeyPath) -> Any:
    for key in keys:
        data = data[key]
    return data


def _items(raw: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    values = raw.get(key) if isinstance(raw, dict) else None
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield index, value


def _metric(rate: dict[str, Any]) -> Any:
    metric = rate.get("metric")
    return metric.get("name") if isinstance(metric, dict) else None


def _together(document: Document, keys: KeyPath, raw: Any, enabled_tags: Collection[str] | None) -> Iterator[Problem]:
    names: dict[str, KeyPath] = {}
    tag_rates: dict[tuple[Any, Any, Any], KeyPath] = {}
    for index, rate in _items(raw, "rates"):
        here = (*keys, "rates", index)
        yield from _one_kind(document, here, rate)
        yield from _given_once(document, (*here, "custom_name"), rate.get("custom_name"), names)
        tags = rate.get("tag_rates")
        if isinstance(tags, dict):
            yield from _tags(document, (*here, "tag_rates"), tags, _metric(rate), enabled_tags)
            same = (_metric(rate), rate.get("cost_type"), tags.get("tag_key"))
            if all(isinstance(part, str) for part in same):
                if first := tag_rates.get(same):
                    what = f"the tag '{same[2]}' has a second {same[1]} rate of {same[0]}"
                    yield document.problem(
                        (*here, "tag_rates", "tag_key"), f"{what} ({_first(document, first)})", "Koku refuses it"
                    )
                tag_rates.setdefault(same, (*here, "tag_rates", "tag_key"))
    yield from _distribution(document, keys, raw)
    yield from _price_lists(document, keys, raw)


def _first(document: Document, keys: KeyPath) -> str:
    return f"first on line {document.place(keys).line}"


def _given_once(document: Document, here: KeyPath, value: Any, seen: dict[str, KeyPath]) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        return
    if value in seen:
        what = f"{dotted(here)}: '{value}' is given twice ({_first(document, seen[value])})"
        yield document.problem(here, what, "Koku refuses it")
    seen.setdefault(value, here)


def _one_kind(document: Document, here: KeyPath, rate: dict[str, Any]) -> Iterator[Problem]:
    given = [kind for kind in ("tiered_rates", "tag_rates") if rate.get(kind) is not None]
    if len(given) != 1:
        what = f"{dotted(here)} has {' and '.join(given) or 'none of tiered_rates and tag_rates'}"
        yield document.problem(here, what, "exactly one of tiered_rates and tag_rates is needed")


def _tags(
    document: Document, here: KeyPath, tags: dict[str, Any], metric: Any, enabled_tags: Collection[str] | None
) -> Iterator[Problem]:
    if isinstance(metric, str) and metric.endswith(("_per_month", "_per_hour")) and metric not in TAG_METRICS:
        what = f"{dotted(here)}: tag rates of {metric} come later"
        yield document.problem(here, what, f"now those of {', '.join(TAG_METRICS)}", at_key=True)
    key = tags.get("tag_key")
    if isinstance(key, str) and enabled_tags is not None and key not in enabled_tags:
        what = f"{dotted((*here, 'tag_key'))}: '{key}' is not in the scenario's enable_tags"
        yield document.problem((*here, "tag_key"), what, "Koku drops the labels of a key that is not enabled")
    values: dict[str, KeyPath] = {}
    default: KeyPath = ()
    for index, value in _items(tags, "tag_values"):
        place = (*here, "tag_values", index)
        yield from _given_once(document, (*place, "tag_value"), value.get("tag_value"), values)
        if value.get("default") is True:
            if default:
                what = f"{dotted((*place, 'default'))}: a second default ({_first(document, default)})"
                yield document.problem((*place, "default"), what, "Koku takes one for each key")
            default = default or (*place, "default")


def _distribution(document: Document, keys: KeyPath, raw: Any) -> Iterator[Problem]:
    info = raw.get("distribution_info") if isinstance(raw, dict) else None
    if not isinstance(info, dict):
        return
    shown, used = raw.get("distribution", "cpu"), info.get("distribution_type", "cpu")
    if shown in ("cpu", "memory") and used in ("cpu", "memory") and shown != used:
        here = (*keys, "distribution_info", "distribution_type")
        what = f"{dotted(here)}: it is {used}, but distribution is {shown}"
        yield document.problem(here, what, "Koku shows the one and charges by the other: write the same in both")


def _price_lists(document: Document, keys: KeyPath, raw: Any) -> Iterator[Problem]:
    """Of an answer: what says more than that the prices hold when Koku makes them hold by itself."""
    lists = raw.get("price_lists") if isinstance(raw, dict) else None
    if isinstance(lists, list) and len(lists) > 1:
        what = f"{dotted((*keys, 'price_lists'))}: {len(lists)} price lists"
        yield document.problem((*keys, "price_lists"), what, "a run makes one: write its rates, and leave the key out")
    for index, one in _items(raw, "price_lists"):
        here = (*keys, "price_lists", index)
        days = (one.get("effective_start_date"), one.get("effective_end_date"))
        usual = (str(DEFAULT_EFFECTIVE_DATES.start), str(DEFAULT_EFFECTIVE_DATES.end))
        if all(isinstance(day, str) for day in days) and days != usual:
            what = f"{dotted(here)}: the prices hold from {days[0]} to {days[1]}"
            hint = "write that as price_list: {start: ..., end: ...}, where the end is the first day after"
            yield document.problem(here, what, f"{hint}, and leave price_lists out")
        if one.get("enabled") is False:
            yield document.problem(
                here, f"{dotted(here)}: it is not enabled", "Koku charges nothing by it: leave it out"
            )
