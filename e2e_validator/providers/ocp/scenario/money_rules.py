"""What the cost model, the enabled tags and the expected costs say together with the data and the dates.

A cost model that charges nothing is allowed where the scenario says so (``costs: zero``): what is 0 without a
word proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from e2e_validator.calendar_months import first_of_month
from e2e_validator.errors import Problem
from e2e_validator.providers.ocp.scenario.cost_model import (
    CAPACITY_METRICS,
    DEFAULT_EFFECTIVE_DATES,
    POD_METRICS,
    PVC_METRIC,
    STORAGE_METRICS,
)
from e2e_validator.scenario import dates
from e2e_validator.scenario.document import Document, KeyPath, did_you_mean, dotted
from e2e_validator.scenario.rules import mapping, rejected
from e2e_validator.scenario.source_type import EffectiveDates

_ZERO = ("expect", "costs")
# Projects that Koku makes itself.
UNALLOCATED = ("Worker unallocated", "Platform unallocated")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a nise report has that costs can hang on."""

    projects: frozenset[str]
    pod_labels: frozenset[tuple[str, str]]
    volume_labels: frozenset[tuple[str, str]]
    volumes: bool

    @property
    def label_keys(self) -> set[str]:
        """The keys that Koku could enable."""
        return {key for key, _ in self.pod_labels | self.volume_labels}


@dataclass
class _Found:
    projects: set[str] = field(default_factory=set)
    pod_labels: set[tuple[str, str]] = field(default_factory=set)
    volume_labels: set[tuple[str, str]] = field(default_factory=set)


def contents(report: dict[str, Any]) -> Contents:
    """The contents of a settled nise report; labels as Koku names them, without ``label_``."""
    found = _Found()
    for entry in report["generators"]:
        for node in entry["OCPGenerator"]["nodes"]:
            # Koku merges the labels of node and namespace into those of their pods and volumes.
            of_node = _labels(node.get("node_labels"))
            for name, namespace in node["namespaces"].items():
                around = of_node | _labels(namespace.get("namespace_labels"))
                for pod in namespace.get("pods", ()):
                    found.projects.add(name)
                    found.pod_labels |= around | _labels(pod.get("labels"))
                for volume in namespace.get("volumes", ()):
                    for claim in volume["volume_claims"]:
                        found.volume_labels |= around | _labels(volume.get("labels")) | _labels(claim.get("labels"))
    return Contents(
        frozenset(found.projects),
        frozenset(found.pod_labels),
        frozenset(found.volume_labels),
        volumes=any(
            namespace.get("volumes")
            for entry in report["generators"]
            for node in entry["OCPGenerator"]["nodes"]
            for namespace in node["namespaces"].values()
        ),
    )


def _labels(text: str | None) -> set[tuple[str, str]]:
    pairs = (item.removeprefix("label_").partition(":") for item in (text or "").split("|") if item)
    return {(key, value) for key, _, value in pairs}


def check_rejected(document: Document) -> Iterator[Problem]:
    """Nothing about money in a scenario that expects a rejection."""
    raw = mapping(document.data)
    if not rejected(raw):
        return
    for key in ("cost_model", "enable_tags"):
        if raw.get(key) is not None:
            what = f"'{key}' is not allowed with expect.rejected"
            yield document.problem((key,), what, "nothing of a rejected payload is charged", at_key=True)
    if mapping(raw, "expect").get("costs") is not None:
        hint = "nothing of a rejected payload is charged"
        yield document.problem(_ZERO, "'costs' is not allowed with expect.rejected", hint, at_key=True)


def check_tags(document: Document, data: Contents | None) -> Iterator[Problem]:
    """The tag keys to enable, against the labels of the data."""
    if mapping(document.data).get("enable_categories") is not None:
        what, hint = "enable_categories is for bills", "leave it out: labels have no categories"
        yield document.problem(("enable_categories",), what, hint, at_key=True)
    keys = mapping(document.data).get("enable_tags")
    seen: list[Any] = []
    for index, key in enumerate(keys if isinstance(keys, list) else ()):
        here = ("enable_tags", index)
        if key in seen:
            yield document.problem(here, f"{dotted(here)}: '{key}' is given twice")
        elif isinstance(key, str) and data and key not in data.label_keys:
            known = sorted(data.label_keys)
            hint = did_you_mean(key.removeprefix("label_"), known) or f"their labels: {', '.join(known) or 'none'}"
            yield document.problem(here, f"{dotted(here)}: no label of the data has the key '{key}'", hint)
        seen.append(key)


