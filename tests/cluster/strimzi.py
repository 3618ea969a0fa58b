"""Brokers that call themselves as Strimzi's do, by names that only pods resolve, in front of one real broker."""

from __future__ import annotations

import asyncio
import struct
import threading
import warnings
from collections import Counter
from types import TracebackType
from typing import Any, Self

from patience import ANSWER_SECONDS

from cluster.certificate import make_identity
from cluster.forwards import ForwardRule
from cluster.installed import KAFKA_CLUSTER, Installed

with warnings.catch_warnings():
    # It reads its own files in a way that Python 3.11 warns of.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.protocol.metadata import FindCoordinatorResponse, MetadataResponse

Host = tuple[str, int]
PODS = tuple(f"{KAFKA_CLUSTER}-kafka-{index}" for index in range(3))
PORT = 9092
_PRODUCE, _METADATA, _COORDINATOR = 0, 3, 10
_SECONDS = ANSWER_SECONDS


def bootstrap(namespace: str) -> str:
    """The service that every client asks first."""
    return f"{KAFKA_CLUSTER}-kafka-bootstrap.{namespace}.svc"


class StrimziBrokers:
    """Three brokers, each on a port of this machine; what they say of where brokers are is changed on the way.

    Each leads a third of the partitions, and one of them coordinates all groups: who cannot reach a broker by the name
    that it gives itself gets nowhere.
    """

    def __init__(self, to: Host, namespace: str, *, port: int = PORT, tls: bool = False) -> None:
        self.names = tuple(f"{pod}.{KAFKA_CLUSTER}-kafka-brokers.{namespace}.svc" for pod in PODS)
        self.identity = make_identity((*self.names, bootstrap(namespace)), loopback=False) if tls else None
        self._port = port
        self.produced: Counter[str] = Counter()
        """How many messages' requests each of them took."""
        self._to = to
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="brokers", daemon=True)
        self._thread.start()
        self._servers = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_SECONDS)
        self.hosts: list[Host] = [server.sockets[0].getsockname() for server in self._servers]

    def rules(self, installed: Installed) -> list[ForwardRule]:
        """Where the ports of the pods really are, pod by pod."""
        return [
            ForwardRule(installed.kafka_namespace, self._port, host, pod=pod)
            for pod, host in zip(PODS, self.hosts, strict=True)
        ]

    def stop(self) -> None:
        """End them."""
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

    async def _listen(self) -> list[asyncio.Server]:
        def serving(index: int) -> Any:
            return lambda reader, writer: self._serve(index, reader, writer)

        context = self.identity.context if self.identity else None
        return [await asyncio.start_server(serving(index), "127.0.0.1", 0, ssl=context) for index in range(len(PODS))]

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, index: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sides = [writer]
        try:
            there, back = await asyncio.open_connection(*self._to)
            sides.append(back)
            asked: dict[int, tuple[int, int]] = {}
            await asyncio.gather(self._questions(index, reader, back, asked), self._answers(there, writer, asked))
        except (OSError, asyncio.IncompleteReadError):
            pass  # either side may end at any time; the other learns it by the end of the connection
        finally:
            for side in sides:
                side.transport.abort()

    async def _questions(
        self, index: int, reader: asyncio.StreamReader, back: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]
    ) -> None:
        while True:
            frame = await _frame(reader)
            key, version, correlation = struct.unpack_from(">hhi", frame)
            asked[correlation] = (key, version)
            self.produced[PODS[index]] += key == _PRODUCE
            await _send(back, frame)

    async def _answers(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]
    ) -> None:
        while True:
            frame = await _frame(there)
            key, version = asked.pop(struct.unpack_from(">i", frame)[0])
            if key == _METADATA:
                frame = self._metadata(frame, version)
            elif key == _COORDINATOR:
                frame = self._coordinator(frame, version)
            await _send(writer, frame)

    def _metadata(self, frame: bytes, version: int) -> bytes:
        head, answer = _opened(MetadataResponse, frame, version, flexible_since=9)
        (real,) = answer.brokers
        answer.brokers = [
            type(real)(version=version, node_id=node, host=name, port=self._port, rack=real.rack)
            for node, name in enumerate(self.names)
        ]
        answer.controller_id = 0
        for topic in answer.topics:
            for partition in topic.partitions:
                partition.leader_id = partition.partition_index % len(PODS)
                partition.replica_nodes = partition.isr_nodes = list(range(len(PODS)))
        return head + bytes(answer.encode(version=version))

    def _coordinator(self, frame: bytes, version: int) -> bytes:
        head, answer = _opened(FindCoordinatorResponse, frame, version, flexible_since=3)
        for found in answer.coordinators if version >= 4 else [answer]:
            found.node_id, found.host, found.port = 2, self.names[2], self._port
        return head + bytes(answer.encode(version=version))


def _opened(kind: Any, frame: bytes, version: int, *, flexible_since: int) -> tuple[bytes, Any]:
    """The header of an answer, as it is, and what it says."""
    size = 4 + (version >= flexible_since)
    answer = kind.decode(frame[size:], version=version)
    # What was decoded without a header cannot be encoded without saying so.
    answer._header = None
    return frame[:size], answer


async def _frame(reader: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


async def _send(writer: asyncio.StreamWriter, frame: bytes) -> None:
    writer.write(struct.pack(">i", len(frame)) + frame)
    await writer.drain()
