"""What is looked at of a source that Koku polls: its objects in the archive, Trino's partitions, what logs say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from minio.error import S3Error

from e2e_validator.access.archived import Archived, read_archived
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.bundle.look import Look, NotHere
from e2e_validator.bundle.of_cluster import LOGS
from e2e_validator.bundle.of_stack import STACK
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.diagnose.said import KNOWN
from e2e_validator.engine.context import Context
from e2e_validator.moments import now

# A line that a detector may know; the rest of a log is left where it is.
_MOST_LINES = 200


def look_further(context: Context, observed: ObservedSource) -> ObservedSource:
    """The same with what a source has that Koku polls; any other source as it is."""
    if not observed.names.polled:
        return observed
    archived = archived_of(context)
    return replace(observed, archived=archived, unsynced=_unsynced(context, archived), said=tuple(_said(context)))


def archived_of(context: Context) -> Archived | None:
    """The source's objects in the archive; None where the store does not tell."""
    account = context.target.schema_name.removeprefix("acct")
    prefixes = [one.format(account=account, uuid=context.provider_uuid) for one in context.clients.names.archives]
    try:
        return read_archived(context.clients.objects, prefixes)
    except (Unreachable, S3Error):
        return None


def _unsynced(context: Context, archived: Archived | None) -> tuple[str, ...]:
    """The partitions of objects that are there and Trino does not know; none where it does not tell."""
    warehouse = context.clients.warehouse
    if warehouse is None or archived is None:
        return ()
    found = []
    for table, keys in zip(context.clients.names.warehouse, archived.parquet, strict=False):
        there = {_month(key) for key in keys}
        try:
            rows = warehouse.rows(
                f'SELECT year, month FROM "{table}$partitions" WHERE source = ?', [context.provider_uuid]
            )
        except (Unreachable, Refused):
            return ()
        found += [f"{table} {month}" for month in sorted(there - {f"{year}-{month}" for year, month in rows})]
    return tuple(found)


def _month(key: str) -> str:
    parts = dict(part.split("=", 1) for part in key.split("/") if "=" in part)
    return f"{parts.get('year')}-{parts.get('month')}"


def _said(context: Context) -> Iterator[str]:
    """Lines of the logs that a detector may know, the oldest first."""
    texts: list[str] = []

    def keep(_name: str, content: Any) -> None:
        if isinstance(content, str):
            texts.append(content)

    look = Look(context.target, now(), logs=context.logs, names=context.clients.names)
    for collector in (LOGS, STACK):
        try:
            collector.collect(look, keep)
        except (NotHere, Unreachable, Refused):
            continue
    lines = (line for text in texts for line in text.splitlines())
    known = [line for line in lines if any(one.text.search(line) for one in KNOWN)]
    yield from known[-_MOST_LINES:]
