"""A Trino that is not there, does not trust the object store, or whose Hive does not work.

The texts are those that operators of such deployments report.
"""

from __future__ import annotations

import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Happening, Release
from e2e_validator.embedded.faults.plant import Plant, keep_down
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.tasks.summarize import UPDATE_SUMMARY_TABLES

_PART = "trino"
_WITHIN_S = 15


def take_down(plant: Plant, _armed: Armed) -> Release:
    """Kill the server and keep it down until released; the keeper starts it again."""
    port = _port(plant)
    return keep_down(plant, _PART, signal.SIGKILL, lambda: _answers(port), _WITHIN_S)


def _port(plant: Plant) -> int:
    if plant.config.classic is None:
        raise ValueError("this stack has no Trino")
    return plant.config.classic.trino_port


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/info", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def ailing(name: str, content: Callable[[Plant], str]) -> Callable[[Plant, Armed], Release]:
    """A fault that lies around the server as long as it is armed."""

    def begin(plant: Plant, _armed: Armed) -> Release:
        _port(plant)
        path = plant.control.stack / "trino" / "ailments" / name
        path.write_text(content(plant))
        return lambda: path.unlink(missing_ok=True)

    return begin


def _wrong_password(plant: Plant) -> str:
    """How the metastore would reach its database with a password that was not put in its place."""
    parts = urlsplit(plant.config.dsn)
    return f"host={parts.hostname} port={parts.port} dbname=metastore user=metastore password=METASTORE_DB_PASSWORD"


def drop_schema(now: Happening) -> bool:
    """Drop the tenant's schema in Hive, with its tables."""
    from e2e_validator.embedded.standin.classic.hive import ask, cursor

    assert now.config.classic is not None
    with cursor(now.config.classic, now.config.schema) as found:
        ask(found, f"DROP SCHEMA IF EXISTS {now.config.schema} CASCADE")
    return False


def is_summary(_armed: Armed, facts: dict[str, Any]) -> bool:
    """Whether the summary of a month is being queued."""
    return bool(facts["task"].task == UPDATE_SUMMARY_TABLES)


def _around(name: str, does: str, *symptoms: str, **more: Any) -> Fault:
    contract = "docs/contract/clouds.md 1, 7"
    return Fault(name, does, contract, symptoms, scope="stack", classic_only=True, **more)


_FAILS = ("could not write parquet to temp file", "file 2 with failed_status 4, no bill")

FAULTS = (
    _around(
        "trino_down", "The Trino server is killed and kept down for `seconds`, or until the fault is cleared.",
        "Max retries exceeded with url: /v1/statement ... Connection refused", *_FAILS,
        begin=take_down, options={"seconds": None},
    ),
    _around(
        "trino_tls", "Trino does not trust the certificate of the object store when it makes a table.",
        "INVALID_TABLE_PROPERTY: External location is not a valid file system URI", *_FAILS,
        begin=ailing("s3_untrusted", lambda _plant: ""), options={"seconds": None},
    ),
    _around(
        "trino_schema_missing", "The tenant's schema is dropped in Hive before the summary.",
        "SCHEMA_NOT_FOUND: line 1:1: Schema '<schema>' does not exist", "state summary: failed",
        points=(Point.SENDING,), act=drop_schema, fits=is_summary,
    ),
    _around(
        "hive_without_s3", "Hive's metastore has no file system for the object store's scheme.",
        "HIVE_METASTORE_ERROR: Got exception: org.apache.hadoop.fs.UnsupportedFileSystemException No FileSystem for"
        ' scheme "s3a"',
        *_FAILS,
        begin=ailing("no_s3_file_system", lambda _plant: ""), options={"seconds": None},
    ),
    _around(
        "hive_password_wrong",
        "Hive's metastore is started with a password that its database refuses (the placeholder that was not replaced),"
        " and ends.",
        "HIVE_METASTORE_ERROR: Failed connecting to Hive metastore: [hive-metastore:9083]",
        'FATAL: password authentication failed for user "metastore"', *_FAILS,
        begin=ailing("metastore_database", _wrong_password), options={"seconds": None},
    ),
)  # fmt: skip
