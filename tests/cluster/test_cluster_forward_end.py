"""A port-forward closes its connection however it ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from cluster.forwards import ForwardRule, Forwards, serve_forward

POD: dict[str, Any] = {"metadata": {"namespace": "ns", "name": "database-0", "labels": {}}}
_TURNS = 20
"""Of the loop, after which a forward whose connection was accepted waits for bytes."""


class _Silent:
    """A websocket whose client says nothing."""

    async def send_bytes(self, piece: bytes) -> None:
        pass

    async def close(self) -> None:
        pass

    def __aiter__(self) -> _Silent:
        return self

    async def __anext__(self) -> SimpleNamespace:
        await asyncio.Event().wait()
        raise StopAsyncIteration


async def _cancelled(times: int) -> bool:
    """Whether the server behind a forward saw its end after the forward was cancelled so many times in a row."""
    arrived, ended = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()
        writer.close()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        forwards = Forwards()
        forwards.add(ForwardRule("ns", 5432, server.sockets[0].getsockname()))
        websocket: Any = _Silent()
        forward = asyncio.create_task(serve_forward(websocket, POD, [5432], forwards))
        await arrived.wait()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for _ in range(times):
            forward.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(forward, return_exceptions=True)
        try:
            await asyncio.wait_for(ended.wait(), 1)
        except TimeoutError:
            return False
        return True


@pytest.mark.parametrize("times", range(1, 9))
def test_the_connection_ends_with_its_forward_though_cancelled(times: int) -> None:
    assert asyncio.run(_cancelled(times))
