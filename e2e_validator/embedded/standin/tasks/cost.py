"""``update_cost_model_costs``: the cost step, which every OCP summary goes through (docs/contract/koku.md 3.10)."""

from __future__ import annotations

from datetime import date
from typing import Any

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.pace import wait_in
from e2e_validator.embedded.standin.pricing.apply import apply_cost_model
from e2e_validator.embedded.standin.summary.range import SummaryRange, by_month
from e2e_validator.embedded.standin.summary.ui_tables import fill_ui_tables
from e2e_validator.embedded.standin.tasks.context import Work
from e2e_validator.embedded.standin.view_cache import invalidate_views


def update_cost_model_costs(
    work: Work,
    schema: str,
    provider_uuid: str,
    *,
    start_date: str,
    end_date: str,
    tracing_id: str | None = None,
    **_named: Any,
) -> None:
    """Price the summary of these days, refresh the tables behind the reports, and say when it was done."""
    wait_in(work.conn, work.pace.costed)
    context = {"schema": schema, "provider_uuid": provider_uuid, "start_date": start_date, "end_date": end_date}
    log("updating cost model costs", tracing_id=tracing_id, context=context)
    reached(Point.COST_STARTED, source=provider_uuid, conn=work.conn)
    for start, end in by_month(date.fromisoformat(start_date), date.fromisoformat(end_date)):
        if work.config.classic is not None and _is_cloud(work, provider_uuid):
            from e2e_validator.embedded.standin.classic.summary.markup import mark_up_again

            mark_up_again(work.conn, provider_uuid, start, end)
            continue
        span = SummaryRange(provider_uuid, start, end)
        apply_cost_model(work.conn, span)
        reached(Point.COST_PRICED, source=provider_uuid)
        fill_ui_tables(work.conn, span)
        work.conn.execute(
            "UPDATE reporting_ocpusagereportperiod SET derived_cost_datetime = %s"
            " WHERE provider_id = %s AND report_period_start = %s",
            [work.clock.now(), provider_uuid, start.replace(day=1)],
        )
    if not reached(Point.INVALIDATING, source=provider_uuid):
        invalidate_views(work.valkey, schema)
    work.conn.execute(
        "UPDATE api_provider SET data_updated_timestamp = %s WHERE uuid = %s", [work.clock.now(), provider_uuid]
    )


def _is_cloud(work: Work, provider_uuid: str) -> bool:
    row = work.conn.execute("SELECT type FROM api_provider WHERE uuid = %s", [provider_uuid]).fetchone()
    return row is not None and row["type"] != "OCP"
