"""Price lists in the database, and the JSON made of them (docs/contract/koku.md 5.5)."""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.koku.cost_model_rates import name_rates
from e2e_validator.embedded.standin.pricing.metrics import METRICS

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
# A price list that comes with a cost model holds for these days.
FIRST_DAY, LAST_DAY = dt.date(2026, 3, 1), dt.date(2099, 12, 31)


def own_price_list(conn: Connection, key: uuid.UUID, now: dt.datetime) -> uuid.UUID:
    """The cost model's first price list, made if there is none."""
    found = conn.execute(
        "SELECT price_list_id AS id FROM price_list_cost_model_map WHERE cost_model_id = %s ORDER BY priority LIMIT 1",
        [key],
    ).fetchone()
    if found is None:
        found = conn.execute(
            "INSERT INTO price_list (name, description, currency, effective_start_date, effective_end_date, enabled,"
            " version, rates, created_timestamp, updated_timestamp)"
            " SELECT name || ' prices', 'Auto-created from cost model ''' || name || '''', currency, %s, %s, true, 1,"
            " '[]', %s, %s FROM cost_model WHERE uuid = %s RETURNING uuid AS id",
            [FIRST_DAY, LAST_DAY, now, now, key],
        ).fetchone()
        assert found is not None
        conn.execute(
            "INSERT INTO price_list_cost_model_map (priority, cost_model_id, price_list_id) VALUES (1, %s, %s)",
            [key, found["id"]],
        )
    return uuid.UUID(str(found["id"]))


def store_rates(conn: Connection, prices: uuid.UUID, rates: list[Row], now: dt.datetime) -> None:
    """Put the rates into a price list and its table, known by their names; others there go."""
    rows = conn.execute("SELECT custom_name FROM cost_model_rate WHERE price_list_id = %s", [prices]).fetchall()
    name_rates(rates, {row["custom_name"] for row in rows})
    names = [rate["custom_name"] for rate in rates]
    conn.execute("DELETE FROM cost_model_rate WHERE price_list_id = %s AND custom_name <> ALL (%s)", [prices, names])
    for rate in rates:
        tags = rate.get("tag_rates", {})
        metric = rate["metric"]["name"]
        first = rate["tiered_rates"][0].get("value") if "tiered_rates" in rate else None
        stored = conn.execute(
            "INSERT INTO cost_model_rate (custom_name, description, metric, metric_type, cost_type, default_rate,"
            " tag_key, tag_values, created_timestamp, updated_timestamp, price_list_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (price_list_id, custom_name) DO UPDATE SET description = excluded.description,"
            " metric = excluded.metric, metric_type = excluded.metric_type, cost_type = excluded.cost_type,"
            " default_rate = excluded.default_rate, tag_key = excluded.tag_key, tag_values = excluded.tag_values,"
            " updated_timestamp = excluded.updated_timestamp RETURNING uuid",
            [
                rate["custom_name"], rate["description"], metric, METRICS[metric].kind, rate["cost_type"],
                first, tags.get("tag_key", ""), Jsonb(tags.get("tag_values", [])), now, now, prices,
            ],
        ).fetchone()  # fmt: skip
        assert stored is not None
        rate["rate_id"] = str(stored["uuid"])
    conn.execute(
        "UPDATE price_list SET rates = %s, updated_timestamp = %s WHERE uuid = %s", [Jsonb(rates), now, prices]
    )


def shown_rate(rate: Row) -> Row:
    """A rate with the labels of its metric, and its figures as numbers."""
    name = rate["metric"]["name"]
    metric = METRICS[name]
    labels = {
        "name": name,
        "label_metric": metric.label,
        "label_measurement": metric.measurement,
        "label_measurement_unit": metric.unit,
    }
    shown = {key: copy.deepcopy(rate[key]) for key in ("custom_name", "description", "cost_type")}
    shown["metric"] = labels
    for key in ("tiered_rates", "tag_rates"):
        if key in rate:
            shown[key] = copy.deepcopy(rate[key])
    for priced in (*shown.get("tiered_rates", []), *shown.get("tag_rates", {}).get("tag_values", [])):
        if "value" in priced:
            priced["value"] = Decimal(priced["value"])
    return shown


def price_list_json(conn: Connection, row: Row) -> Row:
    """One price list as the API shows it, with the cost models that use it."""
    models = conn.execute(
        "SELECT c.uuid, c.name, m.priority FROM cost_model c JOIN price_list_cost_model_map m"
        " ON m.cost_model_id = c.uuid WHERE m.price_list_id = %s ORDER BY c.name",
        [row["uuid"]],
    ).fetchall()
    return row | {
        "rates": [shown_rate(rate) for rate in row["rates"]],
        "assigned_cost_model_count": len(models),
        "assigned_cost_models": [dict(model) for model in models],
    }
