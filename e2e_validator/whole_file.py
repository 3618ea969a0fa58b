"""A file that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Replace ``path`` by a file with ``text``: a reader sees the old or the new one, never half of it.

    ``private``: readable by its owner alone, whatever was there before.

    Raises:
        OSError: it cannot be written; nothing of it is left then.
    """
    with replacing(path, private=private) as draft:
        draft.write_text(text, encoding="utf-8")


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """An empty file beside ``path`` to write to; it becomes ``path`` at the end, and is gone after an error.

    Raises:
        OSError: it cannot be made or moved.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(mode=0o600 if private else 0o666, exist_ok=False)
        yield draft
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
