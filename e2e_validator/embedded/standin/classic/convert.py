"""Day files become parquet, tables and a bill (docs/contract/clouds.md 4, 7)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import psycopg
import pyarrow as pa
from minio.error import MinioException
from trino.exceptions import Error as TrinoError
from urllib3.exceptions import HTTPError

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.classic import archive, hive
from e2e_validator.embedded.standin.classic.bills import create_bill
from e2e_validator.embedded.standin.classic.columns import CATEGORY, USER_TAG
from e2e_validator.embedded.standin.classic.enabled_keys import add_category_keys, add_tag_keys
from e2e_validator.embedded.standin.classic.keys import SourceKeys, table_prefixes
from e2e_validator.embedded.standin.classic.manifest_rows import mark_parquet_cleared
from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.parquet import daily_table, packed, raw_table
from e2e_validator.embedded.standin.classic.provider import CloudProvider
from e2e_validator.embedded.standin.classic.splitting import DayFile
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.pace import wait
from e2e_validator.embedded.standin.tasks.context import Work

_FAILURES = (psycopg.Error, TrinoError, MinioException, HTTPError, KeyError, AttributeError, ValueError, OSError)


class ConversionError(Exception):
    """A day could not be converted; those after it are left alone."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The days that were."""

    first: date
    last: date


def convert(
    work: Work, provider: CloudProvider, month: BillMonth, manifest_id: int, days: list[DayFile], *, create_table: bool
) -> Converted | None:
    """Convert the days one by one; None, and a success, where there is none.

    Raises:
        ConversionError: see there.
    """
    if not days:
        text = "no split files to convert to parquet"
        log(text, level=logging.WARNING, provider_uuid=provider.uuid)
        return None
    keys = SourceKeys.of(provider, month)
    # The download marks it of a delivery of which it removed the days; of any other the month is read again.
    if mark_parquet_cleared(work.conn, manifest_id):
        archive.remove_parquet(work.store, work.config.bucket_archive, keys, manifest_id)
        log("removed partitions and marked manifest s3_parquet_cleared", manifest_id=manifest_id)
    for file in days:
        _convert_day(work, provider, month, manifest_id, file, create_table=create_table)
        reached(Point.DAY_WRITTEN, source=provider.uuid, day=file.day)
    return Converted(days[0].day, days[-1].day)


def _convert_day(
    work: Work, provider: CloudProvider, month: BillMonth, manifest_id: int, file: DayFile, *, create_table: bool
) -> None:
    log("converting csv to parquet", file_name=f"{file.stem}.csv")
    wait(work.pace.written_file)
    keys = SourceKeys.of(provider, month)
    failure: Exception | None = None

    def attempt(step: Callable[[], None]) -> None:
        nonlocal failure
        try:
            step()
        except _FAILURES as error:
            log(
                "could not write parquet to temp file", level=logging.WARNING, error=error, exception=str(error),
                file_name=f"{file.stem}.csv", provider_uuid=provider.uuid,
            )  # fmt: skip
            failure = error

    def put(prefix: str, name: str, table: pa.Table) -> None:
        metadata = {archive.METADATA: str(manifest_id)}
        work.store.put(work.config.bucket_archive, f"{prefix}{name}.parquet", packed(table), metadata)

    made: list[pa.Table] = []

    def make() -> None:
        raw = raw_table(file.rows)
        made.extend((raw, daily_table(file.rows, raw)))

    attempt(make)
    if made:
        raw, daily = made
        table_names = table_prefixes(provider.schema, provider.plain_type)
        (raw_name, raw_prefix), (daily_name, daily_prefix) = table_names.items()

        def write_raw() -> None:
            put(keys.raw, f"{file.stem}_0", raw)
            if create_table:
                _make_known(work, provider, raw_name, raw_prefix, raw.schema)
                create_bill(work.conn, provider.uuid, month, raw.column("bill_payeraccountid")[0].as_py())
            _add_keys(work, provider, file.rows.column_names)

        def write_daily() -> None:
            put(keys.daily, f"{file.stem}_daily_0", daily)
            if create_table:
                _make_known(work, provider, daily_name, daily_prefix, daily.schema)

        attempt(write_raw)
        attempt(write_daily)
    if failure is not None:
        log("failed to convert files to parquet", level=logging.WARNING, failed_file=f"{file.stem}.csv")
        raise ConversionError("failed to convert files to parquet") from failure


def _make_known(work: Work, provider: CloudProvider, table: str, prefix: str, columns: pa.Schema) -> None:
    assert work.config.classic is not None
    hive.create_table(work.config, work.config.classic, table, prefix, columns)
    if not reached(Point.SYNCING, source=provider.uuid, table=table):
        hive.sync_partitions(work.config, work.config.classic, table)


def _add_keys(work: Work, provider: CloudProvider, columns: list[str]) -> None:
    tags = {name.removeprefix(USER_TAG) for name in columns if name.startswith(USER_TAG)}
    add_tag_keys(work.conn, provider.plain_type, tags)
    add_category_keys(work.conn, {name.removeprefix(CATEGORY) for name in columns if name.startswith(CATEGORY)})
