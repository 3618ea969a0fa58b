"""The real servers behind a picture: where its port-forwards end, and the credentials that its secrets hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

Host = tuple[str, int]


class _Endpoints(Protocol):
    """What an embedded stack tells of itself."""

    @property
    def further(self) -> dict[str, dict[str, Any]]: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Backends:
    """Addresses and credentials; what is ``None`` refuses connections."""

    database: Host | None = None
    database_name: str = ""
    """Empty: as the chart names it."""
    database_user: str = "koku_user"
    database_password: str = field(default="planted-database-password", repr=False)
    koku: Host | None = None
    masu: Host | None = None
    object_store: Host | None = None
    s3_access_key: str = field(default="planted-access-key", repr=False)
    s3_secret_key: str = field(default="planted-secret-key", repr=False)
    buckets: Mapping[str, str] = field(default_factory=lambda: {"ingress": "insights-upload-perma"})
    trino: Host | None = None
    cache: Host | None = None
    cache_password: str = field(default="", repr=False)
    kafka: Host | None = None
    gateway: Host | None = None
    """Envoy; Keycloak answers there too."""
    client_secret: str = field(default="planted-client-secret", repr=False)

    @classmethod
    def of(cls, endpoints: _Endpoints, *, cache_url: str = "") -> Backends:
        """The servers of an embedded stack; ``cache_url`` is Valkey's, which its endpoints leave out."""
        told = endpoints.as_json()
        database = conninfo_to_dict(told["dsn"])
        kafka = endpoints.further.get("kafka", {}).get("kafka")
        gateway = endpoints.further.get("gateway")
        cache = urlsplit(cache_url)
        return cls(
            database=(str(database["host"]), int(database["port"] or 5432)),
            database_name=str(database["dbname"]),
            database_user=str(database["user"]),
            database_password=str(database["password"]),
            koku=_host(told["koku_url"]),
            masu=_host(told["masu_url"]),
            object_store=_host(told["s3_url"]),
            s3_access_key=told["s3_access_key"],
            s3_secret_key=told["s3_secret_key"],
            buckets=told["buckets"],
            trino=_host(told["trino_url"]) if "trino_url" in told else None,
            cache=_host(cache_url) if cache_url else None,
            cache_password=cache.password or "",
            kafka=_host("kafka://" + kafka["bootstrap"]) if kafka else None,
            gateway=_host(gateway["gateway_url"]) if gateway else None,
            client_secret=gateway["auth"]["client_secret"] if gateway else "planted-client-secret",
        )


def _host(url: str) -> Host:
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"no host and port in {parts.scheme}://{parts.hostname}")
    return parts.hostname, parts.port