def effective_dates(document: Document, today: date, problems: list[Problem]) -> EffectiveDates | None:
    """The days in ``cost_model.price_list``, or None without any; what is wrong goes to ``problems``."""
    cost_model = mapping(document.data, "cost_model")
    given = cost_model.get("price_list")
    here: KeyPath = ("cost_model", "price_list")
    if not isinstance(given, dict):
        return None
    if not any(given.get(key) for key in ("start", "end")):
        problems.append(document.problem(here, "cost_model.price_list: is empty", "write start, end or both"))
        return None
    if cost_model.get("rates") == []:
        hint = "Koku makes no price list without rates"
        problems.append(document.problem(here, "cost_model.price_list without rates", hint, at_key=True))
    days: dict[str, date] = {}
    for key in ("start", "end"):
        text = given.get(key)
        if not isinstance(text, str):
            continue
        try:
            when = dates.resolve(text, today)
        except dates.DateError:
            return None  # told where the text is checked
        if when != first_of_month(when):
            what = f"{dotted((*here, key))}: {when:%Y-%m-%d %H:%M} is not the first of a month"
            problems.append(document.problem((*here, key), what, "the API takes whole months: write month-1m"))
            return None
        days[key] = when.date() - timedelta(days=int(key == "end"))
    result = EffectiveDates(
        days.get("start", DEFAULT_EFFECTIVE_DATES.start), days.get("end", DEFAULT_EFFECTIVE_DATES.end)
    )
    if len(days) == 2 and result.end < result.start:
        what = f"{dotted((*here, 'end'))}: {days['end']} is before the start {days['start']}"
        problems.append(document.problem((*here, "end"), what, "the end is the first day after"))
        return None
    return result


def check_costs(
    document: Document,
    *,
    body: dict[str, Any] | None,
    effective: EffectiveDates | None,
    data: Contents | None,
    months: Sequence[str],
) -> Iterator[Problem]:
    """The expected costs against a cost model that is right; ``months`` ("YYYY-MM") are those of the data."""
    if rejected(mapping(document.data)):
        return
    costs = mapping(document.data, "expect").get("costs")
    if body is None:
        if isinstance(costs, dict):
            yield document.problem(_ZERO, "expect.costs without a cost_model", "every cost is 0 then", at_key=True)
        return
    reason = _charges_nothing(body, effective, data, months)
    if reason and costs != "zero":
        hint = "write expect: {costs: zero} if that is meant"
        yield document.problem(("cost_model",), f"the cost model charges nothing: {reason}", hint, at_key=True)
    if not reason and costs == "zero":
        hint = "only no rates, or a price list for other months, charge nothing"
        yield document.problem(_ZERO, "expect.costs: zero, but the cost model charges these data", hint)
    if isinstance(costs, dict):
        for key in ("by_type", "by_group"):
            if costs.get(key):
                what, hint = f"expect.costs.{key}: a cluster has no bill", "write by_project"
                yield document.problem((*_ZERO, key), what, hint, at_key=True)
        yield from _projects(document, costs, data)


def _projects(document: Document, costs: dict[str, Any], data: Contents | None) -> Iterator[Problem]:
    if not any(value for value in costs.values()):
        yield document.problem(_ZERO, "expect.costs: is empty", "write total, by_project or distributed")
    known = [*sorted(data.projects), *UNALLOCATED] if data else []
    for key in ("by_project", "distributed"):
        for name in mapping(costs, key) if known else ():
            if name not in known:
                here = (*_ZERO, key, name)
                what = f"expect.costs.{key}: the data have no project '{name}'"
                hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
                yield document.problem(here, what, hint, at_key=True)


def _charges_nothing(
    body: dict[str, Any], effective: EffectiveDates | None, data: Contents | None, months: Sequence[str]
) -> str:
    """Why no cost can come out, or nothing; of recorded payloads only rates and dates are known."""
    if not body["rates"]:
        return "it has no rates"
    if effective and months:
        first, last = f"{effective.start:%Y-%m}", f"{effective.end:%Y-%m}"
        if not any(first <= month <= last for month in months):
            return (
                f"its price list holds from {effective.start} to {effective.end}, the data are of {', '.join(months)}"
            )
    if data and not any(_charges(rate, data) for rate in body["rates"]):
        return "the data have nothing that its rates are for"
    return ""


def _charges(rate: dict[str, Any], data: Contents) -> bool:
    metric = rate["metric"]["name"]
    if metric in CAPACITY_METRICS:
        return True
    if metric in (*STORAGE_METRICS, PVC_METRIC) and not data.volumes:
        return False
    tags = rate.get("tag_rates")
    if not tags:
        return True
    labels = data.pod_labels if metric in POD_METRICS else data.volume_labels
    prices = {value["tag_value"]: value["value"] for value in tags["tag_values"]}
    default = next((value["value"] for value in tags["tag_values"] if value["default"]), 0)
    return any(prices.get(value, default) > 0 for key, value in labels if key == tags["tag_key"])
