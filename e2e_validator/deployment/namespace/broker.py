"""What a Kafka broker says of its cluster: where its brokers are, by the names that they give themselves."""

from __future__ import annotations

import socket
import ssl
import struct

from e2e_validator.deployment.retry_on_disconnect import retry_on_disconnect

_METADATA, _API_VERSIONS = 3, 18
_CORRELATION = 20261
_CLIENT = b"e2e_validator"
TIMEOUT_SECONDS = 10.0


class NoBrokerError(Exception):
    """What listens there is no broker, or cannot be asked; says why."""


class _CutError(NoBrokerError):
    """The connection was ended before an answer came."""


def advertised(
    host: str, port: int, *, name: str, context: ssl.SSLContext | None, may_ask: bool = True
) -> list[tuple[str, int]]:
    """The brokers of the cluster that ``host:port`` belongs to, as clients are told to reach them.

    Args:
        host: Where a broker is reached from here.
        port: Its port there.
        name: What it calls itself, which its certificate must bear.
        context: TLS, where the brokers speak it.
        may_ask: Whether brokers tell this without a login; where one is needed, the list is empty.

    A connection that is cut is made again: a port-forward that is cut takes its connections along.

    Raises:
        NoBrokerError: nothing that speaks Kafka answers.
    """
    return retry_on_disconnect(
        lambda: _asked(host, port, name, context, may_ask=may_ask), lambda error: isinstance(error, _CutError)
    )


def _asked(host: str, port: int, name: str, context: ssl.SSLContext | None, *, may_ask: bool) -> list[tuple[str, int]]:
    # Metadata of no topic (version 1); or the one question that is answered before a login.
    question = struct.pack(">hhih", _METADATA, 1, _CORRELATION, len(_CLIENT)) + _CLIENT + struct.pack(">i", 0)
    if not may_ask:
        question = struct.pack(">hhih", _API_VERSIONS, 0, _CORRELATION, len(_CLIENT)) + _CLIENT
    try:
        # What wraps a socket takes it over, so that it is closed by itself.
        with (
            socket.create_connection((host, port), TIMEOUT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=name) if context else plain as connection,
        ):
            connection.sendall(struct.pack(">i", len(question)) + question)
            head = _exactly(connection, 8)
            if len(head) < 8 or struct.unpack(">ii", head)[1] != _CORRELATION:
                raise NoBrokerError("it does not speak Kafka") if head else _CutError("it ends the connection")
            size = struct.unpack(">ii", head)[0] - 4
            answer = _exactly(connection, size)
            if len(answer) < size:
                raise _CutError("it ends the connection in the middle of its answer")
    except ssl.SSLCertVerificationError as error:
        raise NoBrokerError(f"its certificate is not trusted ({error.verify_message})") from error
    except ConnectionResetError as error:
        raise _CutError(str(error)) from error
    except OSError as error:
        raise NoBrokerError(str(error) or type(error).__name__) from error
    return _brokers(answer) if may_ask else []


def _brokers(answer: bytes) -> list[tuple[str, int]]:
    """The brokers in an answer of Metadata, version 1."""
    try:
        (count,) = struct.unpack_from(">i", answer, 0)
        at, found = 4, []
        for _ in range(count):
            (size,) = struct.unpack_from(">h", answer, at + 4)
            host = answer[at + 6 : at + 6 + size].decode()
            at += 6 + size
            port, rack = struct.unpack_from(">ih", answer, at)
            at += 6 + max(rack, 0)
            found.append((host, port))
    except (struct.error, UnicodeDecodeError) as error:
        raise NoBrokerError("it gives an answer that cannot be read") from error
    return found


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer when the other side ends."""
    found = b""
    while len(found) < size and (piece := connection.recv(size - len(found))):
        found += piece
    return found
