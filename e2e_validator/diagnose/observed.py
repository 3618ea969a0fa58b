"""What is seen of one payload of a source, and what else is at work in the database: no run need have made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from e2e_validator.access.archived import Archived
from e2e_validator.access.ended_containers import EndedContainer
from e2e_validator.access.evidence import Evidence, Session
from e2e_validator.access.source_names import SourceNames
from e2e_validator.access.source_state import Manifest, SourceState


@dataclass(frozen=True, slots=True)
class AskedTwice:
    """What the reports answered to one question in the same words twice, and between and after that in other words.

    ``differing`` figures of the last answer in the same words are not those of the answers in other words; ``first``
    is one of them in words. ``steady`` says that the answers in other words agreed with each other.
    """

    differing: int
    first: str
    steady: bool


@dataclass(frozen=True)
class ObservedSource:
    """One look at a source and one of its payloads.

    ``now`` and the times of sessions are by the database's clock, all other times by Koku's, and the two need not
    agree; so moments are given as seconds before ``now``. What takes more than one look to know is 0 after the first.
    """

    provider_uuid: str
    schema: str
    names: SourceNames
    """How Koku calls what it keeps of this type of source."""
    manifest_uuid: str
    """The payload that is looked at; empty where nothing was sent."""
    state: SourceState
    evidence: Evidence
    sessions: tuple[Session, ...]
    now: datetime
    queued: tuple[str, ...] | None
    """Tasks for this source that wait in a queue, as ``queue: task``; None where masu could not tell."""
    unread: int | None
    """Messages of payloads that Koku's listener has not committed, which it still reads or gets again when it comes
    back; 0 where payloads are announced without Kafka, None where the brokers could not tell."""
    still_seconds: float = 0.0
    """How long nothing of the source has changed; 0 while that is not known."""
    unattended_seconds: float = 0.0
    """For how long no process can have had a task of this source; 0 while that is not known."""
    alone_seconds: float = 0.0
    """For how long no process was seen that may take one payload after the other; 0 while that is not known."""
    dead: bool = False
    """Whether a phase that waits saw a terminal state."""
    asked: AskedTwice | None = None
    """How the reports answered, where that was tried."""
    archived: Archived | None = None
    """The objects of a source that Koku polls; None for others, and where the store did not answer."""
    unsynced: tuple[str, ...] = ()
    """Partitions of such a source that Trino does not know, as ``<table> <year>-<month>``."""
    said: tuple[str, ...] = ()
    """Lines of the logs of such a source's workers and of what they need, since a failure is looked into."""
    ended: tuple[EndedContainer, ...] | None = None
    """The containers of the deployment that have ended, the last first; None where it stands in no cluster that we
    know of, and where the API server does not tell."""

    @cached_property
    def manifest(self) -> Manifest | None:
        """The manifest of this payload, as the phases see it."""
        return self.state.manifest(self.manifest_uuid)

    @cached_property
    def manifest_row(self) -> Mapping[str, Any] | None:
        """The same as evidence, with its tracker and the files' times."""
        rows = self.evidence["manifests"]
        return next((row for row in rows if row["assembly_id"] == self.manifest_uuid), None)

    @property
    def tracker(self) -> dict[str, Any]:
        """``s3_parquet_cleared_tracker``: a key for each report type and day whose old rows were dealt with."""
        return dict((self.manifest_row or {}).get("s3_parquet_cleared_tracker") or {})

    @property
    def file_locks(self) -> dict[str, list[str]] | None:
        """The source's files that worker hosts say they are busy with, by host; None where one could not be read."""
        found = self.evidence.get("file_locks", {})
        return None if None in found.values() else dict(found)

    def quiet(self) -> bool:
        """Whether nothing works on it and nothing will; of a phase that is dead already, whatever works elsewhere.

        A repair acts only after stillness, and then always on what is known of others.
        """
        return self.nobody_will() if self.still_seconds else self.dead

    def summary_lock(self, month: str = "") -> str | None:
        """The key of a month's summary in the worker cache (docs/contract/koku.md 2.4); of any where none is given."""
        task = f"update_summary_tables:{self.schema}:{self.names.type}:{self.provider_uuid}:"
        keys: list[str] = [key for key in self.evidence["locks"] if task in key]
        return next((key for key in keys if not month or key.endswith(task + month)), None)

    def line_items(self) -> dict[tuple[str, str], int]:
        """How many raw line items there are, by report type and day."""
        return {
            (kind, day): count
            for name, days in self.evidence["line_items"].items()
            if (kind := self.names.tables.kind_of(name)) is not None
            for day, count in days.items()
        }

    def nobody_will(self) -> bool:
        """Whether no task for this source waits in a queue, and no process can have one."""
        return self.queued == () and self.unattended_seconds > 0
