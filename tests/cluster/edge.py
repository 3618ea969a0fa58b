"""The router of the cluster: ends TLS on loopback and passes the bytes on, as for a Route with edge termination."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from patience import ANSWER_SECONDS

from cluster.certificate import Identity, make_identity

Host = tuple[str, int]
_PIECE = 65536
_SECONDS = ANSWER_SECONDS
_SHUTDOWN_SECONDS = 0.2


class Edge:
    """A running router with one way through; ``host`` is what a Route names, port included."""

    def __init__(self, to: Host, *, identity: Identity | None = None, name: str = "localhost") -> None:
        self._identity = identity or make_identity((name,))
        self._to = to
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="router", daemon=True)
        self._thread.start()
        self._server: asyncio.Server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_SECONDS)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.host = f"{name}:{self.port}"

    @property
    def ca(self) -> str:
        """The authority of its certificate, PEM."""
        return self._identity.ca.decode()

    def stop(self) -> None:
        """End it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(
            self._serve,
            "127.0.0.1",
            0,
            ssl=self._identity.context,
            ssl_shutdown_timeout=_SHUTDOWN_SECONDS,
        )

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sides = [writer]
        try:
            try:
                there, back = await asyncio.open_connection(*self._to)
            except OSError:
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                writer.close()
                sides.clear()
                return
            sides.append(back)
            await asyncio.gather(_pass(reader, back), _pass(there, writer))
        except OSError:
            pass  # either side may end at any time; the other learns it by the end of the connection
        finally:
            for side in sides:
                side.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    writer.close()
