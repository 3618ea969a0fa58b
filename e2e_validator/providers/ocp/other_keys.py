"""Tag keys that are enabled in the organisation and that the scenario did not ask for: its users', or other scenarios'.

Koku keeps them in the labels of the daily summary, of every source (docs/contract/koku.md 3.5). They say nothing of
this scenario's data, so they are left out of what is compared; a key that is not enabled is not.
"""

from __future__ import annotations

import json

from psycopg import sql

from e2e_validator.engine.context import Context


def other_keys(context: Context) -> frozenset[str]:
    """The enabled OCP keys that are not the scenario's, those seen at an earlier look of the scenario among them.

    Others may disable theirs between the summary and a later look at it, and the labels stay.
    """
    database = context.clients.database
    statement = sql.SQL("SELECT key FROM {} WHERE enabled AND provider_type = 'OCP'").format(
        database.table("reporting_enabledtagkeys")
    )
    now = {str(row["key"]) for row in database.rows(statement)}
    found = (now | set(context.state.other_keys)) - set(context.loaded.enable_tags)
    if found != set(context.state.other_keys):
        context.state.other_keys = sorted(found)
        context.state.save()
    return frozenset(found)


def without(labels: str, keys: frozenset[str]) -> str:
    """A label set, JSON text, without ``keys``; '' (NULL) stays as it is."""
    if not labels:
        return labels
    return json.dumps({key: value for key, value in json.loads(labels).items() if key not in keys}, sort_keys=True)
