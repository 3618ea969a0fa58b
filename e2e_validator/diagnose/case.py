"""What a detector may look at: one payload of one source of this run, and what else is at work in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from e2e_validator.access.evidence import Evidence, Session
from e2e_validator.access.source_state import Manifest, SourceState

# A session that was opened this much earlier than we noted a moment may still belong to what began at it. We announce
# ourselves; that the files are done is noticed later, by a waiter that may look only every two seconds.
ANNOUNCED_MARGIN = timedelta(seconds=1)
CONVERTED_MARGIN = timedelta(seconds=5)


@dataclass(frozen=True)
class Case:
    """One look at a phase that does not get on.

    ``still_seconds`` is how long nothing of the source has changed; 0 while that is not known. ``dead`` says that the
    phase saw a terminal state. ``now`` and the times of sessions are by the database's clock, all other times by
    Koku's, and the two need not agree; so moments are given as seconds before ``now``.
    """

    phase: str
    provider_uuid: str
    schema: str
    manifest_uuid: str
    object_key: str
    tarball: Path
    month: str
    first_day: date
    last_day: date
    state: SourceState
    evidence: Evidence
    sessions: tuple[Session, ...]
    now: datetime
    still_seconds: float
    dead: bool
    announced_seconds: float
    """Since the payload was announced."""
    converted_seconds: float | None
    """Since a file was last seen not done (or since the announcement); None before it."""
    unattended_seconds: float
    """For how long no process can have had a task of this source; 0 while that is not known."""
    alone_seconds: float
    """For how long no session was seen that may take one payload after the other; 0 while that is not known."""
    queued: tuple[str, ...] | None
    """Tasks for this source that wait in a queue, as ``queue: task``; None where masu could not tell."""
    unread: int | None
    """Messages of payloads that Koku's listener has not committed, which it still reads or gets again when it comes
    back; 0 where payloads are announced without Kafka, None where the brokers could not tell."""
    daily_reports: bool
    """Whether Koku splits the payload by day; only then does the tracker tell what is half written."""
    report_types: Mapping[str, str]
    """The kind of each file of the payload, by its name in the manifest."""
    expected_rows: Mapping[tuple[str, str], int]
    """Rows that the raw line items must hold, by report type and day; empty before the expectation is made."""
    good: frozenset[str]
    """The phases of this payload that have passed."""
    verify: Callable[[], None]
    """Compares daily summary, costs and UI tables afresh; raises NumbersDiffer."""
    object_there: Callable[[], bool]
    """Whether the payload still stands in the ingress bucket."""
    months: tuple[str, ...] = ()
    """The months (YYYY-MM) that Koku summarises after this payload; one, but for a package over a month's end."""

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
    def summary_lock(self) -> str | None:
        """The key of this month's summary in the worker cache, if there is one (docs/contract/koku.md 2.4)."""
        end = f"update_summary_tables:{self.schema}:OCP:{self.provider_uuid}:{self.month}"
        return next((key for key in self.evidence["locks"] if key.endswith(end)), None)

    def at_work(self, *, before_files_were_done: bool = True) -> list[Session]:
        """Sessions that may be those of a process at work on this source: while there is one, none is taken for dead.

        A process at work has a session (Koku keeps one for each task, request or listener and closes it then), had it
        already when the source last changed, and has used it since the payload was announced. With
        ``before_files_were_done=False`` an idle session from before the files were done does not count: that is the
        listener's, which neither summarises nor prices.
        """
        still_since = self.now - timedelta(seconds=self.still_seconds)
        announced = self.now - timedelta(seconds=self.announced_seconds) - ANNOUNCED_MARGIN
        found = [
            session
            for session in self.sessions
            if (session.opened is None or session.opened <= still_since)
            and (session.changed is None or session.changed >= announced)
        ]
        if before_files_were_done or self.converted_seconds is None:
            return found
        converted = self.now - timedelta(seconds=self.converted_seconds) - CONVERTED_MARGIN
        return [
            session
            for session in found
            if session.state != "idle" or session.opened is None or session.opened >= converted
        ]

    def nobody_will(self) -> bool:
        """Whether no task of this source is in a queue or with a process (``engine/task_ownership.py``)."""
        return self.queued == () and self.unattended_seconds > 0
