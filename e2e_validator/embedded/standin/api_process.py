"""The API process: Koku's public API on one port, masu on another."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import socket
from collections.abc import Callable

import redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool, open_pool
from e2e_validator.embedded.standin.doors import Door
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.masu.app import build_masu
from e2e_validator.embedded.standin.queues import open_valkey

API_PREFIX = "/api/cost-management/v1"
KOKU_APP = "e2e_validator.embedded.standin.koku.app"
BuildApp = Callable[[StandinConfig, Clock, Pool, redis.Redis], Starlette]
Furnish = Callable[[list[Door], redis.Redis], list[Door]]


def _status_only(_config: StandinConfig, _clock: Clock, _pool: Pool, _valkey: redis.Redis) -> Starlette:
    async def status(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "OK"})

    return Starlette(routes=[Route(f"{API_PREFIX}/status/", status)])


def load_build_app() -> BuildApp:
    """The public API's ``build_app``; ``status/`` alone where the module is absent."""
    if importlib.util.find_spec(KOKU_APP) is None:
        return _status_only
    build: BuildApp = importlib.import_module(KOKU_APP).build_app
    return build


def serve(
    config: StandinConfig,
    clock: Clock,
    koku: socket.socket,
    masu: socket.socket,
    build_app: BuildApp,
    furnish: Furnish = lambda doors, _valkey: doors,
) -> None:
    """Answer on both sockets for ever; ``furnish`` may change what is behind them and add doors of its own."""
    pool = open_pool(config)
    valkey = open_valkey(config.valkey_url)
    doors = [
        Door("koku", build_app(config, clock, pool, valkey), koku),
        Door("masu", build_masu(config, clock, pool, valkey), masu),
    ]
    log("API process serves", level=logging.INFO, koku_port=config.koku_port, masu_port=config.masu_port)
    asyncio.run(_serve_all(furnish(doors, valkey)))


async def _serve_all(doors: list[Door]) -> None:
    await asyncio.gather(*(door.serve() for door in doors))
