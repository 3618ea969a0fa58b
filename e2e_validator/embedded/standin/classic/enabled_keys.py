"""Keys of tags and cost categories that a file brings: enabled at once, up to a limit (docs/contract/clouds.md 11)."""

from __future__ import annotations

import uuid

from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.logs import log

ENABLED_LIMIT = 200


def add_tag_keys(conn: Connection, provider_type: str, keys: set[str]) -> None:
    """Write down the keys that are new."""
    known = {
        row["key"]
        for row in conn.execute("SELECT key FROM reporting_enabledtagkeys WHERE provider_type = %s", [provider_type])
    }
    new = sorted(keys - known)
    if not new:
        log("skipping tag enablement no new tags found", schema=provider_type)
        return
    counted = conn.execute("SELECT count(*) AS n FROM reporting_enabledtagkeys WHERE enabled").fetchone()
    free = ENABLED_LIMIT - (counted["n"] if counted else 0)
    for number, key in enumerate(new):
        conn.execute(
            "INSERT INTO reporting_enabledtagkeys (uuid, key, enabled, provider_type) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [uuid.uuid4(), key, number < free, provider_type],
        )


def add_category_keys(conn: Connection, keys: set[str]) -> None:
    """The same for cost categories, which have no limit of their own."""
    for key in sorted(keys):
        conn.execute(
            "INSERT INTO reporting_awsenabledcategorykeys (uuid, key, enabled) VALUES (%s, %s, true)"
            " ON CONFLICT DO NOTHING",
            [uuid.uuid4(), key],
        )
