"""What is wrong with the API server at the moment, on demand of a test."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class _Answer:
    code: int
    times: int
    path: str
    verb: str


class Faults:
    """Errors and delays for the next requests; safe to be set from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: list[_Answer] = []
        self._delay = 0.0

    def answer(self, code: int, times: int = 1, *, path: str = "", verb: str = "") -> None:
        """Answer the next ``times`` requests whose path holds ``path`` (and of ``verb``) with 429, 500, 503 or 504."""
        with self._lock:
            self._answers.append(_Answer(code, times, path, verb))

    def slow(self, seconds: float) -> None:
        """Let every request from now on wait first; 0 ends it."""
        with self._lock:
            self._delay = seconds

    def clear(self) -> None:
        """Be well again."""
        with self._lock:
            self._answers.clear()
            self._delay = 0.0

    @property
    def delay(self) -> float:
        """How long a request waits, in seconds."""
        with self._lock:
            return self._delay

    def take(self, path: str, verb: str) -> int | None:
        """The status to answer with instead of the truth, which is used up by asking."""
        with self._lock:
            for answer in self._answers:
                if answer.times > 0 and answer.path in path and answer.verb in {"", verb}:
                    answer.times -= 1
                    return answer.code
        return None
