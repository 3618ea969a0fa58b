"""The control port: arms faults, tells which have happened, takes them back."""

from __future__ import annotations

import hmac
import socket
import threading
import time
from collections import Counter
from dataclasses import asdict
from typing import Any

import redis
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from e2e_validator.embedded.faults.book import Armed, FaultBook
from e2e_validator.embedded.faults.fault import Release
from e2e_validator.embedded.faults.firing import Firing
from e2e_validator.embedded.faults.front import Front
from e2e_validator.embedded.faults.plant import Plant
from e2e_validator.embedded.faults.registry import REGISTRY, fault_named
from e2e_validator.embedded.standin.api_process import Furnish
from e2e_validator.embedded.standin.checkpoints import watch
from e2e_validator.embedded.standin.config import ControlConfig, StandinConfig
from e2e_validator.embedded.standin.doors import Door


class RefusedError(ValueError):
    """A fault that cannot be armed; the message is one sentence."""


def control_door(config: StandinConfig, control: ControlConfig, sock: socket.socket) -> Furnish:
    """What puts a front before the API's doors and adds the control port's."""

    def furnish(doors: list[Door], valkey: redis.Redis) -> list[Door]:
        book = FaultBook(control.folder)
        watch(Firing(config, book, "api"))
        plant = Plant(config, control, {door.name: door for door in doors}, valkey)
        for door in doors:
            door.app = Front(door.name, door.app)
        return [*doors, Door("control", Control(book, plant).app(control.token), sock)]

    return furnish


class Control:
    """Arming, telling and clearing."""

    def __init__(self, book: FaultBook, plant: Plant) -> None:
        self._book = book
        self._plant = plant
        self._releases: dict[str, Release] = {}
        self._lock = threading.Lock()

    def app(self, token: str) -> Starlette:
        """The application; every request needs the token."""

        async def endpoint(request: Request) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), token.encode()):
                return JSONResponse({"error": "the token is missing or wrong"}, status_code=401)
            try:
                if request.method == "POST":
                    body = await request.json()
                    return JSONResponse(await run_in_threadpool(self.arm, body), status_code=201)
                if request.method == "DELETE":
                    await run_in_threadpool(self.clear, request.path_params.get("key"))
                    return Response(status_code=204)
                return JSONResponse(self.describe())
            except (RefusedError, TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, status_code=400)

        return Starlette(
            routes=[
                Route("/faults/", endpoint, methods=["GET", "POST", "DELETE"]),
                Route("/faults/{key}/", endpoint, methods=["DELETE"]),
            ]
        )

    def arm(self, body: dict[str, Any]) -> dict[str, Any]:
        """Arm one fault, or begin it.

        Raises:
            RefusedError: no such fault or option, or it is one that is only named.
        """
        armed = read_order(body)
        fault = fault_named(armed.name)
        if fault.classic_only and self._plant.config.classic is None:
            raise RefusedError(f"The fault {armed.name} cannot be armed here: it comes with the classic stack.")
        # Noted first: what begins at once may be over before this returns.
        self._book.arm(armed)
        if fault.begin is not None:
            try:
                release = fault.begin(self._plant, armed)
            except Exception as error:
                self._book.clear(armed.id)
                raise RefusedError(f"{armed.name} cannot begin: {error}") from error
            self._book.claim(armed, 1, "at once", "control")
            with self._lock:
                self._releases[armed.id] = release
            if (seconds := armed.options.get("seconds")) is not None:
                timer = threading.Timer(float(seconds), self._release, [armed.id])
                timer.daemon = True
                timer.start()
        return {"id": armed.id}

    def describe(self) -> dict[str, Any]:
        """What is armed, with how often it has fired, and what has fired when."""
        fired = self._book.fired()
        counts = Counter(entry.id for entry in fired)
        armed = [asdict(entry) | {"fired": counts[entry.id]} for entry in self._book.armed()]
        return {"armed": armed, "fired": [asdict(entry) for entry in fired]}

    def clear(self, key: str | None) -> None:
        """Take back one or all."""
        happened = {fired.id for fired in self._book.fired()}
        for armed in self._book.armed(over=True):
            if key in (None, armed.id):
                # Forgotten first: it must not happen once more while it is undone.
                self._book.clear(armed.id)
                self._release(armed.id)
                undo = fault_named(armed.name).undo
                if undo is not None and armed.id in happened:
                    undo(self._plant, armed)

    def _release(self, key: str) -> None:
        with self._lock:
            release = self._releases.pop(key, None)
        if release is not None:
            release()


def read_order(body: Any) -> Armed:
    """The fault that a request's body asks for.

    Raises:
        RefusedError: something in it is unknown or of a wrong kind.
    """
    if not isinstance(body, dict) or (wrong := sorted(body.keys() - {"name", "when", "key", "source", "times"})):
        what = f"unknown: {', '.join(wrong)}" if isinstance(body, dict) else "it is no object"
        raise RefusedError(f"A fault is name, when, key, source and times; {what}.")
    name, when = body.get("name"), body.get("when") or {}
    if name not in {fault.name for fault in REGISTRY}:
        raise RefusedError(f"There is no fault {name!r}; there are {', '.join(sorted(f.name for f in REGISTRY))}.")
    fault = fault_named(name)
    if not fault.built:
        raise RefusedError(f"The fault {name} cannot be armed: it comes with {fault.given_by}.")
    known = fault.options.keys() | ({"point", "skip"} if fault.points else set())
    if wrong := sorted(when.keys() - known):
        raise RefusedError(f"The fault {name} has no option {', '.join(wrong)}; it has {', '.join(sorted(known))}.")
    if "point" in when and when["point"] not in fault.points:
        raise RefusedError(f"The fault {name} can wait at {', '.join(fault.points)}, not at {when['point']}.")
    times = body.get("times", 1)
    if times is not None and (not isinstance(times, int) or times < 1):
        raise RefusedError(f"times is a number from 1 on, or null for always; {times!r} is neither.")
    options = {**fault.options, **when}
    over = options.get("seconds") if fault.begin is None and fault.timed else None
    end = None if over is None else time.monotonic() + float(over)
    return Armed(name, body.get("key"), body.get("source"), times, options, end)
