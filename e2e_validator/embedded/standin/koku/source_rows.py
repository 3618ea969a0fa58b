"""The JSON of a source: its row, and what its provider and manifests say (docs/contract/koku.md 1.4, 5.5)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from e2e_validator.embedded.standin.koku.span import month_start

if TYPE_CHECKING:
    import uuid

    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
STEPS = ("download", "processing", "summary")
TYPE_IDS = {"OCP": "1", "AWS": "2", "Azure": "3", "GCP": "4"}
LATEST_OPERATOR = (4, 4, 2)
_SECONDS = "%Y-%m-%d %H:%M:%S"


def created_json(row: Row) -> Row:
    """The answer to POST and PATCH."""
    return {
        "id": str(row["source_id"]),
        "uuid": row["source_uuid"],
        "name": row["name"],
        "source_type": row["source_type"],
        "authentication": row["authentication"],
        "billing_source": row["billing_source"],
        "paused": row["paused"],
        "updated_timestamp": row["updated_timestamp"],
    }


def step_states(state: Row | None) -> Row:
    """``status`` of a source: the manifest's ``state`` without durations; ``failed`` beats ``end`` beats ``start``."""
    found: Row = {}
    for step in STEPS:
        seen = (state or {}).get(step) or {}
        word = next((word for key, word in _WORDS if seen.get(key)), "pending")
        kept = {key: value for key, value in seen.items() if key != "time_taken_seconds"} if word != "pending" else {}
        found[step] = kept | {"state": word}
    return found


_WORDS = (("failed", "failed"), ("end", "complete"), ("start", "in-progress"))


def _version(text: str | None) -> tuple[int, ...] | None:
    """The number in ``costmanagement-metrics-operator:4.4.2``; None if there is none."""
    parts = (text or "").split(":")[-1].removeprefix("v").split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else None


def operator_update_available(connection: Connection, provider: uuid.UUID, today: dt.date) -> Row:
    """Whether the operator that sent the latest manifest of this or the last month is not the newest; else empty."""
    months = [_midnight(month_start(today)), _midnight(month_start(today, -1))]
    row = connection.execute(
        "SELECT operator_version FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
        " AND billing_period_start_datetime = ANY (%s) AND creation_datetime IS NOT NULL"
        " ORDER BY creation_datetime DESC LIMIT 1",
        [provider, months],
    ).fetchone()
    if row is None or not row["operator_version"]:
        return {}
    number = _version(row["operator_version"])
    return {"operator_update_available": number is not None and number < LATEST_OPERATOR}


def _operator_context(base: Row | None, manifest: Row | None) -> Row:
    """``additional_context``: the operator's version, and whether a newer one exists."""
    context = dict(base or {})
    if not manifest:
        return context
    number = _version(manifest["operator_version"])
    return context | {
        "operator_version": manifest["operator_version"],
        "operator_airgapped": manifest["operator_airgapped"],
        "operator_certified": manifest["operator_certified"],
        "operator_update_available": number is not None and number < LATEST_OPERATOR,
        "vm_cpu_core_cost_model_support": number is not None and number >= (4, 0, 0),
    }


