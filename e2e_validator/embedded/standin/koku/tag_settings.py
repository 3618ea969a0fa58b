"""``settings/tags/``: the organisation's tag keys, and enabling and disabling them (docs/contract/koku.md 5.5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from e2e_validator.embedded.standin.koku.page import body, empty_body, requested_page
from e2e_validator.embedded.standin.koku.query_string import parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, Refusal, error_list
from e2e_validator.embedded.standin.koku.views import Call, Reply, View

ENABLED_LIMIT = 200
_FILTERS = {"key", "uuid", "provider_type", "source_type", "enabled"}
# Filters that take only what a key of the organisation has, letter for letter; so a source type is refused as long as
# Koku has read no key of it (seen on a real one; docs/contract/koku.md 5.5 has the list without filters).
_CHOICES = {"uuid": "uuid", "provider_type": "provider_type", "source_type": "provider_type"}


def _condition(raw: str, keys: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
    """The list's WHERE clause; ``keys`` are all that there are."""
    branch = parse_query(raw).get("filter", {})
    given = branch if isinstance(branch, dict) else {}
    if wrong := next((name for name in given if name not in _FILTERS), None):
        raise error_list(400, wrong, UNSUPPORTED)
    conditions, values = ["TRUE"], []
    for name, value in given.items():
        wanted = [value] if isinstance(value, str) else value
        if column := _CHOICES.get(name):
            choices = {str(key[column]) for key in keys}
            if unknown := next((part for part in wanted if part not in choices), None):
                raise error_list(400, None, f"Select a valid choice. {unknown} is not one of the available choices.")
            conditions.append(f"{column}::text = ANY (%s)")
        elif name == "key":
            conditions.append(
                "EXISTS (SELECT 1 FROM unnest(%s::text[]) AS w WHERE position(lower(w) in lower(key)) > 0)"
            )
        else:
            conditions.append(f"lower({name}::text) = ANY (%s)")
            wanted = [part.lower() for part in wanted]
        values.append(wanted)
    return " AND ".join(conditions), values


def list_tag_settings(call: Call) -> Reply:
    """GET: all keys, enabled ones first."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    with call.services.pool.connection() as connection:
        keys = connection.execute("SELECT uuid, provider_type FROM reporting_enabledtagkeys").fetchall()
        condition, values = _condition(call.request.url.query, keys)
        rows = connection.execute(
            "SELECT uuid, key, enabled, provider_type AS source_type FROM reporting_enabledtagkeys"
            f" WHERE {condition} ORDER BY provider_type, enabled DESC, key",
            values,
        ).fetchall()
        count = connection.execute("SELECT COUNT(*) AS n FROM reporting_enabledtagkeys WHERE enabled").fetchone()
    page = requested_page(call.request, len(rows), 10)
    limits = {"enabled_tags_count": count["n"] if count else 0, "enabled_tags_limit": ENABLED_LIMIT}
    return Reply(body(page, page.cut(list(rows)), **limits))


def _ids(call: Call) -> list[uuid.UUID]:
    """The ids of the body.

    Raises:
        Refusal: 400 when there is none, or one is no uuid.
    """
    ids = call.json_object().get("ids", [])
    if not isinstance(ids, list) or not ids:
        raise error_list(400, "id_list", "This list may not be empty.")
    try:
        return [uuid.UUID(str(item)) for item in ids]
    except ValueError as error:
        raise error_list(400, "id_list", "invalid uuid supplied.") from error


def set_tags(*, enabled: bool) -> View:
    """PUT: 204; 412 where more than 200 keys would be enabled. What is summarised already keeps its labels."""

    def view(call: Call) -> Reply:
        if not call.has_tenant:
            return Reply(empty_body(call.request))
        ids = _ids(call)
        with call.services.pool.connection() as connection:
            found = connection.execute(
                "SELECT COUNT(*) FILTER (WHERE enabled) AS now,"
                " COUNT(*) FILTER (WHERE NOT enabled AND uuid = ANY (%s)) AS more FROM reporting_enabledtagkeys",
                [ids],
            ).fetchone()
            if enabled and found and found["now"] + found["more"] > ENABLED_LIMIT:
                text = f"The maximum number of enabled tags is {ENABLED_LIMIT}."
                raise Refusal(412, {"error": text, "enabled": found["now"], "limit": ENABLED_LIMIT})
            connection.execute("UPDATE reporting_enabledtagkeys SET enabled = %s WHERE uuid = ANY (%s)", [enabled, ids])
        return Reply(None, status=204)

    return view
