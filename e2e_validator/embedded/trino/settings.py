"""What the Trino server is told at its start."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrinoSettings:
    """Where it listens, where the objects are, and where the tables are written down."""

    port: int
    s3_url: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    metastore: Path
    """A JSON file: schemas, tables and partitions outlive the process, as Hive's database does."""
    ailments: Path
    """A folder: what is wrong around it."""

    @classmethod
    def load(cls, path: Path) -> TrinoSettings:
        """Read the file that the engine wrote.

        Raises:
            OSError, ValueError, KeyError: It cannot be read, or is not what the engine writes.
        """
        raw = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            int(raw["port"]),
            raw["s3_url"],
            raw["s3_access_key"],
            raw["s3_secret_key"],
            Path(raw["metastore"]),
            Path(raw["ailments"]),
        )
