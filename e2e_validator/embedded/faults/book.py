"""Which faults are armed and which have happened: in files, so that all processes agree and none has to live on."""

from __future__ import annotations

import json
import os
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_ARMED = ".armed"
_FIRED = ".fired-"


@dataclass(frozen=True, slots=True)
class Armed:
    """A fault that waits for its moment; ``until`` is on the machine's monotonic clock."""

    name: str
    key: str | None = None
    source: str | None = None
    times: int | None = 1
    """``None``: whenever it can, until it is cleared."""
    options: dict[str, Any] = field(default_factory=dict)
    until: float | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that has happened; ``at`` is the real time in seconds since 1970, UTC."""

    id: str
    name: str
    key: str | None
    source: str | None
    point: str
    process: str
    pid: int
    at: float


class FaultBook:
    """The folder of these files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def arm(self, armed: Armed) -> None:
        """Have it wait."""
        draft = self._folder / f"{armed.id}.draft"
        draft.write_text(json.dumps(asdict(armed)))
        draft.rename(self._folder / f"{armed.id}{_ARMED}")

    def armed(self, *, over: bool = False) -> list[Armed]:
        """All that wait or have waited, in no order; without those whose time is over, unless asked for."""
        now = time.monotonic()
        found = [self._read(name) for name in self._names() if name.endswith(_ARMED)]
        armed = [Armed(**entry) for entry in found if entry is not None]
        return [entry for entry in armed if over or entry.until is None or now < entry.until]

    def claim(self, armed: Armed, hits: int, point: str, process: str) -> bool:
        """Take one of its times; False if there is none left. Of several processes only one gets it."""
        fired = Fired(armed.id, armed.name, armed.key, armed.source, point, process, os.getpid(), time.time())
        draft = self._folder / f"{uuid.uuid4().hex}.draft"
        draft.write_text(json.dumps(asdict(fired)))
        try:
            for number in [uuid.uuid4().hex] if armed.times is None else range(armed.times * hits):
                if self._link(draft, f"{armed.id}{_FIRED}{number}"):
                    return True
        finally:
            draft.unlink(missing_ok=True)
        return False

    def fired(self) -> list[Fired]:
        """What has happened, the oldest first."""
        names = [name for name in self._names() if _FIRED in name]
        found = [entry for entry in map(self._read, names) if entry is not None]
        return sorted((Fired(**entry) for entry in found), key=lambda fired: fired.at)

    def clear(self, key: str) -> None:
        """Forget one, and that it happened."""
        (self._folder / f"{key}{_ARMED}").unlink(missing_ok=True)
        for path in self._folder.glob(f"{key}{_FIRED}*"):
            path.unlink(missing_ok=True)

    def _names(self) -> list[str]:
        # The quickest way to see that nothing is armed: every checkpoint looks.
        return os.listdir(self._folder)  # noqa: PTH208 - three times as fast

    def _link(self, draft: Path, name: str) -> bool:
        try:
            (self._folder / name).hardlink_to(draft)
        except FileExistsError:
            return False
        return True

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            entry: dict[str, Any] = json.loads((self._folder / name).read_text())
        except FileNotFoundError:  # cleared meanwhile
            return None
        return entry
