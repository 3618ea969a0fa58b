"""Locks on a real PostgreSQL: between processes, through a pooler, and after the connection was ended from outside."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Self

import psycopg
import pytest
from patience import came

from e2e_validator.access.claims import Claims
from e2e_validator.deployment import Target
from e2e_validator.engine.claims import hold_organisation
from e2e_validator.errors import Blocked

pytestmark = pytest.mark.embedded

HOLDING = """
import sys, time
from pathlib import Path
from e2e_validator.access.claims import Claims
from e2e_validator.engine.claims import hold_organisation
from e2e_validator.deployment import Target
claims = Claims(Target.model_validate_json(Path(sys.argv[1]).read_text()), "run-of-another-process", exclusive=True)
print(hold_organisation(claims), flush=True)
time.sleep(60)
"""


@pytest.fixture
def made(stack_target: Target) -> Iterator[Any]:
    """Makes claims of runs by name, and gives them back."""
    all_claims: list[Claims] = []

    def make(run_id: str, **more: Any) -> Claims:
        all_claims.append(Claims(stack_target, run_id, **more))
        return all_claims[-1]

    yield make
    for claims in all_claims:
        claims.close()


def test_locks_are_shared_or_alone_and_end_with_the_connection(made: Any) -> None:
    one, other = made("run-1"), made("run-2")
    assert one.take("x", shared=True)
    assert other.take("x", shared=True)
    assert not other.take("x", shared=False)
    one.close()
    # The server ends a session a moment after its client.
    assert came(lambda: other.take("x", shared=False))
    assert not one.take("x", shared=True)


def test_who_holds_a_lock_can_be_read(made: Any) -> None:
    one, other = made("run-1"), made("run-2")
    one.take("x", shared=True)
    (holder,) = other.holders("x")
    assert (holder.run, holder.shared) == ("run-1", True)
    assert "@" in holder.user
    assert str(holder).endswith(" UTC")
    assert (other.held(["x", "y"]), one.held_elsewhere("x"), other.held_elsewhere("x")) == ({"x"}, False, True)


def test_our_sessions_cannot_write(made: Any) -> None:
    claims = made("run-1")
    claims.take("x", shared=True)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        claims._connection.execute("CREATE TABLE e2e_no (x int)")


def test_what_was_ended_from_outside_is_taken_again(made: Any, stack_target: Target) -> None:
    claims = made("run-1")
    claims.take("x", shared=True)
    (holder,) = claims.holders("x")
    with psycopg.connect(stack_target.dsn, autocommit=True) as connection:
        connection.execute(holder.command)
    assert claims.confirm()
    (again,) = claims.holders("x")
    assert again.pid != holder.pid


def test_a_run_of_another_process_blocks_until_it_is_killed(made: Any, stack_target: Target, tmp_path: Any) -> None:
    file = tmp_path / "target.json"
    stack_target.save(file)
    holding = [sys.executable, "-c", HOLDING, str(file)]
    with subprocess.Popen(holding, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "this run alone\n"
            with pytest.raises(Blocked) as refused:
                hold_organisation(made("run-1"))
            assert "is held by run run-of-another-process of " in refused.value.headline
            assert "SELECT pg_terminate_backend(" in refused.value.detail
            other.kill()
            assert hold_organisation(made("run-1"), wait_seconds=5) == "no other run"
        finally:
            other.kill()


def test_short_locks_are_taken_in_turn(made: Any) -> None:
    inside, most = [0], [0]

    def work(claims: Claims) -> None:
        for _ in range(5):
            with claims.alone("short"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.002)
                inside[0] -= 1

    threads = [threading.Thread(target=work, args=[made(f"run-{number}")]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (inside, most) == ([0], [1])


class Pooler:
    """Gives server processes to clients as poolers do: for a transaction, or (``session``) for as long as they stay."""

    def __init__(self, dsn: str, mode: str) -> None:
        self.dsn, self.mode = dsn, mode
        self.free: list[psycopg.Connection[Any]] = []
        self.all: list[psycopg.Connection[Any]] = []

    def connect(self, _dsn: str, **options: Any) -> PooledClient:
        return PooledClient(self, options)

    def server(self, options: dict[str, Any]) -> psycopg.Connection[Any]:
        if not self.free:
            self.all.append(psycopg.connect(self.dsn, **options))
            self.free.append(self.all[-1])
        return self.free.pop()


class PooledClient:
    """A connection to the pooler; what it is told of the server process is the pooler's own invention."""

    def __init__(self, pooler: Pooler, options: dict[str, Any]) -> None:
        self.pooler, self.options = pooler, options
        self.info = SimpleNamespace(backend_pid=1)
        self.closed = False
        self.mine: psycopg.Connection[Any] | None = None
        self.in_transaction = False

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        server = self.mine or self.pooler.server(self.options)
        self.in_transaction |= statement == "BEGIN"
        answer = server.execute(statement, parameters)
        self.mine = server if self.pooler.mode == "session" or self.in_transaction else None
        if self.mine is None:
            self.pooler.free.append(server)
        return answer

    def close(self) -> None:
        self.closed = True
        if self.mine is not None:
            with suppress(psycopg.Error):
                self.mine.execute("ROLLBACK")
            self.pooler.free.append(self.mine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture
def pooler(stack_target: Target, request: pytest.FixtureRequest) -> Iterator[Pooler]:
    """A pooler in the mode that the test asks for."""
    found = Pooler(stack_target.dsn, request.param)
    yield found
    for connection in found.all:
        connection.close()


@pytest.mark.parametrize("pooler", ["transaction"], indirect=True)
def test_a_transaction_pooler_is_refused_before_it_keeps_a_lock(made: Any, pooler: Pooler) -> None:
    with pytest.raises(Blocked, match="pooler in transaction mode"):
        hold_organisation(made("run-1", connect=pooler.connect))
    assert made("run-2").holders("organisation org1234567") == []


@pytest.mark.parametrize("pooler", ["session"], indirect=True)
def test_a_pooler_in_session_mode_is_fine(made: Any, pooler: Pooler) -> None:
    hold_organisation(made("run-1", connect=pooler.connect))
    assert [holder.run for holder in made("run-2").holders("organisation org1234567")] == ["run-1"]
