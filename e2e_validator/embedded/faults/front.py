"""What stands before the API's ports, as a gateway does: lets requests through unless a fault answers them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import unquote_plus

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from e2e_validator.embedded.standin.checkpoints import Point, reached


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as faults look at it."""

    door: str
    method: str
    url: str
    """Path and query, decoded."""

    def names(self, text: str) -> bool:
        """Whether the request names a cluster or source."""
        return text in self.url


@dataclass(slots=True)
class Reply:
    """What a fault wants done to a request: wait, and perhaps answer in place of the application."""

    delay_s: float = 0.0
    response: Response | None = None


class Front:
    """The application behind it, and the checkpoint before it."""

    def __init__(self, door: str, app: ASGIApp) -> None:
        self._door = door
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the checkpoint, then the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        url = f"{scope['path']}?{unquote_plus(scope['query_string'].decode('latin-1'))}"
        reply = Reply()
        reached(Point.REQUEST, request=Asked(self._door, scope["method"], url), reply=reply)
        await asyncio.sleep(reply.delay_s)
        await (reply.response or self._app)(scope, receive, send)
