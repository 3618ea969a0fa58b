"""Tag keys that scenarios and runs share: enabled by the first, disabled by the last, left if enabled before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from claims_in_memory import LockServer

from e2e_validator.access.claims import Claims
from e2e_validator.access.http import Unreachable
from e2e_validator.access.tag_switch import TagSwitch
from e2e_validator.engine.run_state import Run
from e2e_validator.engine.tag_keys import (
    DISABLED,
    ENABLED,
    NeededOtherwiseError,
    Released,
    Wish,
    enable,
    enable_all,
    enabled_by,
    hold,
    release,
)
from e2e_validator.errors import Blocked

NOTHING = Released()
KEY = ["environment"]


class FakeMasu:
    """The keys of an organisation; ``stuck`` ones can neither be enabled nor disabled."""

    def __init__(self, *enabled: str, stuck: tuple[str, ...] = ()) -> None:
        self.enabled, self.stuck, self.gone = set(enabled), set(stuck), False
        self.changes: list[tuple[str, list[str]]] = []

    def enabled_tags(self) -> list[str]:
        return sorted(self.enabled)

    def enabled_among(self, keys: list[str]) -> set[str]:
        return set(keys) & self.enabled

    def change_tags(self, action: str, keys: list[str]) -> None:
        if self.gone:
            raise Unreachable("masu did not answer")
        self.changes.append((action, keys))
        changed = set(keys) - self.stuck
        self.enabled = self.enabled | changed if action == "create" else self.enabled - changed


@dataclass
class Process:
    """One process of a run, on the organisation whose keys ``masu`` has."""

    run: Run
    claims: Claims
    masu: FakeMasu

    def enable(self, scenario: str, keys: list[str] = KEY, wish: Wish = ENABLED, *, change: bool = True) -> list[str]:
        return enable(self.run, self.claims, cast("TagSwitch", self.masu), scenario, keys, wish, change=change)

    def hold(self, scenario: str, keys: list[str] = KEY, wish: Wish = ENABLED) -> None:
        hold(self.run, self.claims, cast("TagSwitch", self.masu), scenario, keys, wish)

    def release(self, scenario: str, keys: list[str] = KEY, wish: Wish = ENABLED) -> Released:
        return release(self.run, self.claims, cast("TagSwitch", self.masu), scenario, keys, wish)

    def dies(self) -> None:
        self.claims.close()


@pytest.fixture
def organisation(tmp_path: Path) -> Organisation:
    return Organisation(tmp_path)


class Organisation:
    """One deployment; every process of every run shares its locks and keys."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.locks, self.masu = folder, LockServer(), FakeMasu()

    def process(self, run_id: str = "run-1", **more: Any) -> Process:
        folder = self.folder / run_id
        folder.mkdir(exist_ok=True)
        return Process(Run(run_id, folder), self.locks.claims(run_id, **more), self.masu)


# --- one run ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processes", [1, 2])
def test_a_key_is_disabled_by_the_last_scenario_that_needs_it(organisation: Organisation, processes: int) -> None:
    first = organisation.process()
    second = organisation.process() if processes == 2 else first
    assert first.enable("first") == []
    assert second.enable("second", ["environment", "app"]) == []
    assert first.release("first") == NOTHING
    assert organisation.masu.enabled == {"environment", "app"}
    assert second.release("second", ["environment", "app"]) == NOTHING
    assert organisation.masu.enabled == set()
    assert organisation.locks.locks == []


def test_a_key_that_was_enabled_before_the_run_stays_enabled(organisation: Organisation) -> None:
    organisation.masu.enabled = {"environment"}
    one = organisation.process()
    for scenario in ("first", "second"):
        one.enable(scenario)
    for scenario in ("first", "second"):
        assert one.release(scenario) == NOTHING
    assert organisation.masu.enabled == {"environment"}
    assert organisation.masu.changes == []


def test_a_key_that_somebody_disabled_meanwhile_is_enabled_again(organisation: Organisation) -> None:
    one = organisation.process()
    one.enable("first")
    organisation.masu.enabled.clear()
    assert one.enable("second") == []
    assert organisation.masu.enabled == {"environment"}


@pytest.mark.parametrize("again", [1, 2])
def test_a_key_is_released_once_however_often_it_is_asked_for(organisation: Organisation, again: int) -> None:
    one = organisation.process()
    one.enable("first")
    for _ in range(again):
        assert one.release("first") == NOTHING
    assert organisation.masu.enabled == set()


