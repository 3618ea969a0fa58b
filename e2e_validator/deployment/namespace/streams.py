"""Streams of bytes to something in the cluster: a pod's port, a relay in a pod, either of them with TLS around it."""

from __future__ import annotations

import socket
import ssl
from typing import Any, Protocol

import websocket

PIECE = 1 << 16
_DATA, _ERROR = 0, 1
_STDIN, _STDOUT, _STDERR, _STATUS = 0, 1, 2, 3
# A frame that has begun must end within this; a peer that takes no bytes for so long is gone.
IO_SECONDS = 60.0


class StreamBrokenError(Exception):
    """The stream ended where it should not have; says why."""


class Stream(Protocol):
    """What a forward pumps from and to."""

    def fileno(self) -> int:
        """What ``select`` watches."""

    def pending(self) -> bool:
        """Whether bytes are there that ``select`` does not see."""

    def receive(self) -> bytes | None:
        """The next bytes: empty at the end, None when there were none after all; raises StreamBrokenError."""

    def put(self, data: bytes) -> None:
        """Take ``data`` to be sent; nothing is sent yet."""

    def unsent(self) -> int:
        """How many bytes wait to be sent."""

    def flush(self) -> int:
        """Send what the other side takes now, and say how many bytes; never waits; raises StreamBrokenError."""

    def close(self) -> None:
        """End it."""


class _Outgoing:
    """Bytes on their way into a socket from which reads may wait.

    A write that waited would keep its writer from reading, and the other side may be waiting for just that.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()

    def put(self, data: bytes) -> None:
        """Append ``data``."""
        self._bytes += data

    def unsent(self) -> int:
        """How many bytes are left."""
        return len(self._bytes)

    def flush_into(self, connection: socket.socket) -> int:
        """Send what ``connection`` takes without waiting; raises StreamBrokenError."""
        if not self._bytes:
            return 0
        timeout = connection.gettimeout()
        connection.settimeout(0)
        try:
            sent = connection.send(self._bytes)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return 0
        except OSError as error:
            raise StreamBrokenError(_reason(error)) from error
        finally:
            connection.settimeout(timeout)
        del self._bytes[:sent]
        return sent


class _Websocket:
    """What port-forward and exec have in common: frames that begin with the number of a channel."""

    def __init__(self, connection: Any, channel: int) -> None:
        """``connection`` is a ``websocket.WebSocket``."""
        self._connection = connection
        self._channel = bytes([channel])
        self._outgoing = _Outgoing()
        connection.settimeout(IO_SECONDS)
        # The client answers a ping as soon as it reads one: between two of our frames, never inside one.
        connection.pong = lambda payload=b"": self._put_frame(payload, websocket.ABNF.OPCODE_PONG)
        connection.send_close = lambda *_, **__: None

    def fileno(self) -> int:
        """The socket below."""
        return int(self._connection.sock.fileno())

    def pending(self) -> bool:
        """TLS reads whole records: the next frame may be here already."""
        below = self._connection.sock
        return isinstance(below, ssl.SSLSocket) and below.pending() > 0

    def put(self, data: bytes) -> None:
        """Take ``data`` as a frame of the outgoing channel."""
        self._put_frame(self._channel + data, websocket.ABNF.OPCODE_BINARY)

    def _put_frame(self, payload: bytes, opcode: int) -> None:
        self._outgoing.put(websocket.ABNF.create_frame(payload, opcode).format())

    def unsent(self) -> int:
        """How many bytes of frames wait."""
        return self._outgoing.unsent()

    def flush(self) -> int:
        """Send what the API server takes now."""
        return self._outgoing.flush_into(self._connection.sock)

    def close(self) -> None:
        """Close the socket at once; without a wait for the other side's goodbye."""
        self._connection.shutdown()

    def _frame(self) -> tuple[int, bytes] | None:
        """Channel and bytes of the next frame; None for a frame without; channel -1 at the end."""
        try:
            opcode, frame = self._connection.recv_data_frame(control_frame=True)
        except websocket.WebSocketConnectionClosedException:
            return -1, b""
        except (websocket.WebSocketException, OSError) as error:
            raise StreamBrokenError(str(error) or type(error).__name__) from error
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return -1, b""
        data: bytes = frame.data
        if opcode not in {websocket.ABNF.OPCODE_BINARY, websocket.ABNF.OPCODE_TEXT} or not data:
            return None
        return data[0], bytes(data[1:])


