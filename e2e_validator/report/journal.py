"""The journal: every event of a run, one JSON object a line, in a file per process."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from e2e_validator.errors import E2EError
from e2e_validator.events import Event, as_json
from e2e_validator.report.jsontext import plain
from e2e_validator.report.redact import Redactor

# The kind of the entry that ``merge`` puts in the place of a line that cannot be read.
DAMAGED = "JournalDamaged"


class Journal:
    """Appends events to one file; each line is written with a single system call.

    Several processes keep a file each, ``events/<worker>.ndjson``; ``merge`` joins them.
    """

    def __init__(self, path: Path, redactor: Redactor | None = None) -> None:
        """Open ``path`` for appending; folders are made.

        Raises:
            E2EError: The file cannot be opened.
        """
        self.path = path
        self._redactor = redactor or Redactor()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            size = os.fstat(self._file).st_size
            # A process that died in the middle of a line must not spoil the next one.
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                os.write(self._file, b"\n")
        except OSError as error:
            raise E2EError(f"Cannot open the journal {path}: {error.strerror or error}.") from error

    def write(self, event: Event | Mapping[str, Any]) -> None:
        """Append one event, without its secrets.

        Raises:
            E2EError: The line could not be written whole (for example: no space left on the device).
        """
        entry = dict(event) if isinstance(event, Mapping) else as_json(event)
        line = json.dumps(self._redactor.value(plain(entry)), allow_nan=False).encode("ascii") + b"\n"
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise E2EError(f"Cannot write the journal {self.path}: {error.strerror or error}.") from error
        if written != len(line):
            raise E2EError(f"Cannot write the journal {self.path}: only {written} of {len(line)} bytes were taken.")

    __call__ = write

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        """The journal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


def merge(folder: Path) -> list[dict[str, Any]]:
    """The events of all ``*.ndjson`` files in ``folder``, by time.

    Events of one file keep their order even if the clock was set back. A line that cannot be read (its writer
    was killed) is not lost in silence: an entry ``JournalDamaged`` with ``file`` and ``line`` stands for it.

    Raises:
        E2EError: A file cannot be read.
    """
    keyed: list[tuple[datetime, dict[str, Any]]] = []
    for path in sorted(folder.glob("*.ndjson")):
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise E2EError(f"Cannot read the journal {path}: {error.strerror or error}.") from error
        latest = datetime.min.replace(tzinfo=UTC)
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                at = _time(entry["at"])
                if not isinstance(entry["event"], str):
                    raise TypeError  # noqa: TRY301 - one place decides what a damaged line is
            except (ValueError, TypeError, KeyError):
                at = latest
                entry = {"event": DAMAGED, "at": latest.isoformat(), "file": path.name, "line": number}
            latest = max(latest, at)
            keyed.append((latest, entry))
    return [entry for _, entry in sorted(keyed, key=lambda pair: pair[0])]


def _time(text: str) -> datetime:
    """An ISO 8601 time; one without a zone is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
