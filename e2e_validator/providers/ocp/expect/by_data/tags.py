"""What is charged by a label: the labels that the data give each row, without Koku's joins.

See docs/contract/koku.md 6.4.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Key, Measures, add, exactly
from e2e_validator.expect.numbers import larger
from e2e_validator.providers.ocp.expect.by_data.cells import UNDECIDED
from e2e_validator.providers.ocp.expect.by_data.facts import COLUMNS, CORES, PER, Counted, Facts, counting, left_out
from e2e_validator.providers.ocp.expect.by_data.money import POD, PRICED_PODS, PRICED_VOLUMES, STORAGE
from e2e_validator.providers.ocp.expect.cost_model import CostModel, TagRate
from e2e_validator.providers.ocp.expect.labels import as_json
from e2e_validator.providers.ocp.expect.payload import PayloadData

# The labels of a row itself, the stronger first.
_OF_PODS = ("pod_labels",)
_OF_CLAIMS = ("persistentvolumeclaim_labels", "persistentvolume_labels")
_CLAIM = ("day", "namespace", "persistentvolumeclaim", "persistentvolume")

Labels = Mapping[str, str]
# A row of pods: day, project, node, its labels, its quantities.
_Pod = tuple[str, str, str, Sequence[Labels], Mapping[str, Decimal]]


@exactly
def tag_charges(
    payloads: Sequence[PayloadData], counted: Counted, found: Facts, model: CostModel | None, enabled: Collection[str]
) -> Measures:
    """What the rates by label charge, by (day, Pod or Storage, project, node): ``<cost type>.<cpu, memory, volume>``.

    A row has the labels of its pod, or of its claim and volume; what these do not say its namespace may, and then
    its node. Undecided where that comes to several prices: labels that change within a day, and a label of a node
    for a claim, of which the data do not say where it is. Idle capacity has no labels.
    """
    charges: Measures = {}
    rates = [rate for rate in model.tag_rates if rate.key in enabled] if model else []
    if model is None or not rates:
        return charges
    around = _Around(payloads, counted)
    for day, namespace, node, own, values in _pods(payloads, counted):
        for rate in rates:
            if rate.metric in PRICED_PODS and model.covers(date.fromisoformat(day)):
                quantity = PRICED_PODS[rate.metric]
                price = _price(rate, around.values(day, namespace, node, rate.key, own))
                part = "cpu" if quantity.startswith(CORES) else "memory"
                add(charges, (day, POD, namespace, node), {f"{rate.cost_type}.{part}": price * values[quantity]})
    of_claims = _claims(payloads, counted)
    for key, quantities in found.claims.items():
        day, namespace = key[:2]
        for rate in rates:
            if rate.metric in PRICED_VOLUMES and model.covers(date.fromisoformat(day)):
                said = {one for own in of_claims[key] for one in around.values(day, namespace, None, rate.key, own)}
                charge = _price(rate, said) * quantities[PRICED_VOLUMES[rate.metric]]
                add(charges, (day, STORAGE, namespace, ""), {f"{rate.cost_type}.volume": charge})
    return charges


def _price(rate: TagRate, values: Iterable[str | None]) -> Decimal:
    """The price of a row that has one of ``values`` for the rate's key; None is no such label, which costs nothing."""
    prices = {Decimal(0) if value is None else rate.values.get(value, rate.default) for value in values}
    return prices.pop() if len(prices) == 1 else UNDECIDED


class _Around:
    """The labels of namespaces and nodes: every different set that a day has of each."""

    def __init__(self, payloads: Sequence[PayloadData], counted: Counted) -> None:
        self._namespaces = _reported(payloads, counted, "namespace")
        self._nodes = _reported(payloads, counted, "node")
        self._everywhere: dict[str, list[Labels]] = defaultdict(list)
        for (day, _), sets in self._nodes.items():
            self._everywhere[day] += sets

    def values(
        self, day: str, namespace: str, node: str | None, key: str, own: Sequence[Labels]
    ) -> frozenset[str | None]:
        """What a row may have for ``key``; None is no such label. Without a ``node`` it may be on any, or on none."""
        for labels in own:
            if key in labels:
                return frozenset({labels[key]})
        sets = [{}, *self._everywhere[day]] if node is None else self._nodes.get((day, node), [{}])
        of_node = {labels.get(key) for labels in sets}
        of_namespace = {labels.get(key) for labels in self._namespaces.get((day, namespace), [{}])}
        return frozenset(of_namespace - {None} | (of_node if None in of_namespace else set()))


def _reported(payloads: Sequence[PayloadData], counted: Counted, what: str) -> dict[tuple[str, str], list[Labels]]:
    found: dict[tuple[str, str], list[Labels]] = defaultdict(list)
    for position, payload in enumerate(payloads):
        rows = _grouped(payload, f"{what}_labels", ["day", what, f"{what}_labels"])
        for row in counting(rows, f"{what}_labels", counted, position):
            found[row["day"], row[what]].append(_read(row[f"{what}_labels"]))
    return found


def _pods(payloads: Sequence[PayloadData], counted: Counted) -> Iterator[_Pod]:
    for position, payload in enumerate(payloads):
        for row in counting(_pod_rows(payload), "pod_usage", counted, position):
            values = {name: Decimal(row[f"{name}_sum"]) / PER[name.partition(".")[0]] for name in PRICED_PODS.values()}
            yield row["day"], row["namespace"], row["node"], [_read(row["pod_labels"])], values
        for cells in left_out(payload, "pod_usage", counted, position):
            if cells.text("node"):
                own = [_read(as_json(cells.text("pod_labels")))]
                yield cells.day, cells.text("namespace"), cells.text("node"), own, cells.pod()


def _pod_rows(payload: PayloadData) -> list[dict[str, Any]]:
    table = payload.tables.get("pod_usage")
    if table is None:
        return []
    for unit, (what, seconds) in COLUMNS.items():
        usage, request = (table[f"pod_{kind}_{what}_{seconds}"] for kind in ("usage", "request"))
        for name, column in (("usage", usage), ("request", request), ("effective", larger(usage, request))):
            table = table.having(f"{unit}.{name}", column)
    keys = ["day", "namespace", "node", *_OF_PODS]
    return table.grouped(keys, sums=sorted({*PRICED_PODS.values()}))


def _claims(payloads: Sequence[PayloadData], counted: Counted) -> Mapping[Key, list[Sequence[Labels]]]:
    """The labels of each claim and its volume; several where they change within the day."""
    found: dict[Key, list[Sequence[Labels]]] = defaultdict(list)
    for position, payload in enumerate(payloads):
        rows = _grouped(payload, "storage_usage", [*_CLAIM, *_OF_CLAIMS])
        for row in counting(rows, "storage_usage", counted, position):
            found[tuple(row[name] for name in _CLAIM)].append([_read(row[name]) for name in _OF_CLAIMS])
        for cells in left_out(payload, "storage_usage", counted, position):
            key = (cells.day, *(cells.text(name) for name in _CLAIM[1:]))
            found[key].append([_read(as_json(cells.text(name))) for name in _OF_CLAIMS])
    return found


def _grouped(payload: PayloadData, report_type: str, keys: list[str]) -> list[dict[str, Any]]:
    table = payload.tables.get(report_type)
    return [] if table is None else table.grouped(keys)


def _read(text: str | None) -> Labels:
    labels: dict[str, str] = json.loads(text) if text else {}
    return labels
