"""What containers wrote, and what a log request shows of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cluster.status import bad_request


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end."""

    at: datetime
    text: str


class LogBook:
    """Lines by namespace, pod and container, of the running and of the previous instance."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, str, bool], list[Line]] = {}
        self._lock = threading.Lock()

    def write(
        self,
        namespace: str,
        pod: str,
        container: str,
        *lines: str,
        previous: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Append lines, each a second after the one before, the last at ``at`` (default: now)."""
        last = at or datetime.now(UTC)
        with self._lock:
            book = self._lines.setdefault((namespace, pod, container, previous), [])
            book += [Line(last - timedelta(seconds=len(lines) - 1 - i), text) for i, text in enumerate(lines)]

    def lines(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> list[Line] | None:
        """All lines; ``None`` if that instance never ran."""
        with self._lock:
            found = self._lines.get((namespace, pod, container, previous))
            return None if found is None else list(found)


def select(lines: list[Line], query: Mapping[str, str]) -> str:
    """The lines that ``tailLines``, ``sinceSeconds``, ``sinceTime`` and ``limitBytes`` leave, ``timestamps`` as asked.

    Raises:
        ApiError: 400, an option is no number or no time.
    """
    try:
        if since := query.get("sinceSeconds"):
            start = datetime.now(UTC) - timedelta(seconds=int(since))
            lines = [line for line in lines if line.at >= start]
        if moment := query.get("sinceTime"):
            start = datetime.fromisoformat(moment)
            lines = [line for line in lines if line.at >= start]
        if tail := query.get("tailLines"):
            lines = lines[-int(tail) :] if int(tail) else []
        limit = int(query["limitBytes"]) if "limitBytes" in query else None
    except ValueError as error:
        raise bad_request(f"invalid log options: {error}") from error
    stamped = query.get("timestamps", "").lower() in {"1", "true"}
    text = "".join(
        (f"{line.at.strftime('%Y-%m-%dT%H:%M:%S.%f')}000Z " if stamped else "") + line.text + "\n" for line in lines
    )
    return text if limit is None else text.encode()[:limit].decode(errors="ignore")
