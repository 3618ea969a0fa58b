"""Exec: ``v4`` and ``v5.channel.k8s.io`` frames of a websocket around a real process of this machine."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
_PIECE = 32768


@dataclass(frozen=True, slots=True)
class Run:
    """What an exec really runs here."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to ours."""


Choose = Callable[[Json, str, tuple[str, ...]], Run | None]
"""Pod, container, argv -> what runs; ``None``: not mine."""


@dataclass(frozen=True, slots=True)
class Session:
    """The options of one exec."""

    argv: tuple[str, ...]
    stdin: bool
    stdout: bool
    stderr: bool


class Execs:
    """What runs where; later choices win. What nobody chooses is a program that the image does not have."""

    def __init__(self) -> None:
        self._choices: list[Choose] = []
        self._lock = threading.Lock()

    def add(self, choose: Choose) -> None:
        """Add a choice."""
        with self._lock:
            self._choices.append(choose)

    def run(self, pod: Json, container: str, argv: tuple[str, ...]) -> Run | None:
        """What runs when ``argv`` is executed there."""
        with self._lock:
            choices = list(reversed(self._choices))
        return next((run for choose in choices if (run := choose(pod, container, argv)) is not None), None)


async def serve_exec(websocket: web.WebSocketResponse, session: Session, run: Run | None) -> None:
    """Serve one websocket until the process ended; a client that goes away ends the process."""
    # The server of Kubernetes does so to tell that the streams are open.
    await websocket.send_bytes(bytes([STDOUT if session.stdout else STDERR if session.stderr else STATUS]))
    try:
        status = await _run(websocket, session, run) if run else _not_found(session.argv)
    except FileNotFoundError:
        status = _not_found(session.argv)
    await websocket.send_bytes(bytes([STATUS]) + json.dumps(status).encode())
    await websocket.close()


async def _run(websocket: web.WebSocketResponse, session: Session, run: Run) -> Json:
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *run.argv,
        stdin=pipe if session.stdin else null,
        stdout=pipe if session.stdout else null,
        stderr=pipe if session.stderr else null,
        env={**os.environ, **run.environment},
    )
    receiver = asyncio.create_task(_receive(websocket, process))
    pumps = [
        asyncio.create_task(_pump(stream, websocket, channel))
        for stream, channel in ((process.stdout, STDOUT), (process.stderr, STDERR))
        if stream is not None
    ]
    try:
        await asyncio.gather(*pumps)
        return _status(await process.wait())
    finally:
        for task in (receiver, *pumps):
            task.cancel()
        await asyncio.gather(receiver, *pumps, return_exceptions=True)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _receive(websocket: web.WebSocketResponse, process: asyncio.subprocess.Process) -> None:
    async for message in websocket:
        # The client of Python sends text as text; to the server of Kubernetes both are bytes.
        data = message.data.encode() if message.type is WSMsgType.TEXT else message.data
        if not data or process.stdin is None:
            continue
        channel, piece = data[0], data[1:]
        if channel == STDIN:
            process.stdin.write(piece)
            try:
                await process.stdin.drain()
            except (BrokenPipeError, ConnectionResetError):
                continue  # it reads no more; its output and its exit code still count
        elif channel == CLOSE and piece[:1] == bytes([STDIN]):
            process.stdin.close()
    if process.returncode is None:
        process.kill()


async def _pump(stream: asyncio.StreamReader, websocket: web.WebSocketResponse, channel: int) -> None:
    prefix = bytes([channel])
    while piece := await stream.read(_PIECE):
        await websocket.send_bytes(prefix + piece)


def _status(code: int) -> Json:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    code = code if code > 0 else 128 - code  # as a shell tells the end by a signal
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: error executing command, exit code {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _not_found(argv: tuple[str, ...]) -> Json:
    message = (
        "OCI runtime exec failed: exec failed: unable to start container process: "
        f'exec: "{argv[0]}": executable file not found in $PATH: unknown'
    )
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {message}",
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    }
