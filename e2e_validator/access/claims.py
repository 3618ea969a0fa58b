"""Claims on a deployment: advisory locks of PostgreSQL, which end with the process that holds them.

A process has one connection of its own for them, read only and open as long as it lives. Its name in
``pg_stat_activity`` says whose it is, so that a run that has to wait can say for which, and how to end it. Nothing is
written, and nothing can be left over: a killed process takes its locks along.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from e2e_validator.access.http import Unreachable
from e2e_validator.deployment import Target
from e2e_validator.deployment.postgresql import connect
from e2e_validator.errors import Blocked, first_line

# The first number of every lock of a run, so that they can be told from Koku's: "e2ev" in ASCII.
SPACE = int.from_bytes(b"e2ev")
# How long a short lock is waited for: its holder waits for masu, which may take 90 s for an answer.
SHORT_LOCK_SECONDS = 300.0
_POLL_SECONDS = 0.05
# PostgreSQL cuts names of applications off here.
_NAME_BYTES = 63
_NAME = re.compile(r"e2e_validator (\S+) (\S+)")


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that holds a lock; ``run`` and ``user`` are empty when PostgreSQL does not show us its name."""

    pid: int
    run: str
    user: str
    since: datetime | None
    shared: bool

    def __str__(self) -> str:
        """For example ``run 2026-11-21-120000-ab12 of ci@runner since 2026-11-21 12:00:00 UTC``."""
        name = f"run {self.run} of {self.user}" if self.run else f"the session {self.pid}"
        return name + (f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else "")

    @property
    def command(self) -> str:
        """The statement that takes its locks away."""
        return f"SELECT pg_terminate_backend({self.pid})"


