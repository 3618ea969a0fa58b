"""Pieces of text that every report shares: durations, one-line cells, local clock times."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime

from rich.cells import cell_len, set_cell_size

# Escape sequences and control characters in a product's answer must not reach the reader's terminal.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def duration(seconds: float) -> str:
    """A measured duration for a column: ``2.1s``, ``1m43s``, ``1h02m``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}h{minutes % 60:02d}m"


def short_duration(seconds: float) -> str:
    """A measured duration in at most three characters where possible: ``<1s``, ``59s``, ``17m``, ``2h``."""
    if 0 < seconds < 0.5:
        return "<1s"
    if round(seconds) < 60:
        return f"{round(seconds)}s"
    if round(seconds / 60) < 60:
        return f"{round(seconds / 60)}m"
    return f"{round(seconds / 3600)}h"


def span(seconds: float) -> str:
    """A stretch of waiting for a sentence: ``41s``, ``1m 0s``, ``18m 12s``, ``1h 5m``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}h {minutes % 60}m"


def limit(seconds: float) -> str:
    """A limit as its author wrote it: ``90s`` stays ``1m 30s``, but 1200 is ``20m`` and 0.5 is ``0.5s``."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:g}s"
    return span(seconds).removesuffix(" 0s").removesuffix(" 0m")


def printable(text: str) -> str:
    """``text`` without escape sequences and control characters; newlines and tabs stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """``text`` on one line, with single spaces and no control characters."""
    return " ".join(printable(text).split())


def shorten(text: str, width: int) -> str:
    """``text`` on one line of at most ``width`` terminal cells; what is cut off becomes an ellipsis."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip(" ,;:") + "…" if width > 1 else "…"[:width]


def column(text: str, width: int) -> str:
    """``text`` shortened and padded to exactly ``width`` terminal cells."""
    return set_cell_size(shorten(text, width), width)


def local_clock(at: str) -> str:
    """The local time of day (``HH:MM:SS``) of an ISO 8601 time."""
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")


def wrapped(text: str, room: int) -> list[str]:
    """``text`` on lines of ``room`` cells; those after the first stand four to the right of it; no word is broken."""
    return textwrap.wrap(
        text, room, initial_indent="  ", subsequent_indent="      ", break_long_words=False, break_on_hyphens=False
    )