def test_keys_that_masu_does_not_change_are_told(organisation: Organisation) -> None:
    one, masu = organisation.process(), organisation.masu
    masu.stuck = {"app"}
    assert one.enable("first", ["environment", "app"]) == ["app"]
    masu.stuck, masu.enabled = {"environment"}, {"environment"}
    assert one.release("first", ["environment", "app"]) == Released(stuck=("environment",))


def test_a_masu_that_was_gone_is_asked_again(organisation: Organisation) -> None:
    one = organisation.process()
    one.enable("first")
    organisation.masu.gone = True
    with pytest.raises(Unreachable):
        one.release("first")
    organisation.masu.gone = False
    assert one.release("first") == NOTHING
    assert organisation.masu.enabled == set()


def test_the_keys_of_kept_data_are_known_and_stay_enabled(organisation: Organisation) -> None:
    organisation.masu.enabled = {"app"}
    one = organisation.process()
    one.enable("kept", ["app", "environment"])
    one.enable("other")
    assert one.release("other") == NOTHING
    assert enabled_by(one.run, "kept") == ["environment"]
    assert organisation.masu.enabled == {"app", "environment"}


# --- several runs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first_to_end", ["run-1", "run-2"])
def test_a_key_is_disabled_by_the_last_run_that_needs_it(organisation: Organisation, first_to_end: str) -> None:
    runs = {name: organisation.process(name) for name in ("run-1", "run-2")}
    for one in runs.values():
        one.enable("same name")
    assert runs.pop(first_to_end).release("same name") == Released(needed=("environment",))
    assert organisation.masu.enabled == {"environment"}
    (last,) = runs.values()
    assert last.release("same name") == NOTHING
    assert organisation.masu.enabled == set()
    assert organisation.locks.locks == []


def test_a_key_of_the_user_survives_two_runs(organisation: Organisation) -> None:
    organisation.masu.enabled = {"environment"}
    first, second = organisation.process("run-1"), organisation.process("run-2")
    first.enable("a")
    second.enable("b")
    first.release("a")
    second.release("b")
    assert organisation.masu.enabled == {"environment"}


def test_a_killed_run_does_not_keep_others_from_their_keys(organisation: Organisation) -> None:
    killed, other = organisation.process("run-1"), organisation.process("run-2")
    killed.enable("a")
    other.enable("b")
    killed.dies()
    assert other.release("b") == NOTHING
    assert organisation.masu.enabled == set()


def test_a_key_of_a_killed_run_is_taken_for_the_users(organisation: Organisation) -> None:
    killed = organisation.process("run-1")
    killed.enable("a")
    killed.dies()
    other = organisation.process("run-2")
    other.enable("b")
    other.release("b")
    assert organisation.masu.enabled == {"environment"}


def test_a_resumed_run_disables_what_it_enabled_before(organisation: Organisation) -> None:
    killed = organisation.process("run-1")
    killed.enable("a")
    killed.dies()
    resumed = organisation.process("run-1")
    resumed.hold("a")
    assert resumed.release("a") == NOTHING
    assert organisation.masu.enabled == set()


def test_a_resumed_run_leaves_a_key_that_another_run_found(organisation: Organisation) -> None:
    killed = organisation.process("run-1")
    killed.enable("a")
    killed.dies()
    other = organisation.process("run-2")
    other.enable("b")
    resumed = organisation.process("run-1")
    resumed.hold("a")
    assert resumed.release("a") == Released(needed=("environment",))
    assert organisation.masu.enabled == {"environment"}


def test_a_process_that_holds_its_keys_asks_for_nothing(organisation: Organisation) -> None:
    one = organisation.process()
    one.enable("a")
    before = list(organisation.masu.changes)
    one.hold("a")
    assert organisation.masu.changes == before


def test_locks_lost_with_the_connection_are_taken_again(organisation: Organisation) -> None:
    one, other = organisation.process("run-1"), organisation.process("run-2")
    one.enable("a")
    organisation.locks.cut()
    one.hold("a")
    other.enable("b")
    assert other.release("b") == Released(needed=("environment",))


def test_a_key_disabled_while_its_lock_was_lost_is_enabled(organisation: Organisation) -> None:
    killed, other = organisation.process("run-1"), organisation.process("run-2")
    killed.enable("a")
    other.enable("b")
    killed.dies()
    other.release("b")
    assert organisation.masu.enabled == set()
    resumed = organisation.process("run-1")
    resumed.hold("a")
    assert organisation.masu.enabled == {"environment"}


def test_while_one_changes_keys_others_wait_and_name_it(organisation: Organisation) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    slow = organisation.process("run-1")
    other = organisation.process("run-2", clock=lambda: now[0], sleep=sleep)
    with slow.claims.alone("tag keys of org1234567"), pytest.raises(Blocked) as refused:
        other.enable("b")
    assert now[0] >= 300
    assert "was not free within 300 s: run run-1 of " in refused.value.headline
    assert refused.value.detail == "to end it   SELECT pg_terminate_backend(100)"
    assert organisation.masu.enabled == set()
    assert other.enable("b") == []


