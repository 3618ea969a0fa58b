"""Logs as Koku writes them: one JSON object a line, with Koku's own message texts, one file a process."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from e2e_validator.embedded.standin.clock import Clock

LOG = logging.getLogger("standin")


class _JsonLine(logging.Formatter):
    def __init__(self, process: str, clock: Clock) -> None:
        super().__init__()
        self._process = process
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self._clock.now().isoformat(),
            "level": record.levelname,
            "process": self._process,
            "message": record.getMessage(),
        }
        line |= getattr(record, "context", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def open_log(process: str, log_dir: Path, clock: Clock) -> None:
    """Send everything this process logs to ``log_dir/koku-<process>.jsonl``."""
    log_dir.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(log_dir / f"koku-{process}.jsonl")
    handler.setFormatter(_JsonLine(process, clock))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    LOG.setLevel(logging.INFO)


def log(msg: str, *, tracing_id: str | None = None, level: int = logging.INFO, error: BaseException | None = None,
        **context: Any) -> None:  # fmt: skip
    """Write one message; ``msg`` is Koku's text word for word, because operators and detectors search for it."""
    LOG.log(level, "%s", msg, exc_info=error, extra={"context": {"tracing_id": tracing_id, **context}})
