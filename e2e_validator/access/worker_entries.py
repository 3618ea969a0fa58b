"""The files that a worker's host says it is busy with: a list of texts in one row of ``worker_cache_table``.

Django's cache in the database keeps a value pickled, in base64 (docs/contract/koku.md 2.4; docs/contract/clouds.md 4).
"""

from __future__ import annotations

import base64
import binascii
import io
import pickle
from collections.abc import Collection
from typing import Any

HOSTS = "%:worker"
"""How the keys of these rows end, for LIKE."""


class _TextsOnly(pickle.Unpickler):
    """Reads lists of texts, and makes no object of any class that a value names."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no text")


def entries_of(value: str) -> list[str]:
    """The entries of a row's value.

    Raises:
        LookupError: it is no list of texts.
    """
    try:
        found = _TextsOnly(io.BytesIO(base64.b64decode(value, validate=True))).load()
    except (binascii.Error, pickle.UnpicklingError, EOFError, ValueError, IndexError, AttributeError) as error:
        raise LookupError(f"a worker's list of files cannot be read: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise LookupError("a worker's list of files is no list of texts")
    return found


def entries_without(value: str, gone: Collection[str]) -> str:
    """The value without these entries; the others stay in their order."""
    return base64.b64encode(pickle.dumps([one for one in entries_of(value) if one not in gone])).decode()


def own_entries(value: str, provider_uuid: str) -> list[str]:
    """The entries of one source."""
    return [one for one in entries_of(value) if one.startswith(f"{provider_uuid}:")]