class PortStream(_Websocket):
    """A port of a pod (``v4.channel.k8s.io``): each channel begins with the port's number."""

    def __init__(self, connection: Any) -> None:
        """The websocket of a port-forward with one port."""
        super().__init__(connection, _DATA)
        self._begun: set[int] = set()

    def receive(self) -> bytes | None:
        """The next bytes; raises StreamBrokenError with what the node says, such as connection refused."""
        frame = self._frame()
        if frame is None:
            return None
        channel, data = frame
        if channel == -1:
            return b""
        if channel not in self._begun:
            self._begun.add(channel)
            return None
        if channel == _ERROR:
            raise StreamBrokenError(_of_node(data.decode("utf-8", "replace").strip()))
        return data or None


class RelayStream(_Websocket):
    """Standard input and output of a command in a pod that passes bytes on."""

    def __init__(self, connection: Any) -> None:
        """The websocket of an exec."""
        super().__init__(connection, _STDIN)
        self._complaint = b""

    def receive(self) -> bytes | None:
        """The next bytes; raises StreamBrokenError with what the command wrote to standard error."""
        frame = self._frame()
        if frame is None:
            return None
        channel, data = frame
        if channel == _STDOUT:
            return data or None
        if channel == _STDERR:
            self._complaint += data
            return None
        if channel in {-1, _STATUS}:
            if self._complaint:
                raise StreamBrokenError(self._complaint.decode("utf-8", "replace").strip().splitlines()[-1])
            return b""
        return None


class SocketStream:
    """A TCP connection, with TLS around it: verified with the cluster's authorities, under the server's real name."""

    def __init__(self, connection: socket.socket) -> None:
        """A connected socket."""
        self._connection = connection
        self._outgoing = _Outgoing()
        connection.settimeout(0)

    @classmethod
    def tls(cls, connection: socket.socket, name: str, context: ssl.SSLContext) -> SocketStream:
        """TLS over ``connection`` with the server ``name``; raises StreamBrokenError."""
        connection.settimeout(IO_SECONDS)
        try:
            return cls(context.wrap_socket(connection, server_hostname=name))
        except (ssl.SSLError, OSError) as error:
            connection.close()
            raise StreamBrokenError(f"TLS with {name}: {_reason(error)}") from error

    def fileno(self) -> int:
        """The socket."""
        return self._connection.fileno()

    def pending(self) -> bool:
        """Whether TLS has bytes that were read already."""
        return isinstance(self._connection, ssl.SSLSocket) and self._connection.pending() > 0

    def receive(self) -> bytes | None:
        """The next bytes; empty at the end, None where only TLS itself had something to say (a session ticket)."""
        try:
            return self._connection.recv(PIECE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except OSError as error:
            raise StreamBrokenError(_reason(error)) from error

    def put(self, data: bytes) -> None:
        """Take ``data``."""
        self._outgoing.put(data)

    def unsent(self) -> int:
        """How many bytes wait."""
        return self._outgoing.unsent()

    def flush(self) -> int:
        """Send what the other side takes now."""
        return self._outgoing.flush_into(self._connection)

    def close(self) -> None:
        """End it."""
        self._connection.close()


def _of_node(text: str) -> str:
    """What the node says of a port that it cannot connect to, without its own inner life."""
    if "connection refused" in text:
        return "nothing listens on that port of the pod (connection refused)"
    return text[:300]


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return str(error) or type(error).__name__
