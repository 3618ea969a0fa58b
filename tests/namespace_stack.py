"""The servers of a session's embedded stack, as they stand behind the pods of a picture."""

from __future__ import annotations

from urllib.parse import urlsplit

from cluster.backends import Backends, Host
from psycopg.conninfo import conninfo_to_dict

from e2e_validator.deployment import Target


def backends_of(target: Target) -> Backends:
    """Addresses and credentials of a target that is reached directly."""
    database = conninfo_to_dict(target.dsn)
    return Backends(
        database=(str(database["host"]), int(database["port"] or 5432)),
        database_name=str(database["dbname"]),
        database_user=str(database["user"]),
        database_password=str(database["password"]),
        koku=_host(target.koku_url),
        masu=_host(target.masu_url),
        object_store=_host(target.s3_url),
        s3_access_key=target.s3_access_key,
        s3_secret_key=target.s3_secret_key,
        buckets=target.buckets,
        trino=_host(target.trino_url) if target.trino_url else None,
    )


def _host(url: str) -> Host:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port
