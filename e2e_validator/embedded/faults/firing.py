"""The watcher of one process's checkpoints: finds the armed fault whose moment it is, and lets it happen."""

from __future__ import annotations

import io
import json
import logging
import tarfile
from collections import Counter
from collections.abc import Callable
from typing import Any

from e2e_validator.embedded.faults.book import Armed, FaultBook
from e2e_validator.embedded.faults.fault import Happening, Release
from e2e_validator.embedded.faults.registry import fault_named
from e2e_validator.embedded.standin.checkpoints import Point, watch
from e2e_validator.embedded.standin.config import ControlConfig, StandinConfig
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.objects import ObjectStore

_SOURCES = (
    "SELECT p.uuid::text AS found FROM api_provider p JOIN api_providerauthentication a ON a.id = p.authentication_id"
    " JOIN api_providerbillingsource b ON b.id = p.billing_source_id"
)
# The values of an authentication are the key; a cloud's source is known by its bucket, too.
KEYS = (
    "(%s IN (SELECT value FROM jsonb_each_text(a.credentials)) OR strpos(coalesce(b.data_source ->> 'bucket', ''), %s)"
    " > 0)"
)


def watched(config: StandinConfig, control: ControlConfig, process: str, run: Callable[[], None]) -> Callable[[], None]:
    """The work of a process, with its checkpoints watched."""

    def run_watched() -> None:
        watch(Firing(config, FaultBook(control.folder), process))
        run()

    return run_watched


class Firing:
    """A watcher; it does nothing while no fault is armed."""

    def __init__(self, config: StandinConfig, book: FaultBook, process: str) -> None:
        self._config = config
        self._book = book
        self._process = process
        self._passed: Counter[str] = Counter()
        self._message: dict[str, Any] | None = None
        self._undo: list[Release] = []

    def __call__(self, point: Point, facts: dict[str, Any]) -> bool:
        """Let happen what was armed for this point and source; whether what would come next must not happen."""
        if point == Point.ANNOUNCED:
            self._message = facts["message"]
        taken_over = False
        for armed in self._book.armed():
            fault = fault_named(armed.name)
            if fault.act is None or fault.point(armed.options) != point or not fault.fits(armed, facts):
                continue
            if not self._concerns(armed, facts):
                continue
            self._passed[armed.id] += 1
            if self._passed[armed.id] <= armed.options.get("skip", 0):
                continue
            if self._book.claim(armed, fault.hits, point, self._process):
                now = Happening(point, armed, facts, self._config, self._message, self._undo.append)
                taken_over = fault.act(now) or taken_over
        if point in (Point.LISTENER_FINISHED, Point.FILE_ENDED):
            while self._undo:
                self._undo.pop()()
        return taken_over

    def _concerns(self, armed: Armed, facts: dict[str, Any]) -> bool:
        if armed.key is None and armed.source is None:
            return True
        if "request" in facts:
            return any(text and facts["request"].names(text) for text in (armed.key, armed.source))
        if "message" in facts and "cluster" not in facts:
            facts["cluster"] = cluster_of(self._config, facts["message"])
        if "task" in facts and "source" not in facts:
            facts["source"] = source_of(facts["task"].args) or facts["task"].kwargs.get("provider_uuid")
        if armed.key is not None:
            if "cluster" in facts and facts["cluster"] is not None:
                return bool(armed.key == facts["cluster"])
            return self._is_key_of(armed.key, facts.get("source"))
        return armed.source in (facts.get("source"), self._source(facts.get("cluster")))

    def _is_key_of(self, key: str, source: str | None) -> bool:
        """Whether the source with this uuid has the key: its cluster, or the role or bucket of a cloud's."""
        if source is None:
            return False
        with connect(self._config) as conn:
            return conn.execute(f"{_SOURCES} WHERE {KEYS} AND p.uuid::text = %s", [key, key, source]).rowcount > 0

    def _source(self, cluster: str | None) -> str | None:
        if cluster is None:
            return None
        with connect(self._config) as conn:
            row = conn.execute(f"{_SOURCES} WHERE {KEYS}", [cluster, cluster]).fetchone()
        return row["found"] if row else None


def source_of(args: list[Any]) -> str | None:
    """The provider uuid among a task's arguments."""
    if args and isinstance(args[0], list):  # summarize_reports gets the reports themselves
        return str(args[0][0]["provider_uuid"]) if args[0] else None
    return next((arg for arg in args[1:] if isinstance(arg, str) and len(arg) == 36), None)


def cluster_of(config: StandinConfig, message: dict[str, Any]) -> str | None:
    """Whose payload is announced, by a look into it; None if that cannot be seen."""
    try:
        data = ObjectStore(config, retries=0).get(message["bucket"], message["key"])
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            member = archive.extractfile("manifest.json")
            return json.load(member)["cluster_id"] if member else None
    except Exception:  # noqa: BLE001 - a payload that cannot be read belongs to no source, and the listener will say why
        logging.getLogger(__name__).debug("no cluster in %s", message.get("key"))
        return None
