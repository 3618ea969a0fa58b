"""A cost model, read from the JSON body that the API takes and gives (docs/contract/koku.md 5.5, 6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from e2e_validator.errors import UsageError
from e2e_validator.json_file import read_json
from e2e_validator.providers.ocp.expect.metrics import COST_TYPES, INFRASTRUCTURE, LATER, PRICED, QUANTITIES

FIRST_DAY, LAST_DAY = date(2026, 3, 1), date(2099, 12, 31)
CPU, MEMORY = "cpu", "memory"
# The API takes rates with ten decimals.
_SCALE = 10


@dataclass(frozen=True)
class TagRate:
    """What a quantity costs by the value of a label: ``values`` by value, ``default`` for every other value.

    The value that is the default has its own price too. Without a default (0) other values cost nothing.
    """

    metric: str
    cost_type: str
    key: str
    values: Mapping[str, Decimal]
    default: Decimal = Decimal(0)


@dataclass(frozen=True)
class CostModel:
    """Prices and how costs are shared out.

    ``rates`` are by (metric, cost type): the first tier, and the sum of several rates of one pair. ``markup`` is in
    percent of the raw cost. ``distribution`` is the quantity that costs are shared out by. Days outside ``start``
    to ``end``, the effective range of the price list, cost nothing.
    """

    rates: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    tag_rates: tuple[TagRate, ...] = ()
    markup: Decimal = Decimal(0)
    distribution: str = CPU
    platform_cost: bool = True
    worker_cost: bool = True
    currency: str = "USD"
    start: date = FIRST_DAY
    end: date = LAST_DAY

    def usage_rates(self, cost_type: str, metrics: Sequence[str]) -> dict[str, Decimal]:
        """The rates of ``metrics`` with this cost type; empty if it has none of them."""
        return {metric: self.rates[metric, cost_type] for metric in metrics if (metric, cost_type) in self.rates}

    def monthly_rate(self, metric: str) -> tuple[str, Decimal] | None:
        """Cost type and rate of a monthly metric: Infrastructure wins, and a rate of 0 is none."""
        for cost_type in COST_TYPES:
            if rate := self.rates.get((metric, cost_type)):
                return cost_type, rate
        return None

    def covers(self, day: date) -> bool:
        """Whether the price list is effective on ``day``."""
        return self.start <= day <= self.end

    @property
    def empty(self) -> bool:
        """Whether nothing has a price: costs are 0 while usage is not."""
        return not self.rates and not self.tag_rates

    @classmethod
    def read(cls, path: Path) -> CostModel:
        """The cost model in a JSON file.

        Raises:
            UsageError: the file cannot be read, or is no cost model; one sentence says why.
        """
        try:
            body = read_json(path, parse_float=Decimal)
        except OSError as error:
            raise UsageError(f"The cost model cannot be read: {path}: {error.strerror}.") from error
        except ValueError as error:
            raise UsageError(f"The cost model is no JSON: {path}: {error}.") from error
        try:
            return cls.from_json(body)
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error

    @classmethod
    def from_json(cls, body: Any, *, start: date | None = None, end: date | None = None) -> CostModel:
        """The cost model that ``body`` describes, as the API reads it.

        ``start`` and ``end`` override the effective range of the price list. A body that the API gave has the
        range in ``price_lists``.

        Raises:
            UsageError: ``body`` is no cost model, or has a rate that cannot be computed yet; one sentence.
        """
        if not isinstance(body, Mapping):
            raise UsageError(f"A cost model is a JSON object, not {_shown(body)}.")
        rates: dict[tuple[str, str], Decimal] = {}
        tagged: dict[tuple[str, str, str], TagRate] = {}
        for position, rate in enumerate(_list(body, "rates"), 1):
            where = f"rates[{position}]"
            metric, cost_type = _metric(rate, where)
            if rate.get("tag_rates"):
                if rate.get("tiered_rates"):
                    raise UsageError(f"{where} has both tiered_rates and tag_rates: it must have one of them.")
                one = _tag_rate(metric, cost_type, rate["tag_rates"], where)
                if (metric, cost_type, one.key) in tagged:
                    raise UsageError(f"{where} prices {metric} by the tag {one.key} a second time for {cost_type}.")
                tagged[metric, cost_type, one.key] = one
            else:
                key = (metric, cost_type)
                rates[key] = rates.get(key, Decimal(0)) + _first_tier(rate.get("tiered_rates"), where)
        markup = body.get("markup") or {}
        if not isinstance(markup, Mapping) or markup.get("unit", "percent") != "percent":
            raise UsageError("markup must be an object with a value and the unit 'percent'.")
        distribution, platform, worker = _distribution(body)
        first, last = _range(body, start, end)
        return cls(
            rates,
            tuple(tagged.values()),
            _number(markup.get("value", 0), "markup.value", signed=True),
            distribution,
            platform,
            worker,
            str(body.get("currency") or "USD"),
            first,
            last,
        )


def _metric(rate: Any, where: str) -> tuple[str, str]:
    if not isinstance(rate, Mapping) or not isinstance(rate.get("metric"), Mapping):
        raise UsageError(f"{where} has no metric: write {{'metric': {{'name': ...}}, 'cost_type': ...}}.")
    metric, cost_type = rate["metric"].get("name"), rate.get("cost_type")
    if metric in LATER:
        raise UsageError(f"{where} prices {metric}: that comes later (virtual machines, GPUs and projects).")
    if metric not in PRICED:
        raise UsageError(f"{where} has an unknown metric {metric!r}; known are {', '.join(PRICED)}.")
    named = {name.lower(): name for name in COST_TYPES}.get(str(cost_type).lower())
    if named is None:
        raise UsageError(f"{where} has the cost type {cost_type!r}; it must be {' or '.join(COST_TYPES)}.")
    return str(metric), named


def _first_tier(tiers: Any, where: str) -> Decimal:
    if not isinstance(tiers, Sequence) or isinstance(tiers, str) or not tiers:
        raise UsageError(f"{where} has no rate: it must have tiered_rates or tag_rates.")
    first = tiers[0]
    if not isinstance(first, Mapping) or "value" not in first:
        raise UsageError(f"{where}.tiered_rates[1] has no value.")
    return _number(first["value"], f"{where}.tiered_rates[1].value")


def _tag_rate(metric: str, cost_type: str, given: Any, where: str) -> TagRate:
    if metric not in QUANTITIES:
        raise UsageError(f"{where} prices {metric} by a tag: that comes later (usage, request and storage rates work).")
    key = given.get("tag_key") if isinstance(given, Mapping) else None
    listed = given.get("tag_values") if isinstance(given, Mapping) else None
    if not key or not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise UsageError(f"{where}.tag_rates must have a tag_key and at least one of tag_values.")
    values: dict[str, Decimal] = {}
    defaults: list[Decimal] = []
    for position, one in enumerate(listed, 1):
        name = f"{where}.tag_rates.tag_values[{position}]"
        if not isinstance(one, Mapping) or not one.get("tag_value"):
            raise UsageError(f"{name} has no tag_value.")
        if not isinstance(one.get("default"), bool):
            raise UsageError(f"{name}.default must be true or false.")
        if one["tag_value"] in values:
            raise UsageError(f"{name} has the value {one['tag_value']!r} of another one.")
        values[str(one["tag_value"])] = price = _number(one.get("value"), f"{name}.value")
        if one["default"]:
            defaults.append(price)
    if len(defaults) > 1:
        raise UsageError(f"{where}.tag_rates has more than one default.")
    return TagRate(metric, cost_type, str(key), values, defaults[0] if defaults else Decimal(0))


def _distribution(body: Mapping[str, Any]) -> tuple[str, bool, bool]:
    """What ``distribution_info`` says; only without it ``distribution`` counts."""
    info = body.get("distribution_info") or {"distribution_type": body.get("distribution") or CPU}
    if not isinstance(info, Mapping):
        raise UsageError(f"distribution_info must be an object, not {_shown(info)}.")
    kind = info.get("distribution_type", CPU)
    if kind not in {CPU, MEMORY}:
        raise UsageError(f"The distribution type is {kind!r}; it must be 'cpu' or 'memory'.")
    flags = [info.get(name, True) for name in ("platform_cost", "worker_cost")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise UsageError("distribution_info.platform_cost and .worker_cost must be true or false.")
    return kind, flags[0], flags[1]


def _range(body: Mapping[str, Any], start: date | None, end: date | None) -> tuple[date, date]:
    lists = _list(body, "price_lists")
    if len(lists) > 1:
        raise UsageError("The cost model has several price lists; only one can be computed.")
    if lists:
        start = start or _day(lists[0], "effective_start_date")
        end = end or _day(lists[0], "effective_end_date")
    start, end = start or FIRST_DAY, end or LAST_DAY
    if start.day != 1 or (end + timedelta(days=1)).day != 1 or end < start:
        raise UsageError(
            f"The price list is effective {start} to {end}: it must begin on the first and end on the last day of a "
            "month."
        )
    return start, end


def _day(price_list: Any, name: str) -> date:
    try:
        return date.fromisoformat(price_list[name])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"price_lists[1].{name} must be a day (YYYY-MM-DD).") from error


def _list(body: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = body.get(name) or []
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise UsageError(f"{name} must be a list, not {_shown(found)}.")
    return found


def _number(given: Any, where: str, *, signed: bool = False) -> Decimal:
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        value = Decimal("NaN")
    if isinstance(given, bool) or not value.is_finite():
        raise UsageError(f"{where} must be a number, not {_shown(given)}.")
    if value < 0 and not signed:
        raise UsageError(f"{where} must not be negative: {value}.")
    if -int(value.normalize().as_tuple().exponent) > _SCALE:
        raise UsageError(f"{where} has more than {_SCALE} decimals: {value}; the API refuses that.")
    return value


def _shown(given: Any) -> str:
    return f"{type(given).__name__} {str(given)[:40]!r}"


__all__ = ["CPU", "FIRST_DAY", "INFRASTRUCTURE", "LAST_DAY", "MEMORY", "CostModel", "TagRate"]