# --- keys that must be disabled --------------------------------------------------------------------------------------


def test_a_disabled_key_is_enabled_again_by_the_last_run(organisation: Organisation) -> None:
    organisation.masu.enabled = {"environment", "app"}
    runs = [organisation.process(name) for name in ("run-1", "run-2")]
    for one in runs:
        assert one.enable("hides", wish=DISABLED) == []
    assert organisation.masu.enabled == {"app"}
    assert runs[0].release("hides", wish=DISABLED) == Released(needed=("environment",))
    assert organisation.masu.enabled == {"app"}
    assert runs[1].release("hides", wish=DISABLED) == NOTHING
    assert organisation.masu.enabled == {"environment", "app"}
    assert organisation.locks.locks == []


def test_a_key_that_was_disabled_before_the_run_stays_so(organisation: Organisation) -> None:
    one = organisation.process()
    assert one.enable("hides", wish=DISABLED) == []
    assert one.release("hides", wish=DISABLED) == NOTHING
    assert (organisation.masu.enabled, organisation.masu.changes) == (set(), [])


def test_a_key_that_stays_enabled_or_comes_back_not_is_told(organisation: Organisation) -> None:
    one, masu = organisation.process(), organisation.masu
    masu.enabled = masu.stuck = {"environment"}
    assert one.enable("hides", wish=DISABLED) == ["environment"]
    masu.enabled = set()
    assert one.release("hides", wish=DISABLED) == Released(stuck=("environment",))
    assert enabled_by(one.run, "hides", DISABLED) == ["environment"]


@pytest.mark.parametrize("runs", [1, 2])
@pytest.mark.parametrize("first", [ENABLED, DISABLED])
def test_a_key_is_never_needed_both_ways_at_once(organisation: Organisation, runs: int, first: Wish) -> None:
    organisation.masu.enabled = {"environment"}
    one = organisation.process("run-1")
    other = organisation.process("run-2") if runs == 2 else one
    one.enable("a", wish=first)
    with pytest.raises(NeededOtherwiseError, match=f"which needs it {first.state}"):
        other.enable("b", wish=first.other)
    assert organisation.masu.enabled == ({"environment"} if first is ENABLED else set())
    one.release("a", wish=first)
    assert other.enable("b", wish=first.other) == []
    other.release("b", wish=first.other)
    assert organisation.masu.enabled == {"environment"}
    assert organisation.locks.locks == []


def test_keys_that_are_kept_are_claimed_and_never_switched(organisation: Organisation) -> None:
    one, other = organisation.process("run-1"), organisation.process("run-2")
    organisation.masu.enabled = {"app"}
    assert one.enable("plain", ["app", "environment"], change=False) == ["environment"]
    with pytest.raises(NeededOtherwiseError):
        other.enable("hides", ["app"], DISABLED)
    assert one.release("plain", ["app", "environment"]) == NOTHING
    assert organisation.masu.changes == []
    assert other.enable("hides", ["app"], DISABLED) == []


def test_a_resumed_run_enables_what_it_disabled_before(organisation: Organisation) -> None:
    organisation.masu.enabled = {"environment"}
    killed = organisation.process("run-1")
    killed.enable("hides", wish=DISABLED)
    killed.dies()
    resumed = organisation.process("run-1")
    resumed.hold("hides", wish=DISABLED)
    assert resumed.release("hides", wish=DISABLED) == NOTHING
    assert organisation.masu.enabled == {"environment"}


def test_of_several_wishes_all_are_claimed_or_none(organisation: Organisation) -> None:
    """Else two scenarios could wait for each other with what the other needs."""
    organisation.masu.enabled = {"app", "environment"}
    one, other = organisation.process("run-1"), organisation.process("run-2")
    other.enable("plain", ["app"], change=False)
    wants = [(ENABLED, ["environment"], True), (DISABLED, ["app"], True)]
    with pytest.raises(NeededOtherwiseError, match="the key app is needed otherwise by run run-2"):
        enable_all(one.run, one.claims, cast("TagSwitch", one.masu), "hides", wants)
    assert other.enable("hides the other", wish=DISABLED) == []
    other.release("plain", ["app"])
    other.release("hides the other", wish=DISABLED)
    assert enable_all(one.run, one.claims, cast("TagSwitch", one.masu), "hides", wants) == [[], []]
    assert organisation.masu.enabled == {"environment"}
