"""The object store, through the minio client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from e2e_validator.access.http import Unreachable
from e2e_validator.deployment import Target
from e2e_validator.errors import first_line


class Objects:
    """Objects of the buckets that an ingest touches: ``ingress`` (payloads) and ``archive`` (daily CSVs).

    ``ros`` holds the files for resource optimisation; None where the target does not name it.
    """

    def __init__(self, target: Target) -> None:
        """Connect lazily; nothing is sent yet."""
        url = urlsplit(target.s3_url)
        self._url = target.s3_url
        self.ingress = target.buckets["ingress"]
        self.archive = target.buckets["archive"]
        self.ros = target.buckets.get("ros")
        # Two tries, not minio's five with back-off: the waiters own the patience.
        pool = urllib3.PoolManager(
            # As many as are read side by side: one that is thrown away is a handshake more.
            maxsize=8,
            timeout=urllib3.Timeout(connect=5, read=60),
            retries=urllib3.Retry(total=1),
        )
        self._client = Minio(
            url.netloc,
            access_key=target.s3_access_key,
            secret_key=target.s3_secret_key,
            secure=url.scheme == "https",
            region="us-east-1",
            http_client=pool,
        )

    def missing_buckets(self) -> list[str]:
        """The names of the buckets that do not exist."""
        with _reachable(self._url):
            return [name for name in (self.ingress, self.archive) if not self._client.bucket_exists(bucket_name=name)]

    def put(self, key: str, path: Path, bucket: str = "") -> None:
        """Upload a file, into the ingress bucket unless another is named."""
        with _reachable(self._url):
            self._client.fput_object(
                bucket_name=bucket or self.ingress,
                object_name=key,
                file_path=str(path),
                content_type="application/gzip",
            )

    def buckets(self, prefix: str) -> list[str]:
        """The names of the buckets that begin so."""
        with _reachable(self._url):
            return sorted(one.name for one in self._client.list_buckets() if one.name.startswith(prefix))

    def make_bucket(self, bucket: str) -> bool:
        """Make a bucket, whether or not it was there: then it is ours, too; True if it was not."""
        with _reachable(self._url):
            there = self._client.bucket_exists(bucket_name=bucket)
            if not there:
                self._client.make_bucket(bucket_name=bucket)
        return not there

    def remove_bucket(self, bucket: str) -> None:
        """Remove a bucket and what is in it; one that is gone already is fine."""
        with _reachable(self._url):
            if not self._client.bucket_exists(bucket_name=bucket):
                return
            for entry in self._client.list_objects(bucket_name=bucket, recursive=True):
                self._client.remove_object(bucket_name=bucket, object_name=str(entry.object_name))
            self._client.remove_bucket(bucket_name=bucket)

    def read(self, bucket: str, key: str) -> bytes:
        """The whole object."""
        return self.read_with_manifest_id(bucket, key)[0]

    def read_with_manifest_id(self, bucket: str, key: str) -> tuple[bytes, str | None]:
        """The whole object and its ``manifestid`` metadata, which archived CSVs have (docs/contract/koku.md 3.6)."""
        with _reachable(self._url):
            response = self._client.get_object(bucket_name=bucket, object_name=key)
            try:
                return response.read(), response.headers.get("x-amz-meta-manifestid")
            finally:
                response.close()
                response.release_conn()

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Every key below ``prefix``."""
        with _reachable(self._url):
            for entry in self._client.list_objects(bucket_name=bucket, prefix=prefix, recursive=True):
                yield str(entry.object_name)

    def sizes(self, bucket: str, prefix: str) -> dict[str, int]:
        """Every key below ``prefix`` with its object's bytes."""
        with _reachable(self._url):
            found = self._client.list_objects(bucket_name=bucket, prefix=prefix, recursive=True)
            return {str(one.object_name): one.size or 0 for one in found}

    def end(self, bucket: str, key: str, size: int, length: int) -> bytes:
        """The last ``length`` bytes of an object that has ``size`` of them."""
        with _reachable(self._url):
            response = self._client.get_object(
                bucket_name=bucket, object_name=key, offset=max(0, size - length), length=min(size, length)
            )
            try:
                return response.read()
            finally:
                response.close()
                response.release_conn()

    def entries(self, bucket: str, prefix: str, *, most: int) -> list[dict[str, object]]:
        """The first ``most`` objects below ``prefix``: ``key``, ``bytes`` and ``modified`` (ISO 8601)."""
        with _reachable(self._url):
            found = self._client.list_objects(bucket_name=bucket, prefix=prefix, recursive=True)
            return [
                {
                    "key": str(one.object_name),
                    "bytes": one.size,
                    "modified": one.last_modified.isoformat() if one.last_modified else None,
                }
                for one in islice(found, most)
            ]

    def exists(self, bucket: str, key: str) -> bool:
        """Whether the object is there."""
        try:
            with _reachable(self._url):
                self._client.stat_object(bucket_name=bucket, object_name=key)
        except S3Error as error:
            if error.code in {"NoSuchKey", "NoSuchObject", "NoSuchBucket"}:
                return False
            raise
        return True

    def remove(self, bucket: str, key: str) -> None:
        """Remove one object; one that is gone already is fine."""
        with _reachable(self._url):
            self._client.remove_object(bucket_name=bucket, object_name=key)


# The store is there and cannot now; it says nothing of the object.
_CANNOT_NOW = {"SlowDown", "ServiceUnavailable", "InternalError", "ErrTooManyRequest", "TooManyRequests"}


class _reachable:  # noqa: N801 - reads as a clause
    """Turns "the store does not answer" into Unreachable; answers of the store pass as they are."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        store = f"the object store at {self._url}"
        if isinstance(error, S3Error):
            if error.code in _CANNOT_NOW:
                raise Unreachable(f"{store} answered {error.code}") from error
            return
        if isinstance(error, MinioException | ET.ParseError):
            raise Unreachable(f"{store} gave no answer of S3: {first_line(error)[:300]}") from error
        if isinstance(error, urllib3.exceptions.HTTPError):
            raise Unreachable(f"{store} did not answer: {first_line(_innermost(error))[:300]}") from error


def _innermost(error: BaseException) -> BaseException:
    """The first cause: what urllib3 wraps around it repeats the address and the number of tries."""
    while (cause := error.__cause__ or error.__context__ or getattr(error, "reason", None)) is not None:
        if not isinstance(cause, BaseException):
            break
        error = cause
    return error
