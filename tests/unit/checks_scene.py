"""A picture of a deployment, what is said by the servers behind it, and what preflight's checks say of it all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from cluster.picture import Picture
from cluster.server import ApiServer
from minio.error import S3Error
from phase_context import context
from psycopg import sql

from e2e_validator import moments
from e2e_validator.access.cluster import Cluster
from e2e_validator.access.consumers import Brokered, Readers
from e2e_validator.access.http import Refused
from e2e_validator.access.objects_as_koku import RefusedAsKokuError
from e2e_validator.checks import kafka, koku_itself, organisation, registry
from e2e_validator.checks.registry import Result
from e2e_validator.deployment.cluster_address import ClusterAddress
from e2e_validator.deployment.transport import Auth, Kafka
from e2e_validator.engine.context import Context
from e2e_validator.providers.ocp.names import NAMES

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
"""What our clock shows, unless a test says another moment: the day must not turn between two looks at it."""
TODAY = NOW.date()
CONNECTIONS = {"most": 197, "used": 40, "of_database": -1, "used_of_database": 30}


class Servers:
    """What is behind the pods: healthy, until a test changes an attribute."""

    def __init__(self) -> None:
        self.now = NOW
        """What our clock shows."""
        self.extensions: list[dict[str, Any]] = []
        self.connections = dict(CONNECTIONS)
        self.retention: int | None = None
        self.currency: str | None = "USD"
        self.shows: str | None = "USD"
        """The currency of the API's reports."""
        self.refuses: str | None = None
        """What the object store does not let us do."""
        self.spoils = False
        """The object store gives back something else."""
        self.spoils_boto3 = False
        """The object store gives boto3 something else."""
        self.stored: dict[str, bytes] = {}
        self.buckets: set[str] = set()
        self.trino: Exception | None = None
        """What Trino cannot do."""
        self.masu_status: Callable[[], dict[str, Any]] = lambda: {
            "current_datetime": self.now.isoformat(),
            "config": {"masu_retain_num_months": 3},
        }
        self.api_says: tuple[date, date] | str | None = (TODAY - timedelta(days=90), TODAY + timedelta(days=1))
        self.offsets: dict[str, float | None] = {"api": 0.2, "database": 0.0}
        self.brokered: Brokered | Exception = Brokered(frozenset({kafka.ANNOUNCE}), Readers(2, 2, "Stable"))
        self.claims: dict[str, Any] = {"org_id": "1234567", "account_number": "10001"}

    # the database

    schema = "org1234567"

    def rows(self, statement: sql.Composed, _parameters: Any = ()) -> list[dict[str, Any]]:
        text = statement.as_string()
        if "pg_extension" in text:
            return self.extensions
        if "max_connections" in text:
            return [self.connections]
        return [{"currency": self.currency}]

    def value(self, statement: sql.Composed, _parameters: Any = ()) -> Any:
        return True if "to_regclass" in statement.as_string() else self.retention

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self.schema, name)

    # the object store

    ingress = "ocp-ingress"

    def put(self, key: str, path: Path, _bucket: str = "") -> None:
        self._refuse("write", key)
        self.stored[key] = path.read_bytes()

    def read(self, _bucket: str, key: str) -> bytes:
        self._refuse("read", key)
        return b"something else" if self.spoils else self.stored[key]

    def put_and_read(self, _bucket: str, key: str, content: bytes) -> bytes:
        if self.refuses == "boto3":
            raise RefusedAsKokuError("PutObject: XAmzContentSHA256Mismatch no")
        self.stored[key] = content
        return b"" if self.spoils_boto3 else content

    def remove(self, _bucket: str, key: str) -> None:
        self.stored.pop(key, None)

    def make_bucket(self, bucket: str) -> bool:
        self._refuse("make", bucket)
        there = bucket in self.buckets
        self.buckets.add(bucket)
        return not there

    def remove_bucket(self, bucket: str) -> None:
        self.buckets.remove(bucket)
        self.stored.clear()

    def _refuse(self, what: str, key: str) -> None:
        if self.refuses == what:
            raise S3Error(cast("Any", None), "AccessDenied", "no", key, "request", "host")

    # masu and the API

    def status(self) -> dict[str, Any]:
        return self.masu_status()

    def report_currency(self, _report: str) -> str | None:
        return self.shows

    def report_days(self, _report: str) -> tuple[date, date] | None:
        if isinstance(self.api_says, str):
            raise Refused("the Koku API answered 400 to GET reports/openshift/costs/", 400, self.api_says)
        return self.api_says


