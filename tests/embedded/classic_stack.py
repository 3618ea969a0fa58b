"""A classic embedded stack, used as the recordings of a real one were made: sources, polls, and what is left."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import requests
from minio import Minio
from patience import ANSWER_SECONDS
from psycopg.rows import dict_row

from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.slowness import expired

WAIT_S = 40
_SETTLED_LOOKS = 3
Row = dict[str, Any]


@dataclass
class ClassicStack:
    """The stack with a connection to its database; ``folder`` holds what its sources' directories hold."""

    stack: EmbeddedStack
    folder: Path
    conn: psycopg.Connection[Row] = field(init=False)
    store: Minio = field(init=False)

    def __post_init__(self) -> None:
        endpoints = self.stack.endpoints
        options = f"-c search_path={endpoints.schema},public -c timezone=UTC"
        self.conn = psycopg.connect(endpoints.dsn, autocommit=True, row_factory=dict_row, options=options)
        self.store = Minio(
            urlsplit(endpoints.s3_url).netloc,
            access_key=endpoints.s3_access_key,
            secret_key=endpoints.s3_secret_key,
            secure=False,
            region="us-east-1",
        )

    def rows(self, query: str, *values: Any) -> list[Row]:
        """All rows of a query."""
        return self.conn.execute(query.encode(), values).fetchall()

    def directory(self, name: str) -> Path:
        """Where the reports of a source of that name lie."""
        return self.folder / "buckets" / name

    def create_source(self, name: str, source_type: str = "AWS-local", bucket: str | None = None) -> str:
        """Make a source; its uuid."""
        self.directory(name).mkdir(parents=True, exist_ok=True)
        body = {
            "name": name,
            "source_type": source_type,
            "authentication": {"credentials": {"role_arn": f"arn:aws:iam::123456789012:role/{name}"}},
            "billing_source": {"data_source": {"bucket": bucket or str(self.directory(name))}},
        }
        answer = requests.post(f"{self.stack.endpoints.koku_url}sources/", json=body, timeout=ANSWER_SECONDS)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["uuid"])

    def delete_source(self, uuid: str) -> None:
        """Delete it, archive and all."""
        answer = requests.delete(f"{self.stack.endpoints.koku_url}sources/{uuid}/", timeout=ANSWER_SECONDS)
        assert answer.status_code == 204, answer.text
        self.settle()

    def put(self, name: str, folder: Path) -> None:
        """Lay a step's files into the source's directory."""
        shutil.copytree(folder, self.directory(name), dirs_exist_ok=True)

    def poll(self, uuid: str | None = None, **more: str) -> None:
        """``download/``, and wait until nothing is to be done any more."""
        parameters = {**({"provider_uuid": uuid} if uuid else {}), **more}
        self.masu("download/", **parameters)
        self.settle()

    def masu(self, path: str, **parameters: str) -> Any:
        """GET of masu."""
        answer = requests.get(f"{self.stack.endpoints.masu_url}{path}", params=parameters, timeout=ANSWER_SECONDS)
        assert answer.ok, answer.text
        return answer.json()

    def api(self, path: str, parameters: Row) -> tuple[int, Any]:
        """GET of the public API: status and body."""
        identity = {
            "identity": {
                "account_number": "10001",
                "org_id": "1234567",
                "type": "User",
                "user": {"username": "user_dev", "email": "user_dev@foo.com", "is_org_admin": True, "access": {}},
            },
            "entitlements": {"cost_management": {"is_entitled": True}},
        }
        header = base64.b64encode(json.dumps(identity).encode()).decode()
        answer = requests.get(
            f"{self.stack.endpoints.koku_url}{path}",
            params=parameters,
            headers={"x-rh-identity": header},
            timeout=ANSWER_SECONDS,
        )
        return answer.status_code, answer.json()

    def settle(self) -> None:
        """Wait until no task waits or runs."""
        began, quiet = time.monotonic(), 0
        while quiet < _SETTLED_LOOKS:
            waiting = sum(self.masu("celery_queue_lengths/").values())
            running = self.masu("running_celery_tasks/")["active_tasks"]
            quiet = 0 if waiting or running else quiet + 1
            assert not expired(WAIT_S, began), f"{waiting} tasks wait, {running} run"
            time.sleep(0.02)

    def objects(self, uuid: str) -> list[Row]:
        """What lies in the archive of a source, as the recordings tell it."""
        bucket = self.stack.endpoints.buckets["archive"]
        found = []
        for item in self.store.list_objects(bucket, prefix="data/", recursive=True):
            key = str(item.object_name)
            if f"source={uuid}/" not in key:
                continue
            content = self.store.get_object(bucket, key).read()
            metadata = self.store.stat_object(bucket, key).metadata or {}
            manifest = {name.lower(): value for name, value in metadata.items()}["x-amz-meta-manifestid"]
            shown: Row = {"key": key.replace(uuid, "<provider>"), "metadata": {"manifestid": str(manifest)}}
            found.append(shown | (_csv(content) if key.endswith(".csv") else _parquet(content)))
        return sorted(found, key=lambda item: str(item["key"]))


def _csv(content: bytes) -> Row:
    header, *rows = content.decode().splitlines()
    return {
        "size": len(content),
        "csv_rows": len(rows),
        "csv_columns": len(header.split(",")),
        "csv_header_sha": hashlib.sha1(header.encode(), usedforsecurity=False).hexdigest()[:10],
    }


def _parquet(content: bytes) -> Row:
    table = pq.read_table(io.BytesIO(content))
    sums = {
        name: sum(value for value in table.column(name).to_pylist() if value is not None)
        for name in table.column_names
        if pa.types.is_floating(table.schema.field(name).type)
    }
    columns = [[name, str(table.schema.field(name).type)] for name in table.column_names]
    return {"rows": table.num_rows, "sums": sums, "columns": columns}


@contextmanager
def started(folder: Path, **more: Any) -> Iterator[ClassicStack]:
    """A stack on the day of the recordings."""
    with EmbeddedStack.start(today=date(2026, 11, 29), report_dir=folder, stack="classic", **more) as stack:
        found = ClassicStack(stack, folder)
        yield found
        found.conn.close()


@contextmanager
def passing_source(classic: ClassicStack, name: str, reports: Path) -> Iterator[str]:
    """The uuid of a source with these reports; it is gone afterwards, and so are the faults."""
    classic.put(name, reports)
    yield classic.create_source(name)
    classic.stack.faults.clear()
    uuid = classic.rows("SELECT source_uuid::text AS u FROM api_sources WHERE name = %s", name)[0]["u"]
    classic.delete_source(uuid)
    classic.conn.execute("TRUNCATE worker_cache_table")
