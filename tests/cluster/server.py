"""A Kubernetes API server for tests: over TLS, in a thread of its own, in front of real servers."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web
from patience import ANSWER_SECONDS

from cluster.certificate import Identity, make_identity
from cluster.execs import Execs
from cluster.faults import Faults
from cluster.forwards import Forwards
from cluster.handler import Handler
from cluster.kinds import Kinds
from cluster.kubeconfig import write_kubeconfig
from cluster.logs import LogBook
from cluster.roles import Attempt, Role
from cluster.store import Store

USER = "system:serviceaccount:cost-onprem:e2e-validator"
_Answer = TypeVar("_Answer")
_START_SECONDS = ANSWER_SECONDS
_POLL_SECONDS = 0.005
_POLLS = 400
# How long a closed connection waits for its peer to close too; clients that keep a websocket open do not.
_SHUTDOWN_SECONDS = 0.2


class ApiServer:
    """A running server; ended by :meth:`stop` or by leaving its context.

    What it shows is in :attr:`store`, :attr:`logs`, :attr:`forwards` and :attr:`execs`, which may be changed while it
    runs. A picture fills all four (``picture.load(server)``).
    """

    def __init__(self, *, without_groups: frozenset[str] = frozenset(), identity: Identity | None = None) -> None:
        self._identity = identity or make_identity()
        self._handler = Handler(Store(Kinds(without_groups)))
        self._loop = asyncio.new_event_loop()
        self._server = web.Server(self._handler, loop=self._loop, handler_cancellation=True, access_log=None)
        self._thread = threading.Thread(target=self._run, name="api server", daemon=True)
        self._listener: asyncio.Server | None = None
        # Bound and never listening, so that the port stays ours while we are away.
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]

    # What it shows

    @property
    def store(self) -> Store:
        """The objects."""
        return self._handler.store

    @property
    def logs(self) -> LogBook:
        """What the containers wrote."""
        return self._handler.logs

    @property
    def forwards(self) -> Forwards:
        """Where ports of pods really are."""
        return self._handler.forwards

    @property
    def execs(self) -> Execs:
        """What really runs in pods."""
        return self._handler.execs

    # Running

    @classmethod
    def start(cls, *, without_groups: frozenset[str] = frozenset(), identity: Identity | None = None) -> Self:
        """A server that answers; ``without_groups`` are API groups that it does not serve."""
        server = cls(without_groups=without_groups, identity=identity)
        server._thread.start()
        server.come_back()
        return server

    def stop(self) -> None:
        """End it; open connections are cut."""
        if self._thread.is_alive():
            self.go_away()
            self._call(self._server.shutdown())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._place.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Clients

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> bytes:
        """The certificate that its own is verified with, PEM."""
        return self._identity.ca

    def new_token(self, user: str = USER, role: Role | None = None) -> str:
        """A token of ``user``; with ``role``, that is what the user may do from now on (default: everything)."""
        return self._handler.tokens.new(user, role)

    def set_role(self, role: Role, user: str = USER) -> None:
        """What ``user`` may do from now on."""
        self._handler.tokens.set_role(user, role)

    def write_kubeconfig(
        self,
        path: Path,
        *,
        user: str = USER,
        role: Role | None = None,
        namespace: str = "default",
        context: str = "tests",
        token_file: Path | None = None,
    ) -> Path:
        """Write a kubeconfig with a new token of ``user``, or with ``token_file``, which then follows each expiry."""
        token = self.new_token(user, role)
        credentials: dict[str, object] = {"token": token}
        if token_file is not None:
            self._handler.tokens.keep_file(token_file, user)
            credentials = {"tokenFile": str(token_file)}
        write_kubeconfig(path, url=self.url, ca=self.ca, credentials=credentials, namespace=namespace, context=context)
        return path

    def write_service_account(
        self, folder: Path, *, user: str = USER, role: Role | None = None, namespace: str = "default"
    ) -> dict[str, str]:
        """Write ``token``, ``ca.crt`` and ``namespace`` as in a pod; returns the environment that a pod has."""
        if role is not None:
            self.set_role(role, user)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.crt").write_bytes(self.ca)
        (folder / "namespace").write_text(namespace, encoding="utf-8")
        self._handler.tokens.keep_file(folder / "token", user)
        return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.port)}

    # What was asked

    @property
    def attempts(self) -> list[Attempt]:
        """Every request for a resource, in order; reviews of one's own permissions need none and are left out."""
        return self._handler.attempts

    def needs(self) -> set[tuple[str, str, str, str]]:
        """Verb, group, resource, namespace of everything that was asked for so far."""
        return {attempt.needed for attempt in self.attempts}

    def denied(self) -> list[Attempt]:
        """What was asked for and forbidden."""
        return [attempt for attempt in self.attempts if attempt.code == 403]

    def forget_attempts(self) -> None:
        """Begin a new record."""
        self._handler.forget_attempts()

    # Faults

    @property
    def faults(self) -> Faults:
        """Errors and delays: ``faults.answer(429, times=3)``, ``faults.slow(0.5)``, ``faults.clear()``."""
        return self._handler.faults

    def expire_tokens(self) -> None:
        """From now on every token given so far is answered 401; token files get new ones."""
        self._handler.tokens.expire()

    def cut_forwards(self) -> int:
        """Cut every open port-forward in the middle; returns how many there were."""
        return self._call(self._cut("portforward"))

    @contextmanager
    def cutting_forwards_every(self, seconds: float) -> Iterator[list[int]]:
        """Cut all port-forwards again and again during the block; yields a list that counts each time's cuts."""
        cuts: list[int] = []
        with _every(seconds, lambda: cuts.append(self.cut_forwards())):
            yield cuts

    @contextmanager
    def ending_tokens_every(self, seconds: float) -> Iterator[list[int]]:
        """End all tokens, and cut what was opened with them, again and again; yields a list as above."""
        cuts: list[int] = []

        def end() -> None:
            self.expire_tokens()
            cuts.append(self.cut_forwards())

        with _every(seconds, end):
            yield cuts

    def go_away(self) -> None:
        """Refuse connections from now on, and cut those that are open."""
        self._call(self._close())

    def come_back(self) -> None:
        """Listen again, on the same port."""
        self._call(self._open())

    def away(self, seconds: float) -> threading.Timer:
        """Be away for a while; returns at once. The timer's ``join`` waits for the return."""
        self.go_away()
        timer = threading.Timer(seconds, self.come_back)
        timer.daemon = True
        timer.start()
        return timer

    # The thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        for task in (tasks := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Do ``work`` in the server's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)

    async def _cut(self, subresource: str) -> int:
        return self._handler.abort_streams(subresource)

    async def _open(self) -> None:
        if self._listener is None:
            self._listener = await self._loop.create_server(
                self._server, sock=_bound(self.port), ssl=self._identity.context, ssl_shutdown_timeout=_SHUTDOWN_SECONDS
            )

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._server.connections):
            if connection.transport is not None:
                connection.transport.abort()
        # An aborted connection is gone only after its handler has ended.
        for _ in range(_POLLS):
            if not self._server.connections:
                return
            await asyncio.sleep(_POLL_SECONDS)


@contextmanager
def _every(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again, in a thread, during the block."""
    ended = threading.Event()

    def again() -> None:
        while not ended.wait(seconds):
            act()

    thread = threading.Thread(target=again, name="a fault again and again", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _bound(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind(("127.0.0.1", port))
    return found
