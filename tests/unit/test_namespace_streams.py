"""Frames of a stream: whole and in order, whatever the API server asks in between."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Any, cast

import websocket

from e2e_validator.deployment.namespace.streams import PortStream

_ABNF = websocket.ABNF


def over(connection: socket.socket) -> websocket.WebSocket:
    client = websocket.WebSocket()
    client.sock, client.connected = connection, True
    return client


def frame(payload: bytes, opcode: int) -> bytes:
    raw: bytes = _ABNF(1, 0, 0, 0, opcode, 0, payload).format()
    return raw


def test_a_ping_is_answered_between_two_frames_never_inside_one() -> None:
    near, far = socket.socketpair()
    with closing(near), closing(far):
        stream, server = PortStream(over(near)), cast(Any, over(far))
        data = b"x" * 4_000_000
        stream.put(data)
        stream.flush()
        assert 0 < stream.unsent() < len(data), "the frame is sent in part"
        far.sendall(frame(b"still there?", _ABNF.OPCODE_PING))
        assert stream.receive() is None

        found: list[tuple[int, bytes]] = []
        far.settimeout(5)
        while len(found) < 2:
            stream.flush()
            far.setblocking(False)
            try:
                received = server.recv_frame()
            except (BlockingIOError, websocket.WebSocketException):
                continue
            found.append((received.opcode, received.data))
    assert found == [(_ABNF.OPCODE_BINARY, b"\0" + data), (_ABNF.OPCODE_PONG, b"still there?")]


def test_a_goodbye_of_the_other_side_ends_the_stream() -> None:
    near, far = socket.socketpair()
    with closing(near), closing(far):
        stream = PortStream(over(near))
        far.sendall(frame(b"\x03\xe8", _ABNF.OPCODE_CLOSE))
        assert stream.receive() == b""
        assert stream.unsent() == 0
