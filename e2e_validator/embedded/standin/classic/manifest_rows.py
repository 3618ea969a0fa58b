"""The rows of a cloud's manifest and its files, beyond what all sources have (docs/contract/clouds.md 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.classic.cur_manifest import CurManifest
from e2e_validator.embedded.standin.classic.provider import CloudProvider
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.manifests import Status


def record_manifest(conn: Connection, clock: Clock, provider: CloudProvider, manifest: CurManifest) -> int:
    """The row's id: an assembly that is known keeps its row, whatever its files hold now."""
    with conn.transaction():
        found = conn.execute(
            "SELECT id FROM reporting_common_costusagereportmanifest WHERE provider_id = %s AND assembly_id = %s",
            [provider.uuid, manifest.assembly_id],
        ).fetchone()
        if found is None:
            found = conn.execute(
                "INSERT INTO reporting_common_costusagereportmanifest (assembly_id, billing_period_start_datetime,"
                " num_total_files, provider_id, s3_csv_cleared, s3_parquet_cleared, operator_errors, report_tracker,"
                " operator_daily_reports, s3_parquet_cleared_tracker, creation_datetime, export_datetime, state)"
                " VALUES (%(assembly)s, %(start)s, %(files)s, %(provider)s, false, false, %(empty)s, %(empty)s, false,"
                " %(empty)s, %(now)s, %(export)s, %(empty)s) RETURNING id",
                {
                    "assembly": manifest.assembly_id,
                    "start": manifest.billing_start,
                    "files": len(manifest.files),
                    "provider": provider.uuid,
                    "empty": Jsonb({}),
                    "now": clock.now(),
                    "export": manifest.modified,
                },
            ).fetchone()
    assert found is not None
    return int(found["id"])


def start_date(conn: Connection, manifest_id: int) -> date | None:
    """The first day that is read of the manifest's files, once it is known."""
    row = conn.execute(
        "SELECT daily_archive_start_date AS day FROM reporting_common_costusagereportmanifest WHERE id = %s",
        [manifest_id],
    ).fetchone()
    return row["day"].date() if row and row["day"] else None


def set_start_date(conn: Connection, manifest_id: int, day: date) -> None:
    """Write that day down."""
    conn.execute(
        "UPDATE reporting_common_costusagereportmanifest SET daily_archive_start_date = %s WHERE id = %s",
        [datetime(day.year, day.month, day.day, tzinfo=UTC), manifest_id],
    )


def mark_parquet_cleared(conn: Connection, manifest_id: int) -> bool:
    """Say that old parquet is gone; whether it had not been said before."""
    row = conn.execute(
        "UPDATE reporting_common_costusagereportmanifest SET s3_parquet_cleared = true"
        " WHERE id = %s AND NOT coalesce(s3_parquet_cleared, false) RETURNING id",
        [manifest_id],
    ).fetchone()
    return row is not None


class DownloadRow:
    """The status row of one file while it is fetched."""

    def __init__(self, conn: Connection, manifest_id: int, name: str) -> None:
        self._conn = conn
        self._where = [manifest_id, name]

    def _set(self, assignment: str, value: object) -> None:
        self._conn.execute(
            f"UPDATE reporting_common_costusagereportstatus SET {assignment} WHERE manifest_id = %s"
            " AND report_name = %s",
            [value, *self._where],
        )

    def started(self, task_id: str) -> None:
        """The task has it."""
        self._set("celery_task_id = %s", UUID(task_id))

    def etag(self) -> str | None:
        """Of the file when it was fetched last."""
        row = self._conn.execute(
            "SELECT etag FROM reporting_common_costusagereportstatus WHERE manifest_id = %s AND report_name = %s",
            self._where,
        ).fetchone()
        return row["etag"] if row else None

    def fetched(self, etag: str) -> None:
        """Split and archived."""
        self._set("etag = %s", etag)

    def failed(self) -> None:
        """Becomes 2, for it could not be fetched."""
        self._set(f"failed_status = {int(Status.DOWNLOADING)}, status = %s", int(Status.FAILED))
