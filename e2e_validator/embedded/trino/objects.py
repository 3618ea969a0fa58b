"""The parquet objects of a table: listed by partition, read as the declared columns."""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from e2e_validator.embedded.trino.failure import StatementError
from e2e_validator.embedded.trino.metastore import HiveTable
from e2e_validator.embedded.trino.settings import TrinoSettings

ARROW_TYPES: dict[str, pa.DataType] = {
    "varchar": pa.string(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms"),
}
_KEPT = 200
_PART = re.compile(r"([a-z_]+)=([^/]+)/")


class ParquetObjects:
    """Reads objects of the store; what was read is kept until the object is another one."""

    def __init__(self, settings: TrinoSettings) -> None:
        parts = urlsplit(settings.s3_url)
        pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=60), retries=urllib3.Retry(1))
        self._client = Minio(
            parts.netloc,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            secure=parts.scheme == "https",
            region="us-east-1",
            http_client=pool,
        )
        self._read: OrderedDict[tuple[str, str, str], pa.Table] = OrderedDict()

    def partitions(self, table: HiveTable) -> list[dict[str, str]]:
        """The partitions for which there is an object now."""
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for key, _ in self._list(table.bucket, table.prefix):
            values = dict(_PART.findall(key.removeprefix(table.prefix)))
            if list(values) == table.partitioned_by:
                found[tuple(values.values())] = values
        return list(found.values())

    def rows(self, table: HiveTable, partitions: Iterable[dict[str, str]]) -> pa.Table:
        """All rows of these partitions; a column that a file has not is NULL there.

        Raises:
            StatementError: The store cannot be reached, or an object cannot be read.
        """
        names = [*(name for name, _ in table.columns), *table.partitioned_by]
        schema = pa.schema(
            [(name, arrow_type(kind)) for name, kind in table.columns]
            + [(name, pa.string()) for name in table.partitioned_by]
        )
        pieces = []
        for partition in partitions:
            path = "".join(f"{name}={partition[name]}/" for name in table.partitioned_by)
            for key, etag in self._list(table.bucket, table.prefix + path):
                raw = self._table(table.bucket, key, etag)
                pieces.append(_as_declared(raw, schema, names, partition, f"s3a://{table.bucket}/{key}"))
        return pa.concat_tables(pieces) if pieces else schema.empty_table()

    def _list(self, bucket: str, prefix: str) -> list[tuple[str, str]]:
        try:
            found = self._client.list_objects(bucket, prefix=prefix, recursive=True)
            return sorted((one.object_name or "", one.etag or "") for one in found if one.size)
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StatementError(
                "HIVE_FILESYSTEM_ERROR", f"Failed to list directory: s3a://{bucket}/{prefix}: {error}"
            ) from error

    def _table(self, bucket: str, key: str, etag: str) -> pa.Table:
        place = (bucket, key, etag)
        if place in self._read:
            self._read.move_to_end(place)
            return self._read[place]
        try:
            response = self._client.get_object(bucket, key)
            try:
                data = response.read()
            finally:
                response.close()
                response.release_conn()
        except (S3Error, MinioException, urllib3.exceptions.HTTPError) as error:
            text = f"Error opening Hive split s3a://{bucket}/{key}: {error}"
            raise StatementError("HIVE_CANNOT_OPEN_SPLIT", text) from error
        try:
            found = pq.read_table(io.BytesIO(data))
        except (pa.ArrowException, OSError) as error:
            text = f"s3a://{bucket}/{key} is not a valid Parquet File ({error})"
            raise StatementError("HIVE_BAD_DATA", text) from error
        self._read[place] = found
        if len(self._read) > _KEPT:
            self._read.popitem(last=False)
        return found


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a declared one.

    Raises:
        StatementError: Hive has no such type here.
    """
    plain = re.sub(r"\(.*\)", "", kind.lower()).strip()
    if plain not in ARROW_TYPES:
        raise StatementError("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
    return ARROW_TYPES[plain]


def _as_declared(raw: pa.Table, schema: pa.Schema, names: list[str], partition: dict[str, str], place: str) -> pa.Table:
    columns = []
    for name in names:
        kind = schema.field(name).type
        if name in partition:
            columns.append(pa.array([partition[name]] * raw.num_rows, kind))
        elif name not in raw.column_names:
            columns.append(pa.nulls(raw.num_rows, kind))
        else:
            try:
                columns.append(raw.column(name).cast(kind))
            except pa.ArrowException as error:
                text = f"Unsupported Trino column type ({kind}) for Parquet column ({name}) in {place}: {error}"
                raise StatementError("HIVE_BAD_DATA", text) from error
    return pa.table(columns, schema=schema)
