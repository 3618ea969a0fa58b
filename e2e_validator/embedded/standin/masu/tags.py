"""``enabled_tags/`` and ``invalidate_cache/`` (docs/contract/koku.md 5.1)."""

from __future__ import annotations

import uuid

from starlette.responses import Response

from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson, error
from e2e_validator.embedded.standin.view_cache import REPORT_FAMILIES, SOURCES_FAMILY, invalidate_views

PROVIDER_TYPES = {"aws": "AWS", "azure": "Azure", "gcp": "GCP", "ocp": "OCP"}


def enabled_tags(context: Context, call: Call) -> Response:
    """GET: the enabled keys of a provider type."""
    if "schema" not in call.query:
        return error("schema is a required parameter.")
    kind = PROVIDER_TYPES.get(call.query.get("provider_type", "").lower())
    if kind is None:
        return error(f"provider_type must be supplied. Select one of {set(PROVIDER_TYPES)}")
    with context.pool.connection() as conn:
        rows = conn.execute(
            "SELECT key FROM reporting_enabledtagkeys WHERE enabled AND provider_type = %s ORDER BY key", [kind]
        ).fetchall()
    return DrfJson({"tag_keys": [row["key"] for row in rows]})


def change_enabled_tags(context: Context, call: Call) -> Response:
    """POST: enable (``create``) or disable (``delete``) keys; what is summarised already does not change by it."""
    body = call.body if isinstance(call.body, dict) else {}
    if body.get("schema") is None:
        return error("schema is required.")
    kind = PROVIDER_TYPES.get(body.get("provider_type") or "")
    if kind is None:
        return error(f"provider_type must be supplied. Select one of {set(PROVIDER_TYPES)}")
    action = body.get("action")
    if action is None:
        return error("action is required.")
    keys = body.get("tag_keys", [])
    with context.pool.connection() as conn:
        for key in keys:
            if action.lower() == "create":
                conn.execute(
                    "INSERT INTO reporting_enabledtagkeys (uuid, key, enabled, provider_type) VALUES (%s, %s, true, %s)"
                    " ON CONFLICT (key, provider_type) DO UPDATE SET enabled = true",
                    [uuid.uuid4(), key, kind],
                )
            elif action.lower() == "delete":
                conn.execute(
                    "UPDATE reporting_enabledtagkeys SET enabled = false WHERE key = %s AND provider_type = %s",
                    [key, kind],
                )
    return DrfJson({"tag_keys": keys})


def invalidate_cache(context: Context, call: Call) -> Response:
    """POST: empty the page cache of a tenant (``api``); the cache of permissions (``rbac``) is not kept here."""
    events = call.body if isinstance(call.body, list) else [call.body]
    for event in events:
        if not isinstance(event, dict) or "schema_name" not in event or event.get("cache_name") not in ("api", "rbac"):
            return DrfJson(
                [{"msg": "schema_name and cache_name (api or rbac) are required", "input": event}], status_code=400
            )
    for event in events:
        if event["cache_name"] == "api":
            invalidate_views(context.valkey, event["schema_name"], (*REPORT_FAMILIES, SOURCES_FAMILY))
    return DrfJson({"msg": "invalidated cache", "events": events})