def number(name: str) -> int:
    """The second number of the lock called ``name``: 31 bits, the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) & 0x7FFFFFFF


class Claims:
    """The locks of one process.

    A lock is held shared by as many sessions as want it, or by one alone. Within a process it has owners (scenarios),
    and is given back with the last of them. Methods raise Unreachable when the database does not answer and Blocked
    when it does not keep session locks.
    """

    def __init__(
        self,
        target: Target,
        run_id: str,
        *,
        exclusive: bool = False,
        connect: Callable[..., Any] = connect,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Remember where; nothing is opened yet. ``exclusive``: the run wants the organisation for itself."""
        self.run_id = run_id
        self.exclusive = exclusive
        self.schema = target.schema_name
        self.clock = clock
        self.sleep = sleep
        self._dsn = target.dsn
        self._connect = connect
        self._connection: Any = None
        self._pid = 0
        self._owners: dict[tuple[str, bool], set[str]] = {}

    def close(self) -> None:
        """Give everything back."""
        self._owners.clear()
        self._disconnect()

    def take(self, name: str, *, shared: bool, owner: str = "") -> bool:
        """Take the lock for ``owner`` if it is free now, and see that it is really held; False when it is not free."""
        owners = self._owners.get((name, shared))
        if not owners and not self._taken(name, shared=shared):
            return False
        self._owners.setdefault((name, shared), set()).add(owner)
        return True

    def drop(self, name: str, *, shared: bool, owner: str = "") -> None:
        """Give the lock back for ``owner``; it is free once its last owner did. One that is not held is fine."""
        owners = self._owners.get((name, shared), set())
        owners.discard(owner)
        if owners or (name, shared) not in self._owners:
            return
        del self._owners[name, shared]
        function = "pg_advisory_unlock_shared" if shared else "pg_advisory_unlock"
        self._ask(_call(function), _numbers(name))

    def owned(self, name: str, *, shared: bool, owner: str = "") -> bool:
        """Whether this process has taken the lock for ``owner`` and not given it back."""
        return owner in self._owners.get((name, shared), set())

    def confirm(self) -> bool:
        """Whether the database still knows every lock of this process; taken again where the connection was lost."""
        wanted = [(number(name), shared) for name, shared in self._owners]
        return not wanted or self._kept().issuperset(wanted)

    def holders(self, name: str) -> list[Holder]:
        """Every session that holds the lock, of this run or of any other."""
        return [_holder(row) for row in self._ask(_HOLDERS, _numbers(name))]

    def held(self, names: Sequence[str]) -> set[str]:
        """Those of ``names`` that any session holds."""
        taken = {row["number"] for row in self._ask(_HELD, [SPACE])}
        return {name for name in names if number(name) in taken}

    def held_elsewhere(self, name: str) -> bool:
        """Whether another process holds the lock."""
        return any(holder.pid != self._pid for holder in self.holders(name))

    @contextmanager
    def alone(self, name: str, *, patience_seconds: float = SHORT_LOCK_SECONDS) -> Iterator[None]:
        """Hold a short lock exclusively; it is waited for.

        Raises:
            Blocked: another session has held it for too long.
        """
        deadline = self.clock() + patience_seconds
        while not self.take(name, shared=False):
            if self.clock() >= deadline:
                others = self.holders(name)
                raise Blocked(
                    f"The lock '{name}' was not free within {patience_seconds:.0f} s"
                    + (f": {others[0]} holds it." if others else "."),
                    detail="\n".join(f"to end it   {other.command}" for other in others),
                )
            self.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            self.drop(name, shared=False)

    def _taken(self, name: str, *, shared: bool) -> bool:
        function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        (row,) = self._ask(_call(function), _numbers(name))
        if row["answer"] is not True:
            return False
        if (number(name), shared) not in self._kept():
            self._disconnect()
            raise _not_kept()
        return True

    def _kept(self) -> set[tuple[int, bool]]:
        """The locks that the database knows of this very session, as numbers and whether they are shared."""
        return {(row["number"], row["mode"] == "ShareLock") for row in self._ask(_OWN, [SPACE])}

    def _ask(self, statement: sql.SQL | sql.Composed, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows; a connection that was cut (a restart, ``pg_terminate_backend``) is made again once."""
        try:
            fresh = self._connection is None or self._connection.closed
            connection = self._connected()
            try:
                return list(connection.execute(statement, parameters).fetchall())
            except (psycopg.OperationalError, psycopg.InterfaceError):
                if fresh:
                    raise
                self._disconnect()
                return list(self._connected().execute(statement, parameters).fetchall())
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self._disconnect()
            reason = first_line(error)
            raise Unreachable(f"PostgreSQL did not answer: {reason}") from error

    def _connected(self) -> Any:
        if self._connection is None or self._connection.closed:
            self._connection = self._opened()
            try:
                self._check_pooler(self._connection)
                self._take_again(self._connection)
            except BaseException:
                self._disconnect()
                raise
        return self._connection

    def _opened(self) -> Any:
        return self._connect(
            self._dsn,
            autocommit=True,
            connect_timeout=10,
            application_name=session_name(self.run_id),
            options="-c default_transaction_read_only=on -c statement_timeout=60000 -c idle_session_timeout=0",
            keepalives_idle=30,
            row_factory=dict_row,
        )

    def _take_again(self, connection: Any) -> None:
        """After the connection was lost: everything that is still free; what is not is no longer ours."""
        for name, shared in list(self._owners):
            function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
            row = connection.execute(_call(function), _numbers(name)).fetchone()
            if row["answer"] is not True:
                del self._owners[name, shared]

    def _check_pooler(self, connection: Any) -> None:
        """Refuse a pooler that gives our session to others between two statements.

        A pooler invents the process number that it tells at the beginning. In session mode no other client gets our
        server process; in transaction mode the next client does, and locks stay with a process that is not ours.

        Raises:
            Blocked: it is one in transaction mode.
        """
        self._pid = pid = connection.execute(_PID).fetchone()["pid"]
        if pid == connection.info.backend_pid:
            return
        with self._opened() as other:
            other.execute("BEGIN")
            stolen = other.execute(_PID).fetchone()["pid"] == pid
            if stolen or connection.execute(_PID).fetchone()["pid"] != pid:
                raise _not_kept()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def session_name(run_id: str) -> str:
    """What ``pg_stat_activity`` shows of us: ``e2e_validator <run> <user>@<host>``, in ASCII and not too long."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no such user, in a container with a number only
        user = str(os.getuid())
    who = f"{user}@{socket.gethostname().split('.')[0]}".encode("ascii", "replace").decode().replace(" ", "_")
    return f"e2e_validator {run_id} {who}"[:_NAME_BYTES]


def _call(function: str) -> sql.Composed:
    return sql.SQL("SELECT {}(%s::int, %s::int) AS answer").format(sql.Identifier(function))


def _numbers(name: str) -> list[int]:
    return [SPACE, number(name)]


def _holder(row: dict[str, Any]) -> Holder:
    named = _NAME.fullmatch(row["application_name"] or "")
    run, who = (named[1], named[2]) if named else ("", "")
    return Holder(row["pid"], run, who, row["since"], row["mode"] == "ShareLock")


def _not_kept() -> Blocked:
    return Blocked(
        "PostgreSQL does not keep our locks: a pooler in transaction mode is in between.",
        detail="to do       let dsn name the server itself, or a pooler in session mode",
    )


_PID = sql.SQL("SELECT pg_backend_pid() AS pid")
_OURS = (
    " l.locktype = 'advisory' AND l.classid::bigint = %s AND l.objsubid = 2 AND l.granted"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_OWN = sql.SQL("SELECT l.objid::bigint AS number, l.mode FROM pg_locks l WHERE l.pid = pg_backend_pid() AND" + _OURS)
_HELD = sql.SQL("SELECT DISTINCT l.objid::bigint AS number FROM pg_locks l WHERE" + _OURS)
_HOLDERS = sql.SQL(
    "SELECT l.pid, l.mode, a.application_name, a.backend_start AT TIME ZONE 'UTC' AS since FROM pg_locks l"
    " LEFT JOIN pg_stat_activity a USING (pid) WHERE" + _OURS + " AND l.objid::bigint = %s ORDER BY a.backend_start"
)
