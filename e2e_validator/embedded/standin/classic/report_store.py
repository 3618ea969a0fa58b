"""Where the reports of a source lie: a directory (AWS-local) or a bucket of the object store (AWS)."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from minio.error import MinioException
from urllib3.exceptions import HTTPError

from e2e_validator.embedded.standin.classic.provider import CloudProvider
from e2e_validator.embedded.standin.objects import ObjectStore

_MONTH = re.compile(r"\d{8}-\d{8}$")


class ReportNotFoundError(Exception):
    """There is no such file; the message is Koku's."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the source."""

    content: bytes
    etag: str
    modified: datetime


class ReportStore(Protocol):
    """What is read of a source."""

    def report_folder(self) -> str:
        """``prefix/name`` of the report; begins with a slash where a bucket has no prefix, as Koku makes the key.

        Raises:
            ReportNotFoundError: There is none.
        """
        ...

    whole_keys: bool
    """Whether ``reportKeys`` of a manifest are taken as they are; else their base names are looked for beside it."""

    def full_name(self, path: str) -> str:
        """How logs and the worker cache call a file."""
        ...

    def etag(self, path: str) -> str:
        """Of a file.

        Raises:
            ReportNotFoundError: There is none.
        """
        ...

    def read(self, path: str) -> Found:
        """A file.

        Raises:
            ReportNotFoundError: There is none.
        """
        ...


class LocalDirectory:
    """AWS-local: ``data_source.bucket`` is a directory of the worker (docs/contract/clouds.md 2)."""

    whole_keys = False

    def __init__(self, bucket: str) -> None:
        self._root = Path(bucket)

    def report_folder(self) -> str:
        """The first folder without files that has a month in it, from the top."""
        for folder, below, files in os.walk(self._root):
            below.sort()
            if not files and any(_MONTH.match(name) for name in below) and folder != str(self._root):
                return str(Path(folder).relative_to(self._root))
        raise ReportNotFoundError(f"Unable to locate a report in {self._root}")

    def full_name(self, path: str) -> str:
        """The file's path."""
        return str(self._root / path)

    def etag(self, path: str) -> str:
        """A hash of the name, which never changes."""
        self._file(path)
        return hashlib.sha1(self.full_name(path).encode(), usedforsecurity=False).hexdigest()

    def read(self, path: str) -> Found:
        """The file, whole."""
        file = self._file(path)
        return Found(file.read_bytes(), self.etag(path), datetime.fromtimestamp(file.stat().st_mtime, UTC))

    def _file(self, path: str) -> Path:
        file = self._root / path
        if not file.is_file():
            raise ReportNotFoundError(f"Unable to locate {file} in {self._root}")
        return file


class Bucket:
    """AWS: ``data_source.bucket`` is a bucket; here, of the stack's own store (docs/contract/clouds.md 19)."""

    whole_keys = True

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def report_folder(self) -> str:
        """As for a directory: the first path that a month follows."""
        try:
            for key in self._store.keys(self._bucket, ""):
                parts = key.split("/")
                for index, part in enumerate(parts[:-1]):
                    if index and _MONTH.match(part):
                        *prefix, report = parts[:index]
                        return f"{'/'.join(prefix)}/{report}"
        except (MinioException, HTTPError) as error:
            raise ReportNotFoundError(f"Unable to list S3 Bucket: {self._bucket}: {error}") from error
        raise ReportNotFoundError(f"Unable to find a report in S3 Bucket: {self._bucket}")

    def full_name(self, path: str) -> str:
        """The object's key."""
        return path

    def etag(self, path: str) -> str:
        """The store's."""
        return self._stat(path)[0]

    def read(self, path: str) -> Found:
        """The object, whole."""
        etag, modified = self._stat(path)
        return Found(self._store.get(self._bucket, path), etag, modified)

    def _stat(self, path: str) -> tuple[str, datetime]:
        missing = f"Unable to find {path.rsplit('/', 1)[-1]} in S3 Bucket: {self._bucket}"
        if path.startswith("/"):
            raise ReportNotFoundError(missing)
        try:
            return self._store.stat(self._bucket, path)
        except (MinioException, HTTPError) as error:
            raise ReportNotFoundError(missing) from error


def store_of(provider: CloudProvider, store: ObjectStore) -> ReportStore:
    """Where a source's reports lie."""
    return LocalDirectory(provider.bucket) if provider.type == "AWS-local" else Bucket(store, provider.bucket)
