"""The waiter's three ends, its clock and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from e2e_validator.errors import GaveUp, Inconclusive, PhaseTimeout
from e2e_validator.waiting import Interrupted, Reading, Waiter, dead, done, pending
from e2e_validator.waiting.waiter import Wait


class FakeTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def script(*readings: Reading | Exception) -> Callable[[], Reading]:
    """An observation that gives each reading once and then the last one for ever."""
    left: Iterator[Reading | Exception] = iter(readings)
    last: list[Reading | Exception] = []

    def observe() -> Reading:
        last[:] = [next(left, *last)]
        if isinstance(last[0], Exception):
            raise last[0]
        return last[0]

    return observe


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def waiter(time: FakeTime, limit: float = 1200, **more: object) -> Waiter:
    return Waiter(limit, (ConnectionError,), clock=time, sleep=time.sleep, **more)  # type: ignore[arg-type]


def test_the_done_reading_is_returned(time: FakeTime) -> None:
    reading = waiter(time).wait_for("files", script(pending("1 of 2"), done("2 of 2", files=2)))
    assert (reading.seen, reading.facts) == ("2 of 2", {"files": 2})


def test_a_terminal_state_ends_the_wait_at_once_with_its_reason(time: FakeTime) -> None:
    with pytest.raises(GaveUp) as failure:
        waiter(time).wait_for("files", script(pending("0 of 2"), dead("1 failed", "report x FAILED")))
    assert failure.value.headline == "files: report x FAILED"
    assert time.now < 1001
    assert "last seen" in failure.value.detail


def test_a_timeout_says_what_was_last_seen_and_since_when(time: FakeTime) -> None:
    with pytest.raises(PhaseTimeout) as failure:
        waiter(time, 60).wait_for("files", script(pending("0 of 9"), pending("7 of 9", queued=2)))
    assert failure.value.headline == "files: not within 60s; last seen: 7 of 9"
    assert "queued = 2" in failure.value.detail
    assert "no change for 59.9s" in failure.value.detail


def test_the_limit_is_not_overshot_by_a_last_sleep(time: FakeTime) -> None:
    with pytest.raises(PhaseTimeout):
        waiter(time, 7).wait_for("files", script(pending("nothing")))
    assert time.now == pytest.approx(1007)


def test_a_transient_error_is_waited_out(time: FakeTime) -> None:
    assert waiter(time).wait_for("files", script(ConnectionError("down"), done("there"))).seen == "there"


def test_an_unlisted_error_ends_the_wait_at_once(time: FakeTime) -> None:
    with pytest.raises(ValueError, match="broken"):
        waiter(time).wait_for("files", script(ValueError("broken"), done("there")))
    assert time.slept == []


def test_a_system_unreadable_at_the_end_is_inconclusive(time: FakeTime) -> None:
    with pytest.raises(Inconclusive) as failure:
        waiter(time, 5).wait_for("files", script(pending("1 of 2"), ConnectionError("refused")))
    assert "ConnectionError: refused" in failure.value.detail
    assert "1 of 2" in failure.value.detail


def test_polls_are_quick_after_a_change_and_slow_when_idle(time: FakeTime) -> None:
    with pytest.raises(PhaseTimeout):
        waiter(time, 60).wait_for("files", script(*[pending("same")] * 30, pending("new")))
    assert time.slept[0] == pytest.approx(0.15)
    assert max(time.slept) <= 0.25  # one slice: a stop request is seen within that time


def polls(time: FakeTime, limit: float) -> int:
    """How often a thing that never changes is looked at."""
    seen: list[float] = []

    def observe() -> Reading:
        seen.append(time.now)
        return pending("same")

    with pytest.raises(PhaseTimeout):
        waiter(time, limit).wait_for("files", observe)
    return len(seen)


def test_a_quiet_minute_costs_less_than_five_looks_a_second(time: FakeTime) -> None:
    assert 60 / 0.3 <= polls(time, 60) <= 60 * 5


def test_an_idle_system_is_looked_at_every_two_seconds(time: FakeTime) -> None:
    first = polls(time, 60)
    assert polls(time, 1260) - first == pytest.approx(1200 / 2, abs=5)


def test_a_stop_request_is_seen_while_sleeping(time: FakeTime) -> None:
    with pytest.raises(Interrupted):
        waiter(time, stopped=lambda: time.now > 1010).wait_for("files", script(pending("same")))
    assert time.now < 1010.6


def test_changes_and_beats_are_told(time: FakeTime) -> None:
    changes: list[str] = []
    beats: list[float] = []

    def on_change(wait: Wait, _elapsed: float) -> None:
        assert wait.last is not None
        changes.append(wait.last.seen)

    with pytest.raises(PhaseTimeout):
        waiter(time, 200, on_change=on_change, on_beat=lambda _, elapsed: beats.append(round(elapsed))).wait_for(
            "files", script(pending("a"), pending("a"), pending("b"))
        )
    assert changes == ["a", "b"]
    assert [beat // 60 for beat in beats] == [1, 2, 3]
