"""``manifests/``: manifests and the status of their files (docs/contract/koku.md 5.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from starlette.responses import Response

from e2e_validator.embedded.standin.manifests import Status
from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson, error, page

_MANIFEST = (
    "m.id, m.assembly_id, m.creation_datetime, m.completed_datetime, m.export_datetime,"
    " m.billing_period_start_datetime, m.provider_id, m.s3_csv_cleared, m.s3_parquet_cleared, m.operator_version,"
    " m.state"
)
_REPORT = (
    "id, manifest_id AS manifest, report_name, completed_datetime, started_datetime, etag, status, failed_status,"
    " celery_task_id"
)
_STEPS = ("download", "processing", "summary")


def listing(context: Context, call: Call) -> Response:
    """Manifests by id, filtered."""
    where, values = ["true"], []
    try:
        for clause, value in _filters(call):
            where.append(clause)
            values.append(value)
    except ValueError as problem:
        return error(str(problem), key="detail")
    with context.pool.connection() as conn:
        rows = conn.execute(
            f"SELECT {_MANIFEST} FROM reporting_common_costusagereportmanifest m"
            " JOIN api_provider p ON p.uuid = m.provider_id JOIN api_customer c ON c.id = p.customer_id"
            f" WHERE {' AND '.join(where)} ORDER BY m.id",
            values,
        ).fetchall()
    return page(call, [dict(row) for row in rows])


def _filters(call: Call) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in call.query.items():
        if name == "provider":
            found.append(("m.provider_id = %s", UUID(value)))
        elif name in ("org_id", "account_id", "schema_name"):
            found.append((f"c.{name} ILIKE %s", f"%{value}%"))
        elif name in ("created_after", "completed_after"):
            found.append((f"m.{_moment(name)} >= %s", date.fromisoformat(value)))
        elif name in ("created_before", "completed_before"):
            found.append((f"m.{_moment(name)} < %s", date.fromisoformat(value) + timedelta(days=1)))
        elif name in ("failed", "running", "started"):
            condition = {
                "failed": " OR ".join(f"m.state -> '{step}' ? 'failed'" for step in _STEPS),
                "running": " OR ".join(
                    f"(m.state -> '{step}' ? 'start' AND NOT m.state -> '{step}' ? 'time_taken_seconds')"
                    for step in _STEPS
                ),
                "started": "m.state <> '{}'",
            }[name]
            found.append((f"coalesce({condition}, false) = %s", value.lower() == "true"))
    return found


def _moment(name: str) -> str:
    return "creation_datetime" if name.startswith("created") else "completed_datetime"


def detail(context: Context, call: Call) -> Response:
    """One manifest and its failed files."""
    with context.pool.connection() as conn:
        row = conn.execute(
            f"SELECT {_MANIFEST} FROM reporting_common_costusagereportmanifest m WHERE m.id = %s", [call.key]
        ).fetchone()
        failed = conn.execute(
            f"SELECT {_REPORT} FROM reporting_common_costusagereportstatus WHERE manifest_id = %s AND status = %s"
            " ORDER BY id",
            [call.key, Status.FAILED],
        ).fetchall()
    if row is None:
        return error("No CostUsageReportManifest matches the given query.", status=404, key="detail")
    return DrfJson({"manifest": dict(row), "failed_reports": [_report(found) for found in failed]})


def reports(context: Context, call: Call) -> Response:
    """The status of each file of a manifest."""
    with context.pool.connection() as conn:
        rows = conn.execute(
            f"SELECT {_REPORT} FROM reporting_common_costusagereportstatus WHERE manifest_id = %s ORDER BY id",
            [call.key],
        ).fetchall()
    return page(call, [_report(row) for row in rows])


def _report(row: dict[str, Any]) -> dict[str, Any]:
    """The row with words in place of the status numbers; a number Koku does not know stays one."""
    return row | {name: _label(row[name]) for name in ("status", "failed_status")}


def _label(number: int | None) -> str | int | None:
    if number is None or number not in {status.value for status in Status}:
        return number
    return Status(number).label
