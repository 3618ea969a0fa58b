"""Reading JSON that others wrote: no more of it than asked for, and every way to be wrong as one error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

MIB = 1024 * 1024


def read_json(path: Path, *, limit: int = 5 * MIB, parse_float: Callable[[str], Any] | None = None) -> Any:
    """The content of a JSON file of at most ``limit`` bytes, in UTF-8 with or without a mark.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, is larger, or is nested too deeply; the message is a clause without a full stop.
    """
    with path.open("rb") as stream:
        raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise ValueError(f"it is larger than {limit // MIB} MiB")
    return parse_json(raw, parse_float=parse_float)


def parse_json(raw: bytes, *, parse_float: Callable[[str], Any] | None = None) -> Any:
    """``read_json`` of bytes that are at hand."""
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_float=parse_float)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start})") from None
