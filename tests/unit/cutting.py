"""A port whose connections are cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(answer: bytes, *, cuts: int, after: int = 0) -> Iterator[tuple[int, list[int]]]:
    """A port whose first connections are cut after some bytes of the answer; yields it and who came."""
    came: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    accepted, (_, port) = listener.accept()
                except OSError:
                    return
                with accepted:
                    accepted.recv(65536)
                    came.append(port)
                    accepted.sendall(answer[:after] if len(came) <= cuts else answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], came
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
