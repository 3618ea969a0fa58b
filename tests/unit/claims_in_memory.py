"""Advisory locks without PostgreSQL: a server in memory, and connections that speak just what our claims ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Self

import psycopg

from e2e_validator.access.claims import Claims
from e2e_validator.deployment import Target

STARTED = datetime(2026, 11, 21, 12, 0, 0)  # noqa: DTZ001 - as PostgreSQL gives it, in UTC


@dataclass
class LockServer:
    """Who holds what: ``(pid, number, mode)``; a lock that is taken twice by one session is held twice.

    ``down`` refuses connections, ``forgets`` drops each lock at once (a pooler in transaction mode does), ``names``
    are what ``pg_stat_activity`` shows.
    """

    locks: list[tuple[int, int, str]] = field(default_factory=list)
    names: dict[int, str | None] = field(default_factory=dict)
    down: bool = False
    forgets: bool = False
    pooled: str = ""
    sessions: list[Session] = field(default_factory=list)

    def connect(self, _dsn: str, *, application_name: str, **_: Any) -> Session:
        if self.down:
            raise psycopg.OperationalError("connection refused\nis the server running?")
        session = Session(self, 100 + len(self.sessions))
        self.names[session.pid] = application_name
        self.sessions.append(session)
        return session

    def claims(self, run_id: str = "run-1", **more: Any) -> Claims:
        """The claims of one process."""
        return Claims(Target.unknown(), run_id, connect=self.connect, **more)

    def cut(self) -> None:
        """Every connection breaks, as in a restart."""
        for session in self.sessions:
            session.end()

    def free(self, pid: int, number: int, *, shared: bool) -> bool:
        others = [mode for holder, held, mode in self.locks if held == number and holder != pid]
        return not others or (shared and set(others) == {"ShareLock"})


@dataclass
class Session:
    """One connection."""

    server: LockServer
    pid: int
    broken: bool = False
    closed: bool = False
    answer: list[dict[str, Any]] = field(default_factory=list)

    @property
    def info(self) -> Any:
        """What the protocol told at the beginning; a pooler invents it."""
        return SimpleNamespace(backend_pid=9999 if self.server.pooled else self.pid)

    def end(self) -> None:
        self.broken = True
        self.server.locks = [lock for lock in self.server.locks if lock[0] != self.pid]

    def close(self) -> None:
        self.end()
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(self, statement: Any, parameters: Any = ()) -> Session:
        if self.broken:
            raise psycopg.OperationalError("terminating connection due to administrator command")
        text = statement if isinstance(statement, str) else statement.as_string()
        self.answer = self._answer(text, list(parameters))
        return self

    def fetchall(self) -> list[dict[str, Any]]:
        return self.answer

    def fetchone(self) -> dict[str, Any]:
        return self.answer[0]

    def _answer(self, text: str, parameters: list[Any]) -> list[dict[str, Any]]:
        server = self.server
        if "pg_try_advisory_lock" in text:
            shared = "shared" in text
            granted = server.free(self.pid, parameters[1], shared=shared)
            if granted and not server.forgets:
                server.locks.append((self.pid, parameters[1], "ShareLock" if shared else "ExclusiveLock"))
            return [{"answer": granted}]
        if "pg_advisory_unlock" in text:
            lock = (self.pid, parameters[1], "ShareLock" if "shared" in text else "ExclusiveLock")
            held = lock in server.locks
            if held:
                server.locks.remove(lock)
            return [{"answer": held}]
        if "application_name" in text:
            return [
                {"pid": pid, "mode": mode, "application_name": server.names[pid], "since": STARTED}
                for pid, number, mode in server.locks
                if number == parameters[1]
            ]
        if "DISTINCT" in text:
            return [{"number": number} for _, number, _ in server.locks]
        if "pg_backend_pid() AND" in text:
            return [{"number": number, "mode": mode} for pid, number, mode in server.locks if pid == self.pid]
        if "pg_backend_pid() AS pid" in text:
            first = server.sessions[0].pid
            return [{"pid": first if server.pooled == "transaction" else self.pid}]
        return []
