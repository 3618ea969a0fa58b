"""The values of enabled tag and category keys, per bill and account (clouds.md 11)."""

from __future__ import annotations

from e2e_validator.embedded.standin.classic.summary.daily import TABLE
from e2e_validator.embedded.standin.classic.summary.span import CloudSpan
from e2e_validator.embedded.standin.database import Connection

_DISABLED = """
DELETE FROM {table} known USING {keys} k WHERE known.key = k.key AND NOT k.enabled {kind}
"""
_WRITE = """
INSERT INTO {table} (uuid, key, values, usage_account_id, cost_entry_bill_id)
SELECT gen_random_uuid(), t.key, array_agg(DISTINCT t.value ORDER BY t.value), d.usage_account_id, %(bill)s
FROM {daily} d, jsonb_each_text(d.{column}) AS t
WHERE d.cost_entry_bill_id = %(bill)s
    AND EXISTS (SELECT 1 FROM {keys} k WHERE k.key = t.key AND k.enabled {kind})
GROUP BY t.key, d.usage_account_id
ON CONFLICT (key, cost_entry_bill_id, usage_account_id) DO UPDATE SET values = excluded.values
"""
_VALUES = """
INSERT INTO reporting_awstags_values (uuid, key, value, usage_account_ids, account_aliases)
SELECT gen_random_uuid(), s.key, v, array_agg(DISTINCT s.usage_account_id), array_agg(DISTINCT s.usage_account_id)
FROM reporting_awstags_summary s, unnest(s.values) AS v GROUP BY s.key, v
ON CONFLICT (key, value) DO UPDATE SET usage_account_ids = excluded.usage_account_ids
"""
_GONE = """
DELETE FROM reporting_awstags_values t WHERE NOT EXISTS (SELECT 1 FROM reporting_awstags_summary s WHERE s.key = t.key)
"""
_OF_AWS = "AND k.provider_type = 'AWS'"


def enabled_tag_keys(conn: Connection) -> set[str]:
    """The keys that rows may have now."""
    rows = conn.execute("SELECT key FROM reporting_enabledtagkeys WHERE enabled AND provider_type = 'AWS'")
    return {row["key"] for row in rows}


def fill_tags(conn: Connection, span: CloudSpan) -> None:
    """Forget the disabled keys of every bill, write the values of the enabled ones."""
    tables = (
        ("reporting_awstags_summary", "tags", "reporting_enabledtagkeys", _OF_AWS),
        ("reporting_awscategory_summary", "cost_category", "reporting_awsenabledcategorykeys", ""),
    )
    for table, column, keys, kind in tables:
        named = {"table": table, "column": column, "keys": keys, "kind": kind, "daily": TABLE}
        conn.execute(_DISABLED.format(**named).encode(), span.parameters)
        conn.execute(_WRITE.format(**named).encode(), span.parameters)
    conn.execute(_VALUES)
    conn.execute(_GONE)