def _midnight(day: dt.date) -> dt.datetime:
    """Start of a day."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _second(moment: dt.datetime | None) -> str | None:
    """A time of the provider, to the second."""
    return moment.astimezone(dt.UTC).strftime(_SECONDS) if moment else None


def _unlinked() -> Row:
    """A source whose provider is gone."""
    flags = ["provider_linked", "active", "paused", "current_month_data", "previous_month_data"]
    flags += ["last_payload_received_at", "last_polling_time", "has_data"]
    empty: Row = {"created_timestamp": None, "status": {}, "infrastructure": {}, "cost_models": []}
    return dict.fromkeys(flags, False) | empty | {"additional_context": {}}


def _linked(connection: Connection, provider: Row, today: dt.date) -> Row:
    """What provider and manifests say; only manifests of this and the last month count for ``status``."""
    this_month, last_month = _midnight(month_start(today)), _midnight(month_start(today, -1))
    manifests = connection.execute(
        "SELECT * FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
        " ORDER BY creation_datetime DESC NULLS LAST",
        [provider["uuid"]],
    ).fetchall()
    done = {row["billing_period_start_datetime"] for row in manifests if row["completed_datetime"]}
    recent = [row for row in manifests if row["billing_period_start_datetime"] in {this_month, last_month}]
    latest = next((row for row in recent if row["creation_datetime"]), None)
    cost_models = connection.execute(
        "SELECT m.name, m.uuid FROM cost_model_map AS p JOIN cost_model AS m ON m.uuid = p.cost_model_id"
        " WHERE p.provider_uuid = %s",
        [provider["uuid"]],
    ).fetchall()
    return {
        "provider_linked": True,
        "active": provider["active"],
        "paused": provider["paused"],
        "current_month_data": this_month in done,
        "previous_month_data": last_month in done,
        "last_payload_received_at": latest["creation_datetime"] if latest else None,
        "last_polling_time": _second(provider["polling_timestamp"]),
        "created_timestamp": _second(provider["created_timestamp"]),
        "status": step_states(latest["state"]) if latest else None,
        "has_data": bool(done),
        "infrastructure": {},
        "cost_models": [dict(row) for row in cost_models],
        "additional_context": _operator_context(provider["additional_context"], latest),
    }


def source_json(connection: Connection, row: Row, today: dt.date) -> Row:
    """One item of the list, and the detail."""
    credentials = (row["authentication"] or {}).get("credentials", {})
    ids = {
        "source_type_id": TYPE_IDS.get(row["source_type"]),
        "source_ref": credentials.get("cluster_id") if row["source_type"] == "OCP" else None,
    }
    provider = connection.execute("SELECT * FROM api_provider WHERE uuid = %s", [row["source_uuid"]]).fetchone()
    return created_json(row) | ids | (_linked(connection, provider, today) if provider else _unlinked())


def _manifest_stats(connection: Connection, manifest: Row) -> Row:
    """One manifest in ``stats/``."""
    files = connection.execute(
        "SELECT started_datetime, completed_datetime FROM reporting_common_costusagereportstatus"
        " WHERE manifest_id = %s ORDER BY id",
        [manifest["id"]],
    ).fetchall()
    done = sum(1 for row in files if row["completed_datetime"])
    first = files[0] if files else {"started_datetime": None, "completed_datetime": None}
    return {
        "assembly_id": manifest["assembly_id"],
        "billing_period_start": manifest["billing_period_start_datetime"].date(),
        "files_processed": f"{done}/{manifest['num_total_files']}",
        "process_start_date": _second(first["started_datetime"]),
        "process_complete_date": _second(first["completed_datetime"]),
        "manifest_complete_date": _second(manifest["completed_datetime"]),
        "export_datetime": _second(manifest["export_datetime"]),
    }


def stats_json(connection: Connection, row: Row) -> Row:
    """``sources/{id}/stats/``: the last three manifests of each month, newest month and manifest first."""
    provider = connection.execute("SELECT * FROM api_provider WHERE uuid = %s", [row["source_uuid"]]).fetchone()
    if not provider:
        return {"provider_linked": False}
    manifests = connection.execute(
        "SELECT * FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
        " ORDER BY billing_period_start_datetime DESC, creation_datetime DESC",
        [provider["uuid"]],
    ).fetchall()
    months: dict[str, dict[str, list[Row]]] = {}
    for manifest in manifests:
        month = months.setdefault(str(manifest["billing_period_start_datetime"].date()), {"manifests": []})
        if len(month["manifests"]) < 3:
            month["manifests"].append(_manifest_stats(connection, manifest))
    dates = {"data_updated_date": _second(provider["data_updated_timestamp"]), "ocp_on_cloud_data_updated_date": None}
    return {"provider_linked": True} | dates | months
