"""A local socket whose connections go on elsewhere: a cut costs one connection, and what is away is waited for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest

from e2e_validator.deployment.namespace import forward as module
from e2e_validator.deployment.namespace.forward import Forward
from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed
from e2e_validator.deployment.namespace.streams import SocketStream, Stream, StreamBrokenError


@dataclass
class Far:
    """The other end: each stream is one end of a socket pair, and ``serve`` has the other in a thread."""

    serve: Callable[[socket.socket], None]
    failures: list[Exception] = field(default_factory=list)
    stream: type[SocketStream] = SocketStream
    dialled: int = 0
    forgotten: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def __call__(self) -> Stream:
        self.dialled += 1
        if self.failures:
            raise self.failures.pop(0)
        near, far = socket.socketpair()
        thread = threading.Thread(target=self._serve, args=(far,))
        thread.start()
        self.threads.append(thread)
        return self.stream(near)

    def _serve(self, far: socket.socket) -> None:
        with far:
            self.serve(far)

    def forget(self) -> None:
        self.forgotten += 1


def echo(far: socket.socket) -> None:
    while data := far.recv(65536):
        far.sendall(data)


@contextmanager
def forwarding(far: Far, *, patience_seconds: float = 10.0) -> Iterator[Forward]:
    forward = Forward(far, name="test", patience_seconds=patience_seconds)
    try:
        yield forward
    finally:
        forward.close()
        for thread in far.threads:
            thread.join(5)
            assert not thread.is_alive()


@contextmanager
def client(forward: Forward) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", forward.port), 5)) as connection:
        yield connection


def exactly(connection: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (piece := connection.recv(size - len(found))):
        found += piece
    return bytes(found)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)


def test_bytes_go_both_ways_more_than_any_buffer_holds() -> None:
    data = bytes(range(256)) * 20_000  # 5 MB
    with forwarding(Far(echo)) as forward, client(forward) as connection:
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        assert exactly(connection, len(data)) == data
        sender.join()


def test_a_client_that_reads_late_does_not_stop_what_it_sends() -> None:
    data = bytes(range(256)) * 125_000  # 32 MB, more than all buffers on the way hold: the echo waits for its reader
    with forwarding(Far(echo)) as forward, client(forward) as connection:
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        sender.join(0.5)
        assert sender.is_alive()
        assert exactly(connection, len(data)) == data
        sender.join()


def test_what_a_client_sent_before_it_left_arrives_whole() -> None:
    data, found, left, ended = b"x" * 3_000_000, bytearray(), threading.Event(), threading.Event()

    def slow(far: socket.socket) -> None:
        left.wait(5)
        while piece := far.recv(65536):
            found.extend(piece)
        ended.set()

    with forwarding(Far(slow)) as forward:
        with client(forward) as connection:
            connection.sendall(data)
        left.set()
        assert ended.wait(5)
    assert len(found) == len(data)


def test_every_connection_has_a_stream_of_its_own() -> None:
    far = Far(echo)
    with forwarding(far) as forward, client(forward) as one, client(forward) as two:
        one.sendall(b"1")
        two.sendall(b"2")
        assert (two.recv(1), one.recv(1)) == (b"2", b"1")
    assert far.dialled == 2


def test_what_the_other_side_sent_before_it_ended_arrives_whole() -> None:
    data = b"x" * 3_000_000
    with forwarding(Far(lambda far: far.sendall(data))) as forward, client(forward) as connection:
        assert exactly(connection, len(data) + 1) == data


def test_a_cut_forward_costs_its_connections_alone() -> None:
    serving: Iterator[Callable[[socket.socket], None]] = iter([lambda far: far.shutdown(socket.SHUT_RDWR), echo])

    def serve(end: socket.socket) -> None:
        next(serving)(end)

    far = Far(serve)
    with forwarding(far) as forward:
        with client(forward) as connection:
            assert connection.recv(1) == b""
        with client(forward) as connection:
            connection.sendall(b"again")
            assert exactly(connection, 5) == b"again"


class Breaking(SocketStream):
    """A stream that breaks as soon as something comes."""

    def receive(self) -> bytes | None:
        super().receive()
        raise StreamBrokenError("cut")


def test_a_broken_stream_resets_its_client() -> None:
    far = Far(lambda end: end.sendall(b"half"), stream=Breaking)
    with forwarding(far) as forward, client(forward) as connection:
        with pytest.raises(ConnectionResetError):
            connection.recv(10)
        assert (far.forgotten, forward.tally.last_problem) == (1, "cut")


def test_a_cluster_that_is_away_is_waited_for() -> None:
    far = Far(echo, failures=[ClusterAway("away"), ClusterAway("away"), StreamBrokenError("cut")])
    with forwarding(far) as forward, client(forward) as connection:
        connection.sendall(b"patience")
        assert exactly(connection, 8) == b"patience"
    assert far.dialled == 4


def test_patience_ends() -> None:
    far = Far(echo, failures=[ClusterAway("away")] * 5)
    with forwarding(far, patience_seconds=0.0) as forward, client(forward) as connection:
        assert connection.recv(1) == b""
    assert far.dialled == 1


def test_what_is_not_allowed_is_not_tried_again() -> None:
    far = Far(echo, failures=[NotAllowed("no", 403)] * 5)
    with forwarding(far) as forward:
        with client(forward) as connection:
            assert connection.recv(1) == b""
        assert forward.tally.last_problem.startswith("no; grant the permission (e2e-validator manifests ")
    assert far.dialled == 1


def test_a_closed_forward_cuts_connections_and_stops_listening() -> None:
    with forwarding(Far(echo)) as forward, client(forward) as connection:
        connection.sendall(b"a")
        assert connection.recv(1) == b"a"
        forward.close()
        assert connection.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", forward.port), 5)
