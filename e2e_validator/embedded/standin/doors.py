"""A port that can be closed for a while and opened again, as a service that goes down and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """A server among others in this process: signals are the supervisor's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Door:
    """An application behind a listening socket, which stays the same however often the door closes."""

    def __init__(self, name: str, app: ASGIApp, sock: socket.socket) -> None:
        self.name = name
        self.app = app
        self._sock = sock
        self._open = threading.Event()
        self._open.set()
        self._closed = threading.Event()
        self._server: _Server | None = None

    async def serve(self) -> None:
        """Answer for ever, but for the times in which the door is closed."""
        while True:
            if self._open.is_set():
                self._closed.clear()
                await self._serve_until_closed()
                # The supervisor and its other children hold the socket too: only this makes it refuse.
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
                self._closed.set()
            await asyncio.sleep(0.02)

    async def _serve_until_closed(self) -> None:
        settings = uvicorn.Config(
            self.app, log_config=None, access_log=False, lifespan="off", loop="asyncio", http="h11"
        )
        self._server = _Server(settings)
        await self._server.serve(sockets=[self._sock.dup()])

    def close(self, within_s: float = 5) -> None:
        """Refuse connections from now on, and end those there are; from another thread.

        Raises:
            TimeoutError: it is still open.
        """
        self._open.clear()
        if self._server is not None:
            self._server.force_exit = True
            self._server.should_exit = True
        if not self._closed.wait(within_s):
            raise TimeoutError(f"the door {self.name} does not close")

    def open(self) -> None:
        """Let connections in again."""
        self._open.set()
