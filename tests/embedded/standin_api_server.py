"""The public API of the stand-in served in this process, on a real PostgreSQL and a real Valkey."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
import requests
import uvicorn
from patience import ANSWER_SECONDS, came
from psycopg import sql

from e2e_validator.embedded.engines.postgres import postgres
from e2e_validator.embedded.engines.valkey import valkey
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool, connect, create_schema, open_pool
from e2e_validator.embedded.standin.koku.app import PREFIX, build_app
from e2e_validator.embedded.standin.queues import open_valkey

TODAY = dt.date(2026, 11, 21)


@dataclasses.dataclass(frozen=True)
class Api:
    """A served application and what is behind it."""

    url: str
    config: StandinConfig
    pool: Pool
    valkey: redis.Redis

    def get(self, path: str, params: dict[str, Any] | None = None, identity: str | None = None) -> requests.Response:
        return requests.get(self.url + path, params=params, headers={"x-rh-identity": identity}, timeout=ANSWER_SECONDS)

    def body(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.get(path, params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def insert(self, table: str, **values: Any) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        holes = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, holes)
        with self.pool.connection() as connection:
            connection.execute(statement, list(values.values()))


@contextlib.contextmanager
def served(config: StandinConfig, cache: redis.Redis) -> Iterator[Api]:
    pool = open_pool(config, max_size=3)
    app = build_app(config, Clock(TODAY), pool, cache)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", http="h11", loop="asyncio"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    assert came(lambda: server.started)
    yield Api(f"http://127.0.0.1:{listener.getsockname()[1]}{PREFIX}/", config, pool, cache)
    server.should_exit = True
    thread.join(10)
    listener.close()
    pool.close()


@contextlib.contextmanager
def api_server(log_dir: Path) -> Iterator[Api]:
    """Servers, an empty schema and the application, until the end of the block."""
    with EmbeddedStack.start(engines=(postgres, valkey)) as stack:
        site = stack._site
        config = StandinConfig(
            dsn=site.endpoints.dsn,
            s3_url="", s3_access_key="", s3_secret_key="", bucket_ingress="", bucket_archive="", bucket_ros="",
            valkey_url=f"redis://:{site.cache_password}@127.0.0.1:{site.ports.cache}/0",
            org_id="1234567", account="10001", schema="org1234567", koku_port=0, masu_port=0,
            today=TODAY, pace="fast", log_dir=log_dir, shift_seconds=0,
        )  # fmt: skip
        with connect(config) as connection:
            create_schema(connection, config, Clock(TODAY))
        with served(config, open_valkey(config.valkey_url)) as api:
            yield api
