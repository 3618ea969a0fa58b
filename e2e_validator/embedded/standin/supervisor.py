"""Starts the stand-in's processes, restarts those that die, and takes all of them along when it goes."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import psycopg
import redis
import urllib3
from minio.error import MinioException

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import connect, create_schema
from e2e_validator.embedded.standin.logs import log, open_log
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.queues import open_valkey
from e2e_validator.slowness import expired

PR_SET_PDEATHSIG = 1
SERVERS_WITHIN_S = 15
POLL_S = 0.05
RESTART_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running: its name in logs and what it does."""

    name: str
    run: Callable[[], None]


class NotReadyError(RuntimeError):
    """A server the stand-in needs does not answer, or a port is taken; one sentence for the user."""


def listen(port: int) -> socket.socket:
    """A listening socket on loopback, opened before forking so that a restarted API keeps its address.

    Raises:
        NotReadyError: the port is in use.
    """
    # With the protocol named, asyncio turns Nagle off; else every second answer waits 40 ms for an acknowledgement.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError as error:
        raise NotReadyError(f"The stand-in cannot listen on 127.0.0.1:{port}: {error.strerror}.") from error
    sock.listen(128)
    sock.set_inheritable(True)
    return sock


def prepare(config: StandinConfig, clock: Clock) -> None:
    """Wait for PostgreSQL, S3 and Valkey (15 s at most), create the buckets and the schema.

    Raises:
        NotReadyError: one of them does not answer in that time.
    """
    steps: dict[str, Callable[[], object]] = {
        "PostgreSQL": lambda: _create_schema(config, clock),
        "S3": lambda: _create_buckets(config),
        "Valkey": lambda: open_valkey(config.valkey_url).ping(),
    }
    began = time.monotonic()
    for name, step in steps.items():
        while problem := _problem(step):
            if expired(SERVERS_WITHIN_S, began):
                waited = time.monotonic() - began
                raise NotReadyError(f"{name} does not answer the stand-in after {waited:.0f} s: {problem}")
            time.sleep(POLL_S)


def _problem(step: Callable[[], object]) -> str:
    try:
        step()
    except (psycopg.OperationalError, redis.ConnectionError, MinioException, urllib3.exceptions.HTTPError) as error:
        return next(iter(str(error).strip().splitlines()), type(error).__name__)
    return ""


def _create_schema(config: StandinConfig, clock: Clock) -> None:
    with connect(config) as conn:
        create_schema(conn, config, clock)


def _create_buckets(config: StandinConfig) -> None:
    store = ObjectStore(config, retries=0)
    for bucket in (config.bucket_ingress, config.bucket_archive, config.bucket_ros):
        store.make_bucket(bucket)


def supervise(children: list[Child], config: StandinConfig, clock: Clock) -> None:
    """Fork the children and restart each that ends, until SIGTERM or SIGINT.

    What a child was doing when it died is lost, as with a killed Koku worker. While ``log_dir`` has a file
    ``koku-<name>.hold`` a dead child stays dead; ``koku-<name>.pid`` tells the process id of a living one.
    """
    open_log("supervisor", config.log_dir, clock)
    running: dict[int, Child] = {}

    def stop(number: int, _frame: FrameType | None) -> None:
        for pid in running:
            os.kill(pid, signal.SIGKILL)
        os._exit(128 + number if number != signal.SIGTERM else 0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for child in children:
        running[_fork(child, config, clock)] = child
    ended: list[Child] = []
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG) if running else (0, 0)
        if pid:
            child = running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            # As a container's runtime says it: 137 for SIGKILL.
            log(f"{child.name} ended", level=logging.WARNING, pid=pid, exit=code if code >= 0 else 128 - code)
            ended.append(child)
            continue
        time.sleep(RESTART_PAUSE_S)
        for child in [child for child in ended if not (config.log_dir / f"koku-{child.name}.hold").exists()]:
            ended.remove(child)
            running[_fork(child, config, clock)] = child


def _fork(child: Child, config: StandinConfig, clock: Clock) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        (config.log_dir / f"koku-{child.name}.pid").write_text(f"{pid}\n")
        log(f"{child.name} started", pid=pid)
        return pid
    code = 1
    try:
        _die_with(parent)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # A terminal sends its interrupt to the whole group; the supervisor alone decides about the end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        open_log(child.name, config.log_dir, clock)
        child.run()
        code = 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: logged, then the supervisor restarts us
        log(f"{child.name} failed: {error}", level=logging.ERROR, error=error)
    finally:
        os._exit(code)


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process when the parent goes, ``kill -9`` included."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
