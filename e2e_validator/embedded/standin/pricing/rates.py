"""A source's cost model as the cost step reads it: what is effective on a day (docs/contract/koku.md 6.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from e2e_validator.embedded.standin.database import Connection

CostType = Literal["Infrastructure", "Supplementary"]
COST_TYPES: tuple[CostType, CostType] = ("Infrastructure", "Supplementary")


@dataclass(frozen=True, slots=True)
class CostModel:
    """What holds for all months: how cost is shared out, and the markup in percent (None: there is none at all)."""

    uuid: str
    distribution: Literal["cpu", "memory"]
    platform: bool
    worker: bool
    markup: Decimal | None


@dataclass(frozen=True, slots=True)
class TagRate:
    """The prices of one metric by the values of one tag; the default is for all values that have no price."""

    metric: str
    cost_type: CostType
    key: str
    prices: dict[str, float]
    default: float


@dataclass(frozen=True, slots=True)
class Rates:
    """The prices of the price list that is effective; none at all where no list covers the day."""

    plain: dict[CostType, dict[str, float]] = field(default_factory=lambda: {kind: {} for kind in COST_TYPES})
    tagged: list[TagRate] = field(default_factory=list)


def find_cost_model(conn: Connection, source: str) -> CostModel | None:
    """The cost model that the source is mapped to."""
    row = conn.execute(
        "SELECT m.uuid, m.distribution_info AS info, m.markup FROM cost_model m"
        " JOIN cost_model_map p ON p.cost_model_id = m.uuid WHERE p.provider_uuid = %s ORDER BY m.name LIMIT 1",
        [source],
    ).fetchone()
    if row is None:
        return None
    info: dict[str, Any] = row["info"]
    return CostModel(
        uuid=str(row["uuid"]),
        distribution=info.get("distribution_type", "cpu"),
        platform=bool(info.get("platform_cost", False)),
        worker=bool(info.get("worker_cost", False)),
        markup=Decimal(str(row["markup"].get("value", 0))) if row["markup"] else None,
    )


def effective_rates(conn: Connection, model: CostModel, day: date) -> Rates:
    """The rates of the price list that covers the day, the one with the lowest priority number if several do."""
    rows = conn.execute(
        "SELECT metric, cost_type, default_rate, tag_key, tag_values FROM cost_model_rate WHERE price_list_id = ("
        "SELECT l.uuid FROM price_list l JOIN price_list_cost_model_map p ON p.price_list_id = l.uuid"
        " WHERE p.cost_model_id = %s AND %s BETWEEN l.effective_start_date AND l.effective_end_date"
        " ORDER BY p.priority LIMIT 1) ORDER BY created_timestamp, custom_name",
        [model.uuid, day],
    ).fetchall()
    rates = Rates()
    for row in rows:
        kind: CostType = row["cost_type"]
        if row["tag_key"]:
            rates.tagged.append(_tag_rate(row))
        else:
            # Prices of one metric and cost type add up; in floating point, as on Koku.
            found = rates.plain[kind]
            found[row["metric"]] = found.get(row["metric"], 0.0) + float(row["default_rate"] or 0)
    return rates


def _tag_rate(row: dict[str, Any]) -> TagRate:
    prices = {value["tag_value"]: float(value.get("value", 0)) for value in row["tag_values"]}
    defaults = [value["tag_value"] for value in row["tag_values"] if value.get("default")]
    default = prices[defaults[-1]] if defaults else 0.0
    return TagRate(row["metric"], row["cost_type"], row["tag_key"], prices, default)
