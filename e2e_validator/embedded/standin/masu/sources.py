"""``sources/``: the raw source rows (docs/contract/koku.md 5.1)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson, error, page


def listing(context: Context, call: Call) -> Response:
    """All source rows."""
    with context.pool.connection() as conn:
        rows = conn.execute("SELECT * FROM api_sources ORDER BY source_id").fetchall()
    return page(call, [_shown(row) for row in rows])


def detail(context: Context, call: Call) -> Response:
    """One source row."""
    with context.pool.connection() as conn:
        row = conn.execute("SELECT * FROM api_sources WHERE source_id = %s", [call.key]).fetchone()
    if row is None:
        return error("No Sources matches the given query.", status=404, key="detail")
    return DrfJson(_shown(row))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "provider_id"} | {"provider": row["provider_id"]}
