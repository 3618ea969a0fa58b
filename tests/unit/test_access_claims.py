"""Locks that end with the process: who may hold them together, what is believed of them, and whom a refusal names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from claims_in_memory import LockServer
from phase_context import context

from e2e_validator.access.claims import SPACE, Holder, number, session_name
from e2e_validator.access.http import Unreachable
from e2e_validator.engine.claims import hold_organisation, hold_scenario, release_scenario, token
from e2e_validator.errors import Blocked


@dataclass
class Clock:
    """Time passes while it is slept; ``at`` holds what happens when."""

    now: float = 0.0
    at: list[tuple[float, LockServer, int]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for moment, server, session in self.at:
            if moment <= self.now:
                server.sessions[session].end()


# --- one lock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "granted"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_lock_is_held_together_or_alone(first: bool, second: bool, granted: bool) -> None:
    server = LockServer()
    one, other = server.claims("run-1"), server.claims("run-2")
    assert one.take("x", shared=first)
    assert other.take("x", shared=second) is granted
    one.drop("x", shared=first)
    assert other.take("x", shared=second)


def test_a_lock_is_given_back_with_its_last_owner() -> None:
    server = LockServer()
    one, other = server.claims("run-1"), server.claims("run-2")
    for owner in ("a", "b", "a"):
        assert one.take("x", shared=True, owner=owner)
    one.drop("x", shared=True, owner="a")
    assert (one.owned("x", shared=True, owner="a"), one.owned("x", shared=True, owner="b")) == (False, True)
    assert not other.take("x", shared=False)
    one.drop("x", shared=True, owner="b")
    one.drop("x", shared=True, owner="b")
    assert other.take("x", shared=False)


def test_a_lock_ends_with_its_process() -> None:
    server = LockServer()
    one, other = server.claims("run-1"), server.claims("run-2")
    one.take("x", shared=False)
    one.close()
    assert other.take("x", shared=False)


def test_a_lock_that_the_database_does_not_know_is_not_held() -> None:
    server = LockServer(forgets=True)
    with pytest.raises(Blocked, match="does not keep our locks: a pooler in transaction mode"):
        server.claims().take("x", shared=True)


@pytest.mark.parametrize(("mode", "kept"), [("transaction", False), ("session", True), ("", True)])
def test_a_pooler_is_believed_if_our_session_stays_ours(mode: str, kept: bool) -> None:
    server = LockServer(pooled=mode)
    if kept:
        assert server.claims().take("x", shared=True)
        return
    with pytest.raises(Blocked, match="pooler in transaction mode"):
        server.claims().take("x", shared=True)
    assert server.locks == []
    assert all(session.closed for session in server.sessions)


def test_a_database_that_does_not_answer_is_unreachable() -> None:
    with pytest.raises(Unreachable, match=r"^PostgreSQL did not answer: connection refused$"):
        LockServer(down=True).claims().take("x", shared=True)


def test_a_connection_that_was_cut_is_made_again_with_its_locks() -> None:
    server = LockServer()
    one = server.claims()
    one.take("x", shared=True)
    server.cut()
    assert one.confirm()
    assert [pid for pid, _, _ in server.locks] == [101]


def test_a_lock_taken_while_the_connection_was_cut_is_lost() -> None:
    server = LockServer()
    one, other = server.claims("run-1"), server.claims("run-2")
    one.take("x", shared=True)
    server.cut()
    assert other.take("x", shared=False)
    assert not one.confirm()
    assert not one.owned("x", shared=True)


def test_only_what_somebody_holds_is_held() -> None:
    server = LockServer()
    one, other = server.claims("run-1"), server.claims("run-2")
    one.take("x", shared=True)
    assert other.held(["x", "y"]) == {"x"}
    assert (one.held_elsewhere("x"), other.held_elsewhere("x")) == (False, True)


def test_a_session_is_named_after_its_run_and_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "jö rg")
    monkeypatch.setattr("socket.gethostname", lambda: f"{'h' * 80}.example.com")
    name = session_name("2026-11-21-120000-ab12")
    assert name.startswith("e2e_validator 2026-11-21-120000-ab12 j?_rg@hhh")
    assert len(name) == 63
    assert name.isascii()


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1001")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert session_name("r").split()[2].partition("@")[0].isdigit()


def test_locks_have_numbers_that_postgresql_takes() -> None:
    assert 0 < SPACE < 2**31
    assert all(0 <= number(f"token {one}") < 2**31 for one in range(100))
    assert len({number(f"token {one}") for one in range(1000)}) == 1000


def test_a_holder_whose_name_is_not_shown_has_a_number() -> None:
    assert str(Holder(7, "", "", None, shared=True)) == "the session 7"


# --- the organisation ------------------------------------------------------------------------------------------------


def test_runs_hold_the_organisation_together() -> None:
    server = LockServer()
    said = [hold_organisation(server.claims(f"run-{number}")) for number in (1, 2, 3)]
    assert said == ["no other run", "shared with 1 other run", "shared with 2 other runs"]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (False, True, "this one wants it alone (--exclusive)"),
        (True, False, "that one wants it alone (--exclusive)"),
    ],
)
def test_a_run_that_wants_to_be_alone_excludes_another(first: bool, second: bool, why: str) -> None:
    server = LockServer()
    hold_organisation(server.claims("run-1", exclusive=first))
    server.names[100] = "e2e_validator run-1 ci@runner"
    with pytest.raises(Blocked) as refused:
        hold_organisation(server.claims("run-2", exclusive=second))
    assert refused.value.headline == (
        f"The organisation org1234567 is held by run run-1 of ci@runner since 2026-11-21 12:00:00 UTC, and {why}."
    )
    assert "to end it   SELECT pg_terminate_backend(100);" in refused.value.detail


def test_a_waiting_run_is_told_once_and_gets_its_turn() -> None:
    server, clock, told = LockServer(), Clock(), list[str]()
    hold_organisation(server.claims("run-1", exclusive=True))
    clock.at.append((20.0, server, 0))
    waiting = server.claims("run-2", clock=clock, sleep=clock.sleep)
    assert hold_organisation(waiting, wait_seconds=30, on_wait=told.append) == "no other run"
    assert 20 <= clock.now < 21
    assert [line.partition(" of ")[0] for line in told] == ["waiting up to 30 s for run run-1"]


def test_who_has_waited_long_enough_is_blocked() -> None:
    server, clock = LockServer(), Clock()
    hold_organisation(server.claims("run-1", exclusive=True))
    with pytest.raises(Blocked, match="is held by run run-1"):
        hold_organisation(server.claims("run-2", clock=clock, sleep=clock.sleep), wait_seconds=30)
    assert 30 <= clock.now < 31


@pytest.mark.parametrize("exclusive", [True, False])
def test_what_one_process_of_a_run_holds_is_held_by_the_run(exclusive: bool) -> None:
    server = LockServer()
    controller, worker = (server.claims("run-1", exclusive=exclusive) for _ in range(2))
    hold_organisation(controller)
    hold_organisation(worker)
    assert [pid for pid, _, _ in server.locks] == [100]


def test_a_process_takes_the_organisation_that_its_run_has_lost() -> None:
    server = LockServer()
    controller, worker = (server.claims("run-1", exclusive=True) for _ in range(2))
    hold_organisation(controller)
    server.cut()
    hold_organisation(worker)
    with pytest.raises(Blocked):
        hold_organisation(server.claims("run-2"))


# --- a scenario ------------------------------------------------------------------------------------------------------


def test_a_scenario_holds_its_token_until_it_is_released(tmp_path: Path) -> None:
    the_context = context(tmp_path)
    other = the_context.clients.claims
    hold_scenario(the_context)
    hold_scenario(the_context)
    assert other.held([token("0123abcd")]) == {token("0123abcd")}
    release_scenario(the_context)
    assert other.held([token("0123abcd")]) == set()


def test_a_scenario_on_a_silent_database_goes_to_its_phase(tmp_path: Path) -> None:
    the_context = context(tmp_path)
    the_context.clients.claims = LockServer(down=True).claims()
    hold_scenario(the_context)
