"""The HTTP side: ``POST /v1/statement``, ``nextUri`` and ``/v1/info``."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from e2e_validator.embedded.trino.running import Statements
from e2e_validator.embedded.trino.session import Session
from e2e_validator.embedded.trino.settings import TrinoSettings

VERSION = "476"


def build_app(settings: TrinoSettings) -> Starlette:
    """The application."""
    statements = Statements(settings)

    async def info(_request: Request) -> Response:
        return JSONResponse(
            {
                "nodeVersion": {"version": VERSION},
                "environment": "embedded",
                "coordinator": True,
                "starting": False,
                "uptime": "1.00m",
            }
        )

    async def take(request: Request) -> Response:
        user = request.headers.get("x-trino-user")
        if not user:
            return PlainTextResponse("User must be set", status_code=401)
        session = Session(user, request.headers.get("x-trino-catalog"), request.headers.get("x-trino-schema"))
        text = (await request.body()).decode()
        if not text.strip():
            return PlainTextResponse("SQL statement is empty", status_code=400)
        return JSONResponse(statements.take(session, text, _base(request)))

    async def page(request: Request) -> Response:
        key, number = request.path_params["key"], request.path_params["number"]
        found = await run_in_threadpool(statements.page, key, number, _base(request))
        return PlainTextResponse("Query not found", status_code=404) if found is None else JSONResponse(found)

    async def forget(request: Request) -> Response:
        statements.forget(request.path_params["key"])
        return Response(status_code=204)

    place = "/v1/statement/executing/{key}/{number:int}"
    return Starlette(
        routes=[
            Route("/v1/info", info),
            Route("/v1/statement", take, methods=["POST"]),
            Route(place, page),
            Route(place, forget, methods=["DELETE"]),
        ]
    )


def _base(request: Request) -> str:
    """Where the client reached us, which is where it asks for the next page: behind a port-forward, that."""
    return str(request.base_url).rstrip("/")
