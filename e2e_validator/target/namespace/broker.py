"""Whether a Kafka broker answers: the one question that may be asked before logging in."""

from __future__ import annotations

import socket
import ssl
import struct

_API_VERSIONS = 18
_CORRELATION = 20261
_CLIENT = b"e2e_validator"
TIMEOUT_SECONDS = 10.0


def broker_problem(host: str, port: int, *, name: str, context: ssl.SSLContext | None) -> str:
    """Why what listens there is no broker; empty when it is one.

    Args:
        host: Where it is reached from here.
        port: Its port there.
        name: What it calls itself, which its certificate must bear.
        context: TLS, where the brokers speak it.
    """
    body = struct.pack(">hhih", _API_VERSIONS, 0, _CORRELATION, len(_CLIENT)) + _CLIENT
    try:
        with socket.create_connection((host, port), TIMEOUT_SECONDS) as plain:
            connection = context.wrap_socket(plain, server_hostname=name) if context else plain
            connection.sendall(struct.pack(">i", len(body)) + body)
            head = _exactly(connection, 8)
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not trusted ({error.verify_message})"
    except OSError as error:
        return str(error) or type(error).__name__
    if len(head) < 8 or struct.unpack(">ii", head)[1] != _CORRELATION:
        return "it does not speak Kafka" if head else "it ends the connection"
    return ""


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer when the other side ends."""
    found = b""
    while len(found) < size and (piece := connection.recv(size - len(found))):
        found += piece
    return found
