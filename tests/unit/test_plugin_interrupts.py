"""Signals are taken where they do no harm: noted between phases, ending a phase, and a cleanup at the second alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e_validator.engine.run_state import Run
from e2e_validator.plugin import interrupts
from e2e_validator.plugin.interrupts import ONCE, TWICE, Interrupts

LONG = 30.0
Send = Callable[..., None]


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caught(tmp_path: Path, clock: Clock) -> Iterator[Interrupts]:
    """The interrupts of a run that has begun."""
    found = Interrupts(Run("id", tmp_path), clock=clock)
    found.catch()
    found.begin()
    try:
        yield found
    finally:
        found.give_back()


def kill(number: signal.Signals = signal.SIGINT) -> None:
    """As a terminal does; Python's handler runs before the next line."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_between_phases_a_signal_is_noted_and_told_to_the_others(caught: Interrupts, number: signal.Signals) -> None:
    kill(number)
    assert (caught.level, caught.by) == (ONCE, number.name)
    assert caught._run.stopped_by() == number.name
    with pytest.raises(KeyboardInterrupt), caught.during("upload"):
        pytest.fail("the phase began")
    with caught.during("cleanup"):
        pass


def test_a_phase_may_stop_by_itself_before_it_is_ended(
    caught: Interrupts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []

    def phase() -> None:
        kill()
        reached.append("behind the signal")
        clock.now += interrupts.GRACE_SECONDS
        time.sleep(LONG)

    with pytest.raises(KeyboardInterrupt), caught.during("upload"):
        phase()
    assert reached


def test_a_second_signal_ends_a_phase_at_once(caught: Interrupts, clock: Clock) -> None:
    def phase() -> None:
        kill()
        clock.now += interrupts.SAME_SECONDS
        kill()
        pytest.fail("it went on")

    with pytest.raises(KeyboardInterrupt), caught.during("upload"):
        phase()
    assert caught.level == TWICE
    assert caught._run.abandon_file.exists()


def test_two_signals_within_a_moment_are_one(caught: Interrupts, clock: Clock) -> None:
    kill(signal.SIGTERM)
    clock.now += interrupts.SAME_SECONDS / 2
    kill(signal.SIGTERM)
    assert caught.level == ONCE


def test_a_cleanup_survives_one_signal_and_ends_at_the_second(caught: Interrupts, clock: Clock) -> None:
    reached = []

    def phase() -> None:
        kill()
        reached.append("behind the signal")
        clock.now += LONG
        kill()
        pytest.fail("it went on")

    with pytest.raises(KeyboardInterrupt), caught.during("cleanup"):
        phase()
    assert reached
    with pytest.raises(KeyboardInterrupt), caught.during("cleanup"):
        pytest.fail("another cleanup began")


def test_what_another_process_has_seen_ends_a_phase_here(caught: Interrupts, clock: Clock) -> None:
    def phase() -> None:
        caught._run.stop("SIGTERM")
        while not caught.level:
            time.sleep(0.01)
        clock.now += interrupts.GRACE_SECONDS
        time.sleep(LONG)

    with pytest.raises(KeyboardInterrupt), caught.during("upload"):
        phase()
    assert caught.by == "SIGTERM"


def test_what_another_process_has_abandoned_is_abandoned_here(caught: Interrupts) -> None:
    def phase() -> None:
        caught._run.abandon_file.touch()
        time.sleep(LONG)

    with pytest.raises(KeyboardInterrupt), caught.during("cleanup"):
        phase()


def test_before_a_run_and_in_others_tests_it_is_an_interrupt(tmp_path: Path) -> None:
    found = Interrupts(Run("id", tmp_path))
    found.catch()
    try:
        with pytest.raises(KeyboardInterrupt):
            kill(signal.SIGTERM)
        found.begin()
        with pytest.raises(KeyboardInterrupt), found.outside():
            kill()
    finally:
        found.give_back()


def test_a_third_signal_ends_whatever_goes_on(caught: Interrupts, clock: Clock) -> None:
    kill()
    clock.now += LONG
    kill()
    clock.now += LONG
    with pytest.raises(KeyboardInterrupt):
        kill()


def test_while_reports_are_written_a_signal_is_only_noted(tmp_path: Path) -> None:
    found = Interrupts(Run("id", tmp_path))
    found.catch()
    found.finish()
    try:
        kill()
        assert found.level == ONCE
    finally:
        found.give_back()


def test_handlers_are_given_back(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGURG)]
    found = Interrupts(Run("id", tmp_path))
    found.catch()
    assert signal.getsignal(signal.SIGTERM) != before[1]
    found.give_back()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGURG)] == before


def test_each_level_is_told_once(tmp_path: Path, clock: Clock) -> None:
    told: list[tuple[int, str]] = []
    found = Interrupts(Run("id", tmp_path), on_level=lambda level, by: told.append((level, by)), clock=clock)
    found.catch()
    found.begin()
    try:
        for _ in range(2):
            kill()
            clock.now += LONG
            while len(told) < found.level:
                time.sleep(0.01)
    finally:
        found.give_back()
    assert told == [(ONCE, "SIGINT"), (TWICE, "SIGINT")]
