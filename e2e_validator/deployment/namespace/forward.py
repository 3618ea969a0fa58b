"""A listening socket on this machine whose connections go on through the API server.

Every connection opens a stream of its own, so a forward that was cut costs the connections it carried and nothing
else: the next one opens a new stream, to whichever pod is there by then. One that cannot be opened is tried again for
a while, so that an API server that is away for some seconds is waited for.
"""

from __future__ import annotations

import logging
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed
from e2e_validator.deployment.namespace.streams import IO_SECONDS, PIECE, Stream, StreamBrokenError

log = logging.getLogger(__name__)

# Longer than an API server needs to fail over, shorter than what clients wait for an answer.
PATIENCE_SECONDS = 25.0
_PAUSE_SECONDS = 0.25
_BACKLOG = 64
_BUFFER = 1 << 20
# How soon an end of the whole forward is noticed by a connection on which nothing moves.
_LOOK_SECONDS = 1.0
# Closing with this sends a reset: no client may take what it got for all there was.
_RESET = struct.pack("ii", 1, 0)


class Dial(Protocol):
    """What opens streams."""

    def __call__(self) -> Stream:
        """Open a stream; raises ClusterAway, NotAllowed, StreamBrokenError."""

    def forget(self) -> None:
        """A stream broke: believe nothing of what was looked up for it."""


@dataclass(slots=True)
class Tally:
    """What a forward has seen; for the doctor and for tests."""

    opened: int = 0
    broken: int = 0
    last_problem: str = ""


class Forward:
    """One listening socket; ``dial`` opens a stream. ``close`` ends it with all its connections."""

    def __init__(
        self,
        dial: Dial,
        *,
        name: str,
        patience_seconds: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        ends_on: tuple[type[Exception], ...] = (NotAllowed,),
    ) -> None:
        """Listen at once, on a free port of the loopback. What ``ends_on`` names is not tried again."""
        self.name = name
        self.tally = Tally()
        self._dial = dial
        self._patience = patience_seconds
        self._clock = clock
        self._ends_on = ends_on
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._locals: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"forward {name}", daemon=True).start()

    @property
    def address(self) -> str:
        """``host:port`` on this machine."""
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """Listen no more, and cut what is open."""
        self._ended.set()
        # Closing alone does not wake a thread that waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for local in self._locals:
                with suppress(OSError):
                    local.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                local, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._locals.add(local)
            threading.Thread(target=self._carry, args=(local,), name=f"forward {self.name}", daemon=True).start()

    def _carry(self, local: socket.socket) -> None:
        """One connection, from its beginning to its end."""
        try:
            stream = self._open(local)
            if stream is None:
                return
            try:
                pump(local, stream, self._ended)
            finally:
                stream.close()
        except StreamBrokenError as error:
            self._note(str(error))
            self._dial.forget()
            with suppress(OSError):
                local.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        finally:
            with self._lock:
                self._locals.discard(local)
            local.close()

    def _open(self, local: socket.socket) -> Stream | None:
        """A stream, tried again while there is patience and the client still waits."""
        deadline = self._clock() + self._patience
        while True:
            try:
                stream = self._dial()
            except self._ends_on as error:
                self._note(error.description if isinstance(error, NotAllowed) else str(error))
                return None
            except (ClusterAway, StreamBrokenError) as error:
                self._note(str(error))
                if self._clock() >= deadline or self._ended.wait(_PAUSE_SECONDS) or _has_left(local):
                    return None
            else:
                with self._lock:
                    self.tally.opened += 1
                return stream

    def _note(self, problem: str) -> None:
        with self._lock:
            self.tally.broken += 1
            self.tally.last_problem = problem
        log.debug("forward %s: %s", self.name, problem)


def _has_left(local: socket.socket) -> bool:
    """Whether the client has closed its side: there is nothing to connect any more."""
    local.setblocking(False)
    try:
        return local.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        local.setblocking(True)


def pump(
    local: socket.socket,
    stream: Stream,
    ended: threading.Event,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Carry bytes both ways until either side ends.

    Both directions are buffered and neither is ever waited for alone: a side that writes before it reads must not stop
    the other. What the client sent before it left still goes out.

    Raises:
        StreamBrokenError: the stream broke, or took nothing for IO_SECONDS.
    """
    local.setblocking(False)
    # Asked once: a stream that ended may have closed its socket.
    stream_end, incoming = stream.fileno(), bytearray()
    over, left, moved = False, False, clock()
    with selectors.DefaultSelector() as selector:
        while not ended.is_set():
            wanted = not over and len(incoming) < _BUFFER
            _watch(selector, local, read=not left and stream.unsent() < _BUFFER, write=bool(incoming) and not left)
            _watch(selector, stream_end, read=wanted, write=stream.unsent() > 0 and not over)
            more = wanted and stream.pending()
            ready = {key.fd: events for key, events in selector.select(0 if more else _LOOK_SECONDS)}
            if ready.get(local.fileno(), 0) & selectors.EVENT_READ:
                data = _read(local)
                left = data == b""
                if data:
                    stream.put(data)
            if over or stream.flush() or not stream.unsent():
                moved = clock()
            elif clock() - moved >= IO_SECONDS:
                raise StreamBrokenError(f"the other side took nothing for {IO_SECONDS:.0f} s")
            if more or ready.get(stream_end, 0) & selectors.EVENT_READ:
                piece = stream.receive()
                over = piece == b""
                incoming += piece or b""
            if left:
                incoming.clear()
                if over or not stream.unsent():
                    return
            elif incoming:
                _write(local, incoming)
            elif over:
                return


def _watch(selector: selectors.BaseSelector, end: socket.socket | int, *, read: bool, write: bool) -> None:
    """Watch ``end`` for these alone; for neither: not at all, or a closed end would wake the loop for ever."""
    events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
    known = selector.get_map().get(end)
    if known is None:
        if events:
            selector.register(end, events)
    elif not events:
        selector.unregister(end)
    elif events != known.events:
        selector.modify(end, events)


def _read(local: socket.socket) -> bytes | None:
    try:
        return local.recv(PIECE)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _write(local: socket.socket, incoming: bytearray) -> None:
    try:
        sent = local.send(incoming)
    except BlockingIOError:
        return
    except OSError as error:
        raise StreamBrokenError(f"the client went away: {error}") from error
    del incoming[:sent]
