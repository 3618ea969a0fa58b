"""Applying a source's cost model to the daily summary (docs/contract/koku.md 3.10)."""

from __future__ import annotations

from dataclasses import replace

from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.pricing.rates import Rates, effective_rates, find_cost_model
from e2e_validator.embedded.standin.pricing.steps import Pricing
from e2e_validator.embedded.standin.summary.range import SummaryRange


def apply_cost_model(conn: Connection, span: SummaryRange) -> None:
    """Write the cost rows of the range anew, on an autocommit connection.

    The price list is the one effective on the range's first day. A source without a cost model, or without an
    effective price list, ends with no cost rows of its own.
    """
    model = find_cost_model(conn, span.source)
    log("Legacy pipeline path selected", cost_model_id=model.uuid if model else None, provider_uuid=span.source)
    period = conn.execute(
        "SELECT id, cluster_id FROM reporting_ocpusagereportperiod WHERE provider_id = %s AND report_period_start = %s",
        [span.source, span.start.replace(day=1)],
    ).fetchone()
    if period is None:
        log("no report period for OCP provider, skipping populate_usage_costs update", provider_uuid=span.source)
        return
    rates = effective_rates(conn, model, span.start) if model else Rates()
    Pricing(conn, replace(span, period=period["id"], cluster=period["cluster_id"]), model, rates).run()
