"""``mark_manifest_complete`` and ``validate_daily_data``: the end of the chain (docs/contract/koku.md 1.5)."""

from __future__ import annotations

from typing import Any

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import mark_completed
from e2e_validator.embedded.standin.pace import wait_in
from e2e_validator.embedded.standin.tasks.context import Work


def mark_manifest_complete(
    work: Work,
    schema: str,
    provider_type: str,
    provider_uuid: str,
    *,
    manifest_list: list[int] | None = None,
    tracing_id: str | None = None,
) -> None:
    """Stamp the provider, then the manifests; a summary asked for by masu has none."""
    wait_in(work.conn, work.pace.completed)
    work.conn.execute(
        "UPDATE api_provider SET data_updated_timestamp = %s WHERE uuid = %s", [work.clock.now(), provider_uuid]
    )
    if manifest_list:
        mark_completed(work.conn, work.clock, manifest_list)
        reached(Point.MANIFEST_COMPLETED, source=provider_uuid, valkey=work.valkey)
    else:
        text = "no manifest to mark complete, likely masu resummary task"
        log(text, tracing_id=tracing_id, schema=schema, provider_type=provider_type, provider_uuid=provider_uuid)


def validate_daily_data(_work: Work, *_args: Any, context: dict[str, Any] | None = None) -> None:
    """Nothing on-premise, and it says so."""
    log("skipping validation, disabled for schema", context=context)