class Scene:
    """A server with a picture; ``picture`` may be changed, and is as it was in the next scene."""

    def __init__(self, server: ApiServer, picture: Picture, folder: Path) -> None:
        self.server = server
        self.picture = picture
        self.folder = folder
        self.servers = Servers()
        self.user: dict[str, Any] = {}
        self._whole = copy.deepcopy(picture.objects)

    def over(self) -> None:
        """Put the picture back."""
        self.picture.objects = self._whole

    def patched(self, monkeypatch: Any) -> None:
        """What asks servers by itself asks ours."""
        servers = self.servers
        monkeypatch.setattr(moments, "utc_now", lambda: servers.now)

        def brokered(*_: Any) -> Brokered:
            if isinstance(servers.brokered, Exception):
                raise servers.brokered
            return servers.brokered

        token = SimpleNamespace(claims=lambda: servers.claims)
        monkeypatch.setattr(koku_itself, "http_offset", lambda *_: servers.offsets["api"])
        monkeypatch.setattr(koku_itself, "database_offset", lambda *_: servers.offsets["database"])
        monkeypatch.setattr(kafka, "brokered", brokered)
        monkeypatch.setattr(organisation, "tokens_for", lambda *_: SimpleNamespace(current=lambda: token))

    def context(self, **change: Any) -> Context:
        """A phase on the deployment; ``change`` is of the target, or of the phase for ``today`` and ``months``."""
        installed = self.picture.installed
        config = self.folder / "kubeconfig"
        self.server.write_kubeconfig(config, **self.user)
        address = ClusterAddress(namespace=installed.namespace, release=installed.release, kubeconfig=str(config))
        servers = self.servers
        clients = SimpleNamespace(
            names=NAMES,
            cluster=None if "cluster" in change else Cluster(address),
            database=servers,
            objects=servers,
            objects_as_koku=servers,
            masu=servers,
            koku=servers,
        )
        of_phase: dict[str, Any] = {
            name: change.pop(name) for name in ("today", "began_on", "months", "rejected") if name in change
        }
        target = {"kind": "namespace", "cluster": address, "kafka": Kafka(bootstrap="kafka:9092"), "auth": AUTH}
        days: dict[str, Any] = {"today": TODAY, "began_on": TODAY, "months": (f"{TODAY:%Y-%m}",)}
        return context(
            self.folder, "preflight", target=target | change, clients=cast("Any", clients), **days | of_phase
        )

    def look(self, **change: Any) -> list[Result]:
        """What the checks say of everything as it is now."""
        self.picture.load(self.server)
        (self.folder / registry.SEEN).unlink(missing_ok=True)
        return registry.results(self.context(**change))

    def told(self, check: str, **change: Any) -> list[str]:
        """What one check says, with its severity in front."""
        found = next(result for result in self.look(**change) if result.name == check)
        return [f"{told.severity.value}: {told}" for told in found.issues]

    def set_variable(self, workload: str, name: str, value: str) -> None:
        """Give a workload's containers a variable."""
        for container in self.picture.controller(workload)["spec"]["template"]["spec"]["containers"]:
            kept = [entry for entry in container.get("env", []) if entry["name"] != name]
            container["env"] = [*kept, {"name": name, "value": value}]


AUTH = Auth(token_url="https://keycloak/token", client_id="cost-management-operator", client_secret="-")
