"""The object store as the stand-in sees it: the ingress bucket it reads, the archive it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException

from e2e_validator.embedded.standin.config import StandinConfig

_META = "x-amz-meta-"


class ObjectStore:
    """Reads and writes objects; made after a process forks, because its connections must not be shared."""

    def __init__(self, config: StandinConfig, *, retries: int = 3) -> None:
        self._config = config
        self._retries = retries
        self._client = self._connect(config.s3_secret_key)

    def _connect(self, secret_key: str) -> Minio:
        parts = urlsplit(self._config.s3_url)
        pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=60), retries=urllib3.Retry(self._retries))
        return Minio(
            parts.netloc,
            access_key=self._config.s3_access_key,
            secret_key=secret_key,
            secure=parts.scheme == "https",
            region="us-east-1",
            http_client=pool,
        )

    def sign_with(self, secret_key: str) -> Callable[[], None]:
        """Go on with another secret key; call what is returned to have the old one back."""
        before, self._client = self._client, self._connect(secret_key)

        def back() -> None:
            self._client = before

        return back

    def bucket_exists(self, bucket: str) -> bool:
        """Whether there is such a bucket; one whose name cannot be is not there."""
        try:
            return bool(self._client.bucket_exists(bucket))
        except (MinioException, ValueError):
            return False

    def make_bucket(self, bucket: str) -> None:
        """Create the bucket unless it is there."""
        if not self._client.bucket_exists(bucket):
            self._client.make_bucket(bucket)

    def remove_bucket(self, bucket: str) -> None:
        """Delete the bucket and all that is in it."""
        self.remove(bucket, list(self.keys(bucket, "")))
        self._client.remove_bucket(bucket)

    def get(self, bucket: str, key: str) -> bytes:
        """The object's whole content.

        Raises:
            minio.error.S3Error: there is no such object or bucket, or access is denied.
        """
        response = self._client.get_object(bucket, key)
        try:
            return bytes(response.read())
        finally:
            response.close()
            response.release_conn()

    def put(self, bucket: str, key: str, data: bytes, metadata: dict[str, str] | None = None) -> None:
        """Write one object with user metadata."""
        meta: dict[str, str | list[str] | tuple[str]] = {**(metadata or {})}
        self._client.put_object(bucket, key, BytesIO(data), len(data), metadata=meta)

    def stat(self, bucket: str, key: str) -> tuple[str, datetime]:
        """ETag and time of the last change.

        Raises:
            minio.error.S3Error: there is no such object or bucket, or access is denied.
        """
        found = self._client.stat_object(bucket, key)
        return (found.etag or "").strip('"'), found.last_modified or datetime.now(UTC)

    def metadata(self, bucket: str, key: str) -> dict[str, str]:
        """The user metadata of an object, names in lower case without prefix.

        Raises:
            minio.error.S3Error: there is no such object or bucket, or access is denied.
        """
        found = self._client.stat_object(bucket, key).metadata or {}
        marked = {name.lower(): str(value) for name, value in found.items()}
        return {name.removeprefix(_META): value for name, value in marked.items() if name.startswith(_META)}

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys below a prefix."""
        for found in self._client.list_objects(bucket, prefix=prefix, recursive=True):
            if found.object_name is not None:
                yield found.object_name

    def remove(self, bucket: str, keys: list[str]) -> None:
        """Remove these objects.

        Raises:
            RuntimeError: the server refused one of them.
        """
        for error in self._client.remove_objects(bucket, [DeleteObject(key) for key in keys]):
            raise RuntimeError(f"object {error.name} in {bucket} was not removed: {error.message}")
