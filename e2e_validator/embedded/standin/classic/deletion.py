"""What a deleted AWS source leaves behind, and what goes with it."""

from __future__ import annotations

from e2e_validator.embedded.standin.classic.keys import SourceKeys
from e2e_validator.embedded.standin.classic.summary.month import PARTITIONED
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.tasks.context import Work

_BILLS = "cost_entry_bill_id IN (SELECT id FROM reporting_awscostentrybill WHERE provider_id = %s)"


def delete_rows(conn: Connection, provider_uuid: str) -> None:
    """Summary, report rows, tags of the bills and bills, before the provider goes; the values of tags stay."""
    for table in PARTITIONED:
        conn.execute(f"DELETE FROM {table} WHERE source_uuid = %s", [provider_uuid])
    for table in ("reporting_awstags_summary", "reporting_awscategory_summary"):
        conn.execute(f"DELETE FROM {table} WHERE {_BILLS}", [provider_uuid])
    conn.execute("DELETE FROM reporting_awscostentrybill WHERE provider_id = %s", [provider_uuid])


def delete_objects(work: Work, schema: str, provider_type: str, provider_uuid: str) -> None:
    """The archive of a source; its partitions stay known to Hive until the next sync."""
    keys = SourceKeys.of_source(schema, provider_type.removesuffix("-local"), provider_uuid)
    bucket = work.config.bucket_archive
    if found := [key for prefix in (keys.csv, keys.raw, keys.daily) for key in work.store.keys(bucket, prefix)]:
        work.store.remove(bucket, found)
