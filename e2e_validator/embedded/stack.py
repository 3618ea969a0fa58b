"""The embedded stack: real servers and the stand-in for Koku, on free ports of the loopback, for one run."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from e2e_validator.embedded.day import StackDay
from e2e_validator.embedded.endpoints import Endpoints
from e2e_validator.embedded.engines.gateway import gateway
from e2e_validator.embedded.engines.kafka import kafka
from e2e_validator.embedded.engines.object_store import S3_PORT_INDEX, has_left_over_socket, object_store
from e2e_validator.embedded.engines.part import Engine, NotReadyError, Part
from e2e_validator.embedded.engines.postgres import DATABASE, USER, postgres
from e2e_validator.embedded.engines.standin import standin
from e2e_validator.embedded.engines.trino import trino
from e2e_validator.embedded.engines.valkey import valkey
from e2e_validator.embedded.faults.control import ControlAddress, FaultControl
from e2e_validator.embedded.folder import make_folder
from e2e_validator.embedded.gateway.settings import GatewaySettings
from e2e_validator.embedded.keeping import Keeping, PartEnded
from e2e_validator.embedded.litter import remove_stack
from e2e_validator.embedded.ports import PortLease, lease_ports
from e2e_validator.embedded.site import PORTS_NEEDED, PORTS_NEEDED_CLASSIC, Ports, Site
from e2e_validator.embedded.transports import PORTS_OF_TRANSPORTS, OpenedTransports
from e2e_validator.errors import Blocked, CleanupIncomplete
from e2e_validator.slowness import VARIABLE, expired, given, slowness

# The slowest first: the stand-in's imports, then the object store.
ENGINES: tuple[Engine, ...] = (standin, object_store, postgres, valkey)
StackName = Literal["onprem", "classic"]
# Stack -> what it has besides ``ENGINES``.
STACKS: dict[StackName, tuple[Engine, ...]] = {"onprem": (), "classic": (trino,)}
# Transport -> its parts; the gateway's ingress announces through the broker.
TRANSPORTS: dict[str, tuple[Engine, ...]] = {"kafka": (kafka,), "gateway": (kafka, gateway)}
# On an idle machine it takes 3 s, 5 s with the broker.
_START_SECONDS = 30.0
_POLL_SECONDS = 0.02
_TRIES = 3
_TAIL_LINES = 15
_PORT_TAKEN = re.compile(
    r"address already in use|is not available on|finding alternative|failed to listen on grpc unix socket",
    re.IGNORECASE,
)


class _PortTakenError(Exception):
    """Another program bound one of our ports between the lease and the start of the server."""


class EmbeddedStack:
    """A running stack: made by :meth:`start`; ended by :meth:`stop`, by leaving its context, by the end of the run."""

    def __init__(self, site: Site, parts: Sequence[Part], keeping: Keeping) -> None:
        self._site = site
        self._parts = {part.name: part for part in parts}
        self._keeping = keeping
        self._stopped = False

    @classmethod
    def start(
        cls,
        *,
        today: date | None = None,
        moment: datetime | None = None,
        pace: str = "fast",
        report_dir: Path | None = None,
        engines: Sequence[Engine] = ENGINES,
        transports: Sequence[str] = (),
        settings: GatewaySettings | None = None,
        stack: StackName = "onprem",
        workers: int = 1,
    ) -> EmbeddedStack:
        """Start all parts in parallel and wait until each has been used once.

        Args:
            today: The stand-in's day, as long as the stack stands.
            moment: What the stand-in's clock shows now, in place of ``today``; its day turns at midnight.
            pace: How long the work takes: ``fast``, ``brisk``, ``real`` (as on a real Koku) or ``slow``.
            report_dir: The parts' logs are kept in ``embedded/`` below it; by default they end with the stack.
            engines: The parts.
            transports: Transports besides masu: ``kafka``, ``gateway`` (which brings the broker along). The start
                then takes until the listener is a member of its consumer group, about 4 s.
            settings: Of the gateway, where it must not be as the Helm deployment's.
            stack: ``onprem``, or ``classic``: Koku with ``ONPREM=False``, with AWS sources, parquet and Trino.
            workers: How many tasks the classic stack works on at once.

        Raises:
            Blocked: It cannot be started here: a server died or does not answer within 30 s times the machine's
                slowness, no disk space, no permission, no free ports, not on Linux. The detail has the end of the
                server's log.
            UsageError: E2E_SLOWNESS is not a factor; nothing was started.
        """
        given()
        if sys.platform != "linux":
            raise Blocked("The embedded stack runs on Linux only; give --target or --namespace instead.")
        further = tuple(dict.fromkeys(engine for transport in transports for engine in TRANSPORTS[transport]))
        parts = (*engines, *STACKS[stack])
        day = StackDay.of(today, moment)
        for _ in range(_TRIES):
            try:
                return cls._start_once(day, pace, report_dir, parts, further, settings or GatewaySettings(), workers)
            except _PortTakenError:
                continue
            except OSError as error:
                raise _blocked(error) from error
        raise Blocked(f"Another program took a port of the embedded stack {_TRIES} times in a row; try again.")

    @classmethod
    def _start_once(
        cls,
        day: StackDay,
        pace: str,
        report_dir: Path | None,
        engines: Sequence[Engine],
        further: Sequence[Engine],
        settings: GatewaySettings,
        workers: int,
    ) -> EmbeddedStack:
        folder, lock = make_folder()
        keeping: Keeping | None = None
        leases: list[PortLease] = []
        try:
            needed = PORTS_NEEDED_CLASSIC if trino in engines else PORTS_NEEDED
            leases.append(lease_ports(needed, unusable=has_left_over_socket))
            transports = None
            if further:
                leases.append(lease_ports(PORTS_OF_TRANSPORTS))
                ports = leases[-1].ports
                transports = OpenedTransports(ports[0], ports[1], gateway in further, settings, secrets.token_hex(16))
            site = _site(folder, leases[0].ports, day, pace, report_dir, transports, workers)
            parts = [engine(site) for engine in (*engines, *further)]
            keeping = Keeping(folder, site.logs, parts, (lock, *(lease.holder.fileno() for lease in leases)))
            _wait_until_used(parts, keeping)
            return cls(site, parts, keeping)
        except BaseException:
            if keeping is not None:
                keeping.end()
            else:
                remove_stack(folder)
            raise
        finally:
            # The keeper has its own copies: lock and lease end with it.
            os.close(lock)
            for lease in leases:
                lease.close()

    @property
    def endpoints(self) -> Endpoints:
        """Addresses and credentials."""
        return self._site.endpoints

    @property
    def control(self) -> ControlAddress:
        """Where faults are armed; apart from the endpoints, so that no judge comes across it."""
        return ControlAddress(f"http://127.0.0.1:{self._site.ports.control}/", self._site.control_token)

    @property
    def faults(self) -> FaultControl:
        """Arms faults; for stacks with the stand-in."""
        return FaultControl(self.control)

    @property
    def folder(self) -> Path:
        """Where everything of the stack is; gone after :meth:`stop`."""
        return self._site.folder

    @property
    def logs(self) -> Path:
        """Where the parts write their logs."""
        return self._site.logs

    @property
    def keeper_pid(self) -> int:
        """The process whose end ends the stack."""
        return self._keeping.pid

    def log_tail(self, part: str, lines: int = _TAIL_LINES) -> str:
        """The end of the log of ``postgres``, ``object_store``, ``valkey`` or ``standin``, or of ``koku-api.jsonl``."""
        return _tail(self.logs / (part if "." in part else f"{part}.log"), lines)

    def ended_parts(self, timeout_seconds: float | None = 0.0) -> list[str]:
        """A sentence for each part that ended since the last call; waits up to the timeout (``None``: for ever)."""
        news = self._keeping.news(timeout_seconds)
        if news is None:
            return ["The keeper of the embedded stack was killed, and all servers with it."]
        return [_sentence(self._parts[ended.part], ended) for ended in news]

    def stop(self) -> None:
        """End all parts and remove the folder; a second call does nothing.

        Raises:
            CleanupIncomplete: Something could not be removed.
        """
        if self._stopped:
            return
        self._stopped = True
        try:
            self._keeping.end()
        except OSError as error:
            raise CleanupIncomplete(f"The embedded stack's folder {self.folder} is left.", detail=str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _site(
    folder: Path,
    leased: tuple[int, ...],
    day: StackDay,
    pace: str,
    report_dir: Path | None,
    transports: OpenedTransports | None = None,
    workers: int = 1,
) -> Site:
    logs = folder / "logs" if report_dir is None else report_dir.resolve() / "embedded"
    logs.mkdir(parents=True, exist_ok=True)
    ports = Ports.of(leased)
    password = secrets.token_hex(16)
    return Site(
        folder=folder,
        logs=logs,
        ports=ports,
        endpoints=Endpoints(
            koku_url=f"http://127.0.0.1:{ports.koku}/api/cost-management/v1/",
            masu_url=f"http://127.0.0.1:{ports.masu}/api/cost-management/v1/",
            s3_url=f"http://127.0.0.1:{ports.object_store[S3_PORT_INDEX]}",
            s3_access_key=secrets.token_hex(10).upper(),
            s3_secret_key=secrets.token_hex(20),
            dsn=f"postgresql://{USER}:{password}@127.0.0.1:{ports.database}/{DATABASE}",
            trino_url=None if ports.trino is None else f"http://127.0.0.1:{ports.trino}",
            further=transports.by_transport() if transports else {},
        ),
        database_password=password,
        cache_password=secrets.token_hex(16),
        control_token=secrets.token_hex(16),
        day=day,
        pace=pace,
        transports=transports,
        workers=workers,
    )


def _wait_until_used(parts: Sequence[Part], keeping: Keeping) -> None:
    """Return when each part has been used once.

    Raises:
        Blocked: A part ended, or did not answer in time.
        _PortTakenError: A part could not bind its port.
    """
    began = time.monotonic()
    end = threading.Event()
    pool = ThreadPoolExecutor(len(parts), thread_name_prefix="embedded-start")
    try:
        pending: dict[Future[str], Part] = {pool.submit(_use, part, end, began): part for part in parts}
        while pending:
            done, _ = wait(pending, timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED")
            for ended in _news(keeping):
                part = next(part for part in parts if part.name == ended.part)
                raise _not_started(part, _sentence(part, ended))
            for future in done:
                part = pending.pop(future)
                last_seen = future.result()
                if last_seen:
                    waited = f"{time.monotonic() - began:.0f} s"
                    remedy = f"this machine is {slowness():.1f} times slower than usual; {VARIABLE}=N sets the factor"
                    raise _not_started(part, f"{part.title} did not answer within {waited}.", f"{last_seen}\n{remedy}")
    finally:
        end.set()
        pool.shutdown()


def _news(keeping: Keeping) -> list[PartEnded]:
    news = keeping.news()
    if news is None:
        raise Blocked("The keeper of the embedded stack ended during the start.")
    return news


def _use(part: Part, end: threading.Event, began: float) -> str:
    """Try until it works; what was seen last when time ran out, else nothing."""
    while True:
        try:
            part.use()
        except NotReadyError as error:
            if expired(_START_SECONDS, began):
                return str(error)
        else:
            return ""
        if end.wait(_POLL_SECONDS):
            return "stopped"


def _sentence(part: Part, ended: PartEnded) -> str:
    if ended.event == "failed":
        return f"{part.title} could not be started: {ended.why}."
    return f"{part.title} ended by itself ({ended.why})."


def _not_started(part: Part, sentence: str, last_seen: str = "") -> Exception:
    tail = _tail(part.log, _TAIL_LINES)
    if _PORT_TAKEN.search(tail):
        return _PortTakenError(sentence)
    if "No space left on device" in tail or "no space left on device" in tail:
        sentence = f"No disk space: {sentence[0].lower()}{sentence[1:]}"
    return Blocked(sentence, detail="\n".join(filter(None, (last_seen, tail))))


def _tail(log: Path, lines: int) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _blocked(error: OSError) -> Blocked:
    where = error.filename or "the folder for temporary files"
    if error.errno == errno.ENOSPC:
        return Blocked(f"No disk space for the embedded stack ({where}); free some or set TMPDIR.")
    if isinstance(error, PermissionError):
        return Blocked(f"No permission for the embedded stack to use {where}; set TMPDIR to a folder of yours.")
    return Blocked(f"The embedded stack cannot be started: {error.strerror or error} ({where}).")
