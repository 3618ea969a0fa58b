"""masu's routes."""

from __future__ import annotations

import redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool

PREFIX = "/api/cost-management/v1"


def build_masu(config: StandinConfig, clock: Clock, pool: Pool, valkey: redis.Redis) -> Starlette:
    """The application."""

    async def status(_request: Request) -> JSONResponse:
        return JSONResponse({"alive": True})

    return Starlette(routes=[Route(f"{PREFIX}/status/", status)])
