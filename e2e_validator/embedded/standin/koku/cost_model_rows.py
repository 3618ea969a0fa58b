"""Cost models in the database: rows of six tables, and the JSON made of them (docs/contract/koku.md 5.5)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.koku.cost_model_body import SOURCE_TYPES, CostModelBody
from e2e_validator.embedded.standin.koku.fields import FieldError
from e2e_validator.embedded.standin.koku.price_list_rows import own_price_list, shown_rate, store_rates
from e2e_validator.embedded.standin.koku.source_rows import operator_update_available

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]


def insert_cost_model(conn: Connection, body: CostModelBody, now: dt.datetime) -> uuid.UUID:
    """A new cost model, its sources and, if it has rates, its price list."""
    key = uuid.uuid4()
    conn.execute(
        "INSERT INTO cost_model (uuid, name, description, source_type, created_timestamp, updated_timestamp, rates,"
        " markup, distribution, currency, distribution_info)"
        " VALUES (%s, %s, %s, %s, %s, %s, '{}', %s, %s, %s, %s)",
        [
            key, body.name, body.description, body.source_type, now, now, Jsonb(body.markup or {}),
            body.distribution or "cpu", body.currency, Jsonb(body.distribution_info),
        ],
    )  # fmt: skip
    map_sources(conn, key, body.source_uuids)
    if body.rates:
        _keep_rates(conn, key, body.rates, now)
    return key


def update_cost_model(conn: Connection, row: Row, body: CostModelBody, now: dt.datetime) -> set[str]:
    """Replace a cost model's content; the sources it had or has now."""
    sources = map_sources(conn, row["uuid"], body.source_uuids)
    conn.execute(
        "UPDATE cost_model SET name = %s, description = %s, markup = %s, distribution = %s, distribution_info = %s,"
        " currency = %s, updated_timestamp = %s WHERE uuid = %s",
        [
            body.name, body.description, Jsonb(row["markup"] if body.markup is None else body.markup),
            body.distribution or row["distribution"], Jsonb(body.distribution_info), body.currency, now, row["uuid"],
        ],
    )  # fmt: skip
    if body.rates is not None and (body.rates or row["rates"]):
        _keep_rates(conn, row["uuid"], body.rates, now)
    return sources


def map_sources(conn: Connection, key: uuid.UUID, wanted: list[str]) -> set[str]:
    """Map exactly these sources to the cost model; returns them and those it had.

    Raises:
        FieldError: one has another cost model.
    """
    rows = conn.execute("SELECT provider_uuid FROM cost_model_map WHERE cost_model_id = %s", [key]).fetchall()
    had = {str(row["provider_uuid"]) for row in rows}
    # Two cost models made at the same moment must not both find the source free.
    conn.execute("LOCK TABLE cost_model_map IN SHARE ROW EXCLUSIVE MODE")
    conn.execute(
        "DELETE FROM cost_model_map WHERE cost_model_id = %s AND provider_uuid <> ALL (%s::uuid[])", [key, wanted]
    )
    for source in sorted(set(wanted) - had):
        other = conn.execute("SELECT cost_model_id FROM cost_model_map WHERE provider_uuid = %s", [source]).fetchone()
        if other is not None:
            text = f"Source {source} is already associated with cost model: {other['cost_model_id']}."
            raise FieldError({"cost-models": [text]})
        conn.execute("INSERT INTO cost_model_map (provider_uuid, cost_model_id) VALUES (%s, %s)", [source, key])
    return had | set(wanted)


def _keep_rates(conn: Connection, key: uuid.UUID, rates: list[Row], now: dt.datetime) -> None:
    """Put the rates into the cost model's price list, and a copy into the cost model."""
    store_rates(conn, own_price_list(conn, key, now), rates, now)
    conn.execute("UPDATE cost_model SET rates = %s WHERE uuid = %s", [Jsonb(rates), key])


def delete_cost_model(conn: Connection, key: uuid.UUID) -> set[str]:
    """Delete a cost model and its maps; its price list stays, as on Koku. Returns the sources it had."""
    sources = map_sources(conn, key, [])
    conn.execute("DELETE FROM price_list_cost_model_map WHERE cost_model_id = %s", [key])
    conn.execute("DELETE FROM cost_model WHERE uuid = %s", [key])
    return sources


def _source_rows(conn: Connection, key: uuid.UUID, today: dt.date) -> list[Row]:
    rows = conn.execute(
        "SELECT p.uuid, p.name, p.data_updated_timestamp FROM api_provider p JOIN cost_model_map m"
        " ON m.provider_uuid = p.uuid WHERE m.cost_model_id = %s ORDER BY p.created_timestamp",
        [key],
    ).fetchall()
    return [
        {"uuid": row["uuid"], "name": row["name"], "last_processed": row["data_updated_timestamp"]}
        | operator_update_available(conn, row["uuid"], today)
        for row in rows
    ]


def cost_model_json(conn: Connection, row: Row, today: dt.date) -> Row:
    """One cost model as the API shows it."""
    sources = _source_rows(conn, row["uuid"], today)
    prices = conn.execute(
        "SELECT l.uuid, l.name, m.priority, l.version, l.enabled, l.effective_start_date, l.effective_end_date"
        " FROM price_list l JOIN price_list_cost_model_map m ON m.price_list_id = l.uuid"
        " WHERE m.cost_model_id = %s ORDER BY m.priority",
        [row["uuid"]],
    ).fetchall()
    names = ("uuid", "name", "description", "created_timestamp", "updated_timestamp", "markup", "distribution")
    return {name: row[name] for name in (*names, "distribution_info", "currency")} | {
        "source_type": SOURCE_TYPES.get(row["source_type"], row["source_type"]),
        "source_uuids": [source["uuid"] for source in sources],
        "sources": sources,
        "rates": [shown_rate(rate) for rate in row["rates"] or []],
        "price_lists": [dict(price) for price in prices],
    }
