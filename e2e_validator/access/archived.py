"""Which objects Koku's archive has of a source, by manifest, and which of them are no parquet files.

A day's CSV, its raw and its daily parquet have the same stem (docs/contract/clouds.md 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from minio.error import S3Error

from e2e_validator.access.objects import Objects

_CSV = ".csv"
_MAGIC = b"PAR1"


@dataclass(frozen=True, slots=True)
class Archived:
    """The keys of one source at one look; ``parquet`` has those of each kind."""

    csv: tuple[str, ...]
    parquet: tuple[tuple[str, ...], ...]
    damaged: tuple[str, ...]

    def stems(self, manifest_id: int) -> list[str]:
        """The names of the day CSVs of a manifest, without their ending."""
        names = (PurePosixPath(key).name.removesuffix(_CSV) for key in self.csv)
        return [name for name in names if f"_manifestid-{manifest_id}_" in name]

    def missing(self, manifest_id: int) -> list[str]:
        """Day CSVs of a manifest of which a kind of parquet is not there, as ``<stem>: <kind>``."""
        kinds = [[PurePosixPath(key).name for key in keys] for keys in self.parquet]
        return [
            f"{stem}: {'raw' if number == 0 else 'daily'} parquet"
            for stem in self.stems(manifest_id)
            for number, names in enumerate(kinds)
            if not any(name.startswith(f"{stem}_") for name in names)
        ]

    def has_parquet(self, manifest_id: int) -> bool:
        """Whether there is any parquet of the manifest."""
        return any(f"_manifestid-{manifest_id}_" in key for keys in self.parquet for key in keys)

    def broken(self, manifest_id: int) -> list[str]:
        """The damaged objects of a manifest."""
        return [key for key in self.damaged if f"_manifestid-{manifest_id}_" in key]


def read_archived(objects: Objects, prefixes: Sequence[str]) -> Archived:
    """List the objects; ``prefixes`` are those of the day CSVs and of each kind of parquet.

    Raises:
        Unreachable: the store does not answer.
    """
    csv, *parquet = (objects.sizes(objects.archive, prefix) for prefix in prefixes)
    damaged = tuple(key for keys in parquet for key, size in keys.items() if not _is_parquet(objects, key, size))
    return Archived(tuple(csv), tuple(map(tuple, parquet)), damaged)


def _is_parquet(objects: Objects, key: str, size: int) -> bool:
    """Whether the object ends as a parquet file does; one that went or was written anew meanwhile is not damaged."""
    if size < len(_MAGIC):
        return False
    try:
        return objects.end(objects.archive, key, size, len(_MAGIC)) == _MAGIC
    except S3Error as error:
        if error.code in {"NoSuchKey", "NoSuchObject", "InvalidRange"}:
            return True
        raise
