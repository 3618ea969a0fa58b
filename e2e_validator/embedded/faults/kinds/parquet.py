"""Parquet objects that are gone or damaged, and partitions that were not made known (docs/contract/clouds.md 6, 7)."""

from __future__ import annotations

from typing import Any

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.objects import ObjectStore

_KINDS = ("daily", "raw")


def _objects(now: Happening) -> tuple[ObjectStore, list[str]]:
    """The source's parquet of the kind that was chosen, sorted.

    Raises:
        ValueError: There is no such kind.
    """
    from e2e_validator.embedded.standin.classic.keys import SourceKeys

    if now.option("kind") not in _KINDS:
        raise ValueError(f"kind is one of {', '.join(_KINDS)}")
    source = now.facts["source"]
    with connect(now.config) as conn:
        row = conn.execute("SELECT type FROM api_provider WHERE uuid::text = %s", [source]).fetchone()
    assert row is not None
    keys = SourceKeys.of_source(now.config.schema, row["type"].removesuffix("-local"), source)
    store = ObjectStore(now.config)
    return store, sorted(store.keys(now.config.bucket_archive, getattr(keys, now.option("kind"))))


def lose_object(now: Happening) -> bool:
    """Delete the first object."""
    store, found = _objects(now)
    store.remove(now.config.bucket_archive, found[:1])
    return False


def damage_object(now: Happening) -> bool:
    """Cut the first object in half; its metadata stay."""
    store, found = _objects(now)
    bucket = now.config.bucket_archive
    content, metadata = store.get(bucket, found[0]), store.metadata(bucket, found[0])
    store.put(bucket, found[0], content[: len(content) // 2], metadata)
    return False


def leave_unsynced(_now: Happening) -> bool:
    """Make nothing known."""
    return True


def _cloud(name: str, does: str, *symptoms: str, **more: Any) -> Fault:
    return Fault(name, does, "docs/contract/clouds.md 6, 7, 8", symptoms, classic_only=True, **more)


FAULTS = (
    _cloud(
        "parquet_object_lost",
        "The first parquet object (`kind`: daily or raw) is deleted just before its file is DONE.",
        "daily: a day has no summary rows and no error is logged; raw: nothing",
        points=(Point.CONVERTED,), act=lose_object, options={"kind": "daily"},
    ),
    _cloud(
        "parquet_object_damaged",
        "The first parquet object (`kind`: daily or raw) is cut in half just before its file is DONE.",
        "HIVE_BAD_DATA ... is not a valid Parquet File", "state summary: failed",
        points=(Point.CONVERTED,), act=damage_object, options={"kind": "daily"},
    ),
    _cloud(
        "partition_not_synced",
        "system.sync_partition_metadata is not called from now on, for any day of a manifest's last file.",
        "Trino sees no row of the source; every file 1, manifest completed, 0 summary rows",
        points=(Point.SYNCING,), act=leave_unsynced, hits=1000,
    ),
)  # fmt: skip
