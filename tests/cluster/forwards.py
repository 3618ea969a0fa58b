"""Port-forward: ``v4.channel.k8s.io`` frames of a websocket to and from a real TCP port of this machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
Host = tuple[str, int]
PROTOCOL = "v4.channel.k8s.io"
_PIECE = 65536


@dataclass(frozen=True, slots=True)
class ForwardRule:
    """Where a port of some pods really is."""

    namespace: str
    port: int
    to: Host
    labels: Mapping[str, str] = field(default_factory=dict)
    pod: str = ""
    """A pod's name; empty: any pod with the labels."""

    def fits(self, pod: Json, port: int) -> bool:
        """Whether the rule is about this port of this pod."""
        metadata = pod["metadata"]
        labels = metadata.get("labels") or {}
        return (
            port == self.port
            and metadata["namespace"] == self.namespace
            and self.pod in {"", metadata["name"]}
            and all(labels.get(key) == value for key, value in self.labels.items())
        )


class Forwards:
    """Which port of which pod is which port of this machine; later rules win. What no rule names refuses."""

    def __init__(self) -> None:
        self._rules: list[ForwardRule] = []
        self._lock = threading.Lock()
        self.opened = 0
        """How many port-forwards were opened so far."""

    def add(self, *rules: ForwardRule) -> None:
        """Add rules."""
        with self._lock:
            self._rules += rules

    def to(self, pod: Json, port: int) -> Host | None:
        """Where a connection to ``port`` of ``pod`` goes."""
        with self._lock:
            return next((rule.to for rule in reversed(self._rules) if rule.fits(pod, port)), None)


async def serve_forward(websocket: web.WebSocketResponse, pod: Json, ports: list[int], forwards: Forwards) -> None:
    """Serve one websocket until either side ends.

    Port ``i`` of ``ports`` has channel ``2i`` for its bytes and ``2i+1`` for a text that tells why it failed; each
    channel begins with the port's number, two bytes, little-endian.
    """
    for index, port in enumerate(ports):
        for channel in (2 * index, 2 * index + 1):
            await websocket.send_bytes(bytes([channel]) + port.to_bytes(2, "little"))
    writers: dict[int, asyncio.StreamWriter] = {}
    pumps: list[asyncio.Task[None]] = []
    try:
        for index, port in enumerate(ports):
            host = forwards.to(pod, port)
            try:
                if host is None:
                    raise ConnectionRefusedError
                reader, writer = await asyncio.open_connection(*host)
            except OSError:
                await websocket.send_bytes(bytes([2 * index + 1]) + _refused(pod, port).encode())
                continue
            writers[2 * index] = writer
            pumps.append(asyncio.create_task(_pump(reader, websocket, 2 * index)))
        receiver = asyncio.create_task(_receive(websocket, writers))
        # The API server ends the websocket when the last of its connections ended.
        ended = asyncio.create_task(_all(pumps))
        try:
            await asyncio.wait([receiver, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            receiver.cancel()
            ended.cancel()
            await asyncio.gather(receiver, ended, return_exceptions=True)
    finally:
        # Before anything is awaited: whoever is cancelled once may be cancelled again while it waits.
        for writer in writers.values():
            writer.close()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    await websocket.close()


async def _all(pumps: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*pumps, return_exceptions=True)


async def _receive(websocket: web.WebSocketResponse, writers: Mapping[int, asyncio.StreamWriter]) -> None:
    async for message in websocket:
        if message.type is not WSMsgType.BINARY or not message.data:
            continue
        writer = writers.get(message.data[0])
        if writer is not None:
            writer.write(message.data[1:])
            await writer.drain()


async def _pump(reader: asyncio.StreamReader, websocket: web.WebSocketResponse, channel: int) -> None:
    prefix = bytes([channel])
    while piece := await reader.read(_PIECE):
        await websocket.send_bytes(prefix + piece)


def _refused(pod: Json, port: int) -> str:
    return (
        f"error forwarding port {port} to pod {pod['metadata']['name']}, uid : failed to execute portforward in "
        f'network namespace "/var/run/netns/tests": failed to connect to localhost:{port} inside namespace, '
        f"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused"
    )
