"""One request: who asks, whether they may, and the answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from cluster import writing
from cluster.address import Address, parse
from cluster.discovery import document
from cluster.execs import PROTOCOLS, Execs, Session, serve_exec
from cluster.faults import Faults
from cluster.forwards import PROTOCOL, Forwards, serve_forward
from cluster.logs import LogBook, select
from cluster.pods import container_of, require_log, require_running, require_running_pod
from cluster.reading import list_objects, watch_objects
from cluster.roles import Attempt, Role
from cluster.status import (
    ApiError,
    bad_request,
    forbidden,
    not_allowed,
    out_of_order,
    unauthorized,
)
from cluster.store import Store
from cluster.tokens import Tokens

Json = dict[str, Any]
_REVIEWS = {"selfsubjectaccessreviews": writing.access_review, "selfsubjectrulesreviews": writing.rules_review}
_TRUE = {"1", "true"}


class Handler:
    """Everything that one server answers from."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tokens = Tokens()
        self.faults = Faults()
        self.forwards = Forwards()
        self.execs = Execs()
        self.logs = LogBook()
        self.websocket_needs_create = True
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []
        self._streams: dict[asyncio.Transport, str] = {}

    @property
    def attempts(self) -> list[Attempt]:
        """Every request for a resource so far, allowed or not."""
        with self._lock:
            return list(self._attempts)

    def forget_attempts(self) -> None:
        """Begin a new record."""
        with self._lock:
            self._attempts.clear()

    def abort_streams(self, subresource: str) -> int:
        """Cut all websockets of ``portforward`` or ``exec`` in the middle; call it in the server's loop."""
        found = [transport for transport, kind in self._streams.items() if kind == subresource]
        for transport in found:
            transport.abort()
        return len(found)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        try:
            return await self._answer(request)
        except ApiError as error:
            headers = {"Retry-After": "1"} if error.code == 429 else {}
            return web.json_response(error.status, status=error.code, headers=headers)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        if request.path in {"/healthz", "/readyz", "/livez"}:
            return web.Response(text="ok")
        found = self.tokens.who(request.headers.get("Authorization", ""))
        if found is None:
            raise unauthorized()
        user, role = found
        described = document(request.path, self.store.kinds) if request.method == "GET" else None
        if described is not None:
            if (code := self.faults.take(request.path, "discovery")) is not None:
                raise out_of_order(code)
            return web.json_response(described)
        address = parse(request.path, self.store.kinds)
        verb = address.verb(request.method, request.query)
        if (code := self.faults.take(request.path, verb)) is not None:
            self._note(self._attempt(address, verb, request, user), code)
            raise out_of_order(code)
        if address.kind.plural in _REVIEWS:
            return await self._review(request, address, role)
        # Since Kubernetes 1.35 opening a websocket needs create beside get; older ones are content with get.
        streams = address.subresource in {"exec", "portforward"}
        verbs = (verb, "create") if streams and verb == "get" and self.websocket_needs_create else (verb,)
        attempts = [self._attempt(address, each, request, user) for each in verbs]
        for attempt in attempts:
            if not role.allows(attempt):
                self._note(attempt, 403)
                raise forbidden(user, attempt.verb, attempt.group, attempt.resource, attempt.namespace, attempt.name)
        noted: list[int] = []

        def note(code: int) -> None:
            if not noted:
                noted.append(code)
                for attempt in attempts:
                    self._note(attempt, code)

        try:
            response = await self._serve(request, address, verb, note)
        except ApiError as error:
            note(error.code)
            raise
        note(response.status)
        return response

    async def _serve(
        self, request: web.BaseRequest, address: Address, verb: str, opened: Callable[[int], None]
    ) -> web.StreamResponse:
        if address.subresource == "log" and verb == "get":
            return self._log(request, address)
        if address.subresource in {"exec", "portforward"} and verb in {"get", "create"}:
            return await self._stream(request, address, opened)
        if address.subresource:
            raise not_allowed()
        if verb == "get":
            return web.json_response(self.store.get(address.kind, address.namespace, address.name))
        if verb == "list":
            return web.json_response(list_objects(self.store, address, request.query))
        if verb == "watch":
            opened(200)
            return await watch_objects(request, self.store, address)
        return await writing.write(request, self.store, address, verb)

    def _log(self, request: web.BaseRequest, address: Address) -> web.Response:
        pod = self.store.get(address.kind, address.namespace, address.name)
        query = request.query
        container = container_of(pod, query.get("container", ""), init=True)
        previous = query.get("previous", "").lower() in _TRUE
        if not previous:
            require_log(pod, container)
        lines = self.logs.lines(address.namespace, address.name, container, previous=previous)
        if lines is None and previous:
            raise bad_request(f'previous terminated container "{container}" in pod "{address.name}" not found')
        return web.Response(text=select(lines or [], query), content_type="text/plain")

    async def _stream(
        self, request: web.BaseRequest, address: Address, opened: Callable[[int], None]
    ) -> web.StreamResponse:
        pod = self.store.get(address.kind, address.namespace, address.name)
        query = request.query
        if address.subresource == "exec":
            argv = tuple(query.getall("command", []))
            if not argv:
                raise bad_request("you must specify at least one command for the container")
            container = container_of(pod, query.get("container", ""))
            require_running(pod, container)
        else:
            require_running_pod(pod)
        protocols = PROTOCOLS if address.subresource == "exec" else (PROTOCOL,)
        websocket = web.WebSocketResponse(protocols=protocols, max_msg_size=0, compress=False, timeout=2)
        offered = {entry.strip() for entry in request.headers.get("Sec-WebSocket-Protocol", "").split(",")}
        if not websocket.can_prepare(request) or not offered & set(protocols):
            raise bad_request("Upgrade request required")
        try:
            ports = [int(port) for entry in query.getall("ports", []) for port in entry.split(",")]
        except ValueError:
            raise bad_request(f"port {query['ports']!r} is no number") from None
        if address.subresource == "portforward" and not ports:
            raise bad_request('query parameter "ports" is required')
        await websocket.prepare(request)
        opened(101)
        transport = request.transport
        if transport is None:
            return websocket
        self._streams[transport] = address.subresource
        try:
            if address.subresource == "portforward":
                self.forwards.opened += 1
                await serve_forward(websocket, pod, ports, self.forwards)
            else:
                session = Session(
                    argv, *(query.get(name, "").lower() in _TRUE for name in ("stdin", "stdout", "stderr"))
                )
                await serve_exec(websocket, session, self.execs.run(pod, container, argv))
        except ConnectionError:
            pass  # the client went away, or the test cut it off: nobody is left to be told
        finally:
            del self._streams[transport]
        return websocket

    async def _review(self, request: web.BaseRequest, address: Address, role: Role) -> web.Response:
        if request.method != "POST":
            raise not_allowed()
        return web.json_response(_REVIEWS[address.kind.plural](await writing.body(request), role), status=201)

    @staticmethod
    def _attempt(address: Address, verb: str, request: web.BaseRequest, user: str) -> Attempt:
        name = address.asked_name(request.query)
        return Attempt(verb, address.resource, address.kind.group, address.namespace, name, user)

    def _note(self, attempt: Attempt, code: int) -> None:
        with self._lock:
            self._attempts.append(replace(attempt, code=code))
