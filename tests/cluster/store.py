"""The objects of the cluster, with their history, from which watches are fed."""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from cluster.kinds import Kind, Kinds
from cluster.status import already_exists, gone, not_found

Json = dict[str, Any]
Key = tuple[str, str, str, str]
"""Group, plural, namespace (empty if it has none), name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history."""

    revision: int
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    kind: Kind
    now: Json
    before: Json | None


class Store:
    """Objects by kind, namespace and name; safe to be used by the test and by the server at the same time."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self._lock = threading.RLock()
        self._objects: dict[Key, Json] = {}
        self._history: list[Change] = []
        self._oldest = 0
        self._revision = 1
        self._listeners: list[Callable[[], None]] = []

    @property
    def revision(self) -> int:
        """The version of the whole, what a list gives as its ``resourceVersion``."""
        with self._lock:
            return self._revision

    def load(self, objects: Iterable[Json]) -> None:
        """Put every object; kinds that this server does not serve are left out, as a cluster without their CRD is."""
        for entry in objects:
            if self.kinds.of(entry["apiVersion"], entry["kind"]) is not None:
                self.put(entry)

    def put(self, entry: Json, *, new: bool = False) -> Json:
        """Add or replace an object; returns it as stored, with the fields that a server fills in.

        Raises:
            ApiError: 409, ``new`` and there is one of that name.
            ValueError: No kind of this server.
        """
        kind = self.kinds.of(entry["apiVersion"], entry["kind"])
        if kind is None:
            raise ValueError(f"no kind of this server: {entry['apiVersion']} {entry['kind']}")
        entry = copy.deepcopy(entry)
        metadata = entry["metadata"]
        if not kind.namespaced:
            metadata.pop("namespace", None)
        key = (kind.group, kind.plural, metadata.get("namespace", ""), metadata["name"])
        with self._lock:
            before = self._objects.get(key)
            if before is not None and new:
                raise already_exists(kind, metadata["name"])
            kept = before["metadata"] if before else {}
            metadata.setdefault("uid", kept.get("uid") or str(uuid.uuid4()))
            metadata.setdefault(
                "creationTimestamp", kept.get("creationTimestamp") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            )
            if before is not None and _same(before, entry):
                return copy.deepcopy(before)
            self._revision += 1
            metadata["resourceVersion"] = str(self._revision)
            self._objects[key] = entry
            self._note(Change(self._revision, "MODIFIED" if before else "ADDED", kind, entry, before))
        return copy.deepcopy(entry)

    def change(self, kind: str, namespace: str, name: str, change: Callable[[Json], None]) -> Json:
        """Let ``change`` alter an object in place, as one modification; raises 404 if there is none."""
        with self._lock:
            entry = self.get(self._kind(kind), namespace, name)
            change(entry)
            return self.put(entry)

    def remove(self, kind: str | Kind, namespace: str, name: str) -> Json:
        """Delete an object; raises 404 if there is none."""
        kind = self._kind(kind)
        with self._lock:
            before = self.get(kind, namespace, name)
            del self._objects[self._key(kind, namespace, name)]
            self._revision += 1
            last = copy.deepcopy(before)
            last["metadata"]["resourceVersion"] = str(self._revision)
            self._note(Change(self._revision, "DELETED", kind, last, before))
        return before

    def get(self, kind: str | Kind, namespace: str, name: str) -> Json:
        """A copy of an object; raises 404 if there is none."""
        kind = self._kind(kind)
        with self._lock:
            entry = self._objects.get(self._key(kind, namespace, name))
        if entry is None:
            raise not_found(kind, name)
        return copy.deepcopy(entry)

    def objects(self, kind: str | Kind, namespace: str = "") -> tuple[list[Json], int]:
        """The objects of a kind by namespace and name, and the revision at which they were so."""
        kind = self._kind(kind)
        with self._lock:
            found = [
                entry
                for key, entry in sorted(self._objects.items())
                if key[:2] == (kind.group, kind.plural) and (not namespace or key[2] == namespace)
            ]
            return copy.deepcopy(found), self._revision

    def since(self, revision: int) -> list[Change]:
        """What changed after ``revision``, oldest first; raises 410 if that is no longer known."""
        with self._lock:
            if revision < self._oldest:
                raise gone()
            return [change for change in self._history if change.revision > revision]

    def forget_history(self) -> None:
        """Compact: a watch from an earlier version ends in 410, and its client must list again."""
        with self._lock:
            self._revision += 1
            self._oldest = self._revision
            self._history.clear()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called after each change, in the thread of who made it; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _note(self, change: Change) -> None:
        self._history.append(change)
        for listener in list(self._listeners):
            listener()

    def _kind(self, kind: str | Kind) -> Kind:
        if isinstance(kind, Kind):
            return kind
        known = self.kinds.named(kind)
        if known is None:
            raise ValueError(f"no kind of this server: {kind}")
        return known

    @staticmethod
    def _key(kind: Kind, namespace: str, name: str) -> Key:
        return (kind.group, kind.plural, namespace if kind.namespaced else "", name)


def _same(before: Json, now: Json) -> bool:
    """Whether nothing but the version differs: such an update changes nothing, and nobody is told."""
    version = before["metadata"]["resourceVersion"]
    return before == {**now, "metadata": {**now["metadata"], "resourceVersion": version}}
