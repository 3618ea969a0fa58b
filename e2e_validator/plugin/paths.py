"""Files of a run: their permissions, and how they are shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o700


@contextmanager
def private() -> Iterator[None]:
    """What is written in the block, also by what it starts, can be read by this user alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def shown(folder: Path) -> str:
    """The folder as the user would type it."""
    with suppress(ValueError):
        return f"{folder.relative_to(Path.cwd())}/"
    return f"{folder}/"
