"""How a view is called: identity, body, page cache, and errors turned into answers."""

from __future__ import annotations

import datetime as dt
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from e2e_validator.embedded.standin.koku.identity import HEADER, Identity, NotAdmitted, identify
from e2e_validator.embedded.standin.koku.page_cache import Family, PageCache
from e2e_validator.embedded.standin.koku.refusal import Refusal, error_list
from e2e_validator.embedded.standin.logs import log

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.koku.services import Services

_FORBIDDEN = "<!doctype html><html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"
_FAULT = "<!doctype html><html><head><title>Server Error</title></head><body><h1>Server Error (500)</h1></body></html>"


def _plain(value: Any) -> Any:
    """What JSON lacks: figures become floats, dates ISO texts with ``Z`` for UTC."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def to_json(value: Any) -> str:
    """The body of an answer."""
    return json.dumps(value, default=_plain)


@dataclass(frozen=True, slots=True)
class Call:
    """One request inside the API."""

    request: Request
    identity: Identity
    body: bytes
    services: Services

    @property
    def has_tenant(self) -> bool:
        """Whether the caller's organisation has a tenant: the stand-in's own, and no other."""
        return self.identity.schema == self.services.config.schema

    def json(self) -> Any:
        """The body of a writing request; nothing is ``{}``.

        Raises:
            Refusal: 400 when it is no JSON.
        """
        try:
            return json.loads(self.body or b"{}")
        except ValueError as error:
            raise error_list(400, "detail", f"JSON parse error - {error}") from error

    def json_object(self) -> dict[str, Any]:
        """The body of a writing request.

        Raises:
            Refusal: 400 when it is no JSON object.
        """
        found = self.json()
        if not isinstance(found, dict):
            text = f"Invalid data. Expected a dictionary, but got {type(found).__name__}."
            raise error_list(400, "non_field_errors", text)
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """A view's answer; ``body`` None means none (204)."""

    body: Any
    status: int = 200


View = Callable[[Call], Reply]


def _respond(call: Call, view: View, cache: Family | None) -> Response:
    """Run a view, or take its page from the cache; in a worker thread."""
    pages = call.services.pages
    url = str(call.request.url)
    key = PageCache.key(cache, call.identity, url) if cache and call.request.method == "GET" else None
    if key and (kept := pages.get(key)) is not None:
        return Response(kept, media_type="application/json")
    token = pages.begin(call.identity) if key else None
    reply = view(call)
    if reply.body is None:
        return Response(status_code=reply.status)
    text = to_json(reply.body)
    if key and reply.status == 200:
        pages.put(token, key, text)
    return Response(text, status_code=reply.status, media_type="application/json")


def endpoint(services: Services, view: View, cache: Family | None = None) -> Callable[[Request], Any]:
    """A Starlette endpoint for a view that needs an identity; its page is cached in ``cache``."""

    async def handle(request: Request) -> Response:
        try:
            identity = identify(request.headers.get(HEADER), services.config)
        except NotAdmitted as refused:
            log("request refused", level=logging.WARNING, reason=str(refused), path=request.url.path)
            return HTMLResponse(_FORBIDDEN, status_code=refused.status)
        call = Call(request, identity, await request.body(), services)
        try:
            return await run_in_threadpool(_respond, call, view, cache)
        except Refusal as refused:
            return JSONResponse(refused.body, status_code=refused.status)

    return handle


async def server_error(request: Request, error: Exception) -> Response:
    """The last resort: the error goes to the log, the caller sees Koku's 500 page."""
    log("request failed", level=logging.ERROR, path=request.url.path, error=error)
    return HTMLResponse(_FAULT, status_code=500)


async def missing_page(_request: Request, _error: Exception) -> Response:
    """404 for a path that on-prem Koku does not have."""
    return HTMLResponse("<!doctype html><html><head><title>Not Found</title></head></html>", status_code=404)
