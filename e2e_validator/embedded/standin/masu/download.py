"""``download/``: poll a cloud source now, or all that are due (docs/contract/clouds.md 3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from e2e_validator.embedded.standin.classic.task_names import CHECK_REPORT_UPDATES
from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson, error
from e2e_validator.embedded.standin.queues import Task, send


def download(context: Context, call: Call) -> Response:
    """GET: queue the poll; the answer says nothing of what comes of it."""
    query = call.query
    named: dict[str, Any] = {}
    if query.get("provider_uuid"):
        named["provider_uuid"] = query["provider_uuid"]
    if query.get("bill_date"):
        try:
            named["bill_date"] = str(date.fromisoformat(query["bill_date"][:10]))
        except ValueError as problem:
            return error(str(problem))
    if query.get("summarize_reports"):
        named["summarize_reports"] = query["summarize_reports"].lower() == "true"
    return DrfJson({"Download Request Task ID": send(context.valkey, "celery", Task(CHECK_REPORT_UPDATES, [], named))})
