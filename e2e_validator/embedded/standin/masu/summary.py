"""``report_data/`` and ``update_cost_model_costs/``: summarise or price again (docs/contract/koku.md 5.1)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from starlette.responses import Response

from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson, error
from e2e_validator.embedded.standin.queues import QUEUES, Task, send
from e2e_validator.embedded.standin.tasks.summarize import (
    UPDATE_COST_MODEL_COSTS,
    months_to_summarise,
    summary_task,
)


def report_data(context: Context, call: Call) -> Response:
    """Queue the summary of each month in the range; no manifest is named, so none is completed by it."""
    query = call.query
    queue = query.get("queue") or "priority"
    if "provider_uuid" not in query:
        return error("provider_uuid must be supplied as a parameter.")
    if "schema" not in query:
        return error("schema is a required parameter.")
    if queue not in QUEUES:
        return error(f"'queue' must be one of {list(QUEUES)}.")
    if "start_date" not in query:
        return error("start_date is a required parameter.")
    provider = _provider(context, query["provider_uuid"])
    if provider is None:
        return error(f"provider_uuid {query['provider_uuid']} does not exist")
    if provider["schema_name"] != query["schema"]:
        return error(f"provider_uuid {query['provider_uuid']} is not associated with schema {query['schema']}.")
    try:
        start = date.fromisoformat(query["start_date"][:10])
        end = date.fromisoformat(query["end_date"][:10]) if query.get("end_date") else None
    except ValueError as problem:
        return error(str(problem))
    results = []
    for month in months_to_summarise(context.clock.today(), start, end):
        owner = (query["schema"], provider["type"], query["provider_uuid"])
        task = summary_task(owner, *month, queue_name=queue)
        results.append({repr(month): send(context.valkey, queue, task)})
        log("masu summary triggered", queue=queue, schema=query["schema"], provider_uuid=query["provider_uuid"])
    return DrfJson({"Report Data Task IDs": results})


def update_cost_model_costs(context: Context, call: Call) -> Response:
    """Queue the cost step of each month in the range (no dates: this month up to today)."""
    query = call.query
    if "provider_uuid" not in query or "schema" not in query:
        return error("provider_uuid and schema are required parameters.")
    queue = query.get("queue") or "priority"
    if queue not in QUEUES:
        return error(f"'queue' must be one of {list(QUEUES)}.")
    if _provider(context, query["provider_uuid"]) is None:
        return error("Provider does not exist.")
    today = context.clock.today()
    try:
        start = date.fromisoformat(query.get("start_date", str(today.replace(day=1))))
        end = date.fromisoformat(query.get("end_date", str(today)))
    except ValueError as problem:
        return error(str(problem))
    results = []
    for first, last in months_to_summarise(today, start, end):
        dates = {"start_date": str(first), "end_date": str(last)}
        task = Task(UPDATE_COST_MODEL_COSTS, [query["schema"], query["provider_uuid"]], dates)
        results.append({str(first): send(context.valkey, queue, task)})
    return DrfJson({"Update Cost Model Cost Task ID": results})


def _provider(context: Context, key: str) -> dict[str, Any] | None:
    try:
        UUID(key)
    except ValueError:
        return None
    with context.pool.connection() as conn:
        return conn.execute(
            "SELECT p.type, c.schema_name FROM api_provider p JOIN api_customer c ON c.id = p.customer_id"
            " WHERE p.uuid = %s",
            [key],
        ).fetchone()
