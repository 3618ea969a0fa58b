"""The one factor: measured, never below 1, given by the environment, and measured again where a limit is reached."""

from __future__ import annotations

import pytest

from e2e_validator import slowness as module
from e2e_validator.errors import UsageError
from e2e_validator.slowness import VARIABLE, expired, given, measured, parsed, scaled, settle, slowness


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just begun, with nothing said by the environment."""
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(module, "_seen", [])


def machine(monkeypatch: pytest.MonkeyPatch, *, work: float = 0.5, crowd: float = 0.1) -> None:
    monkeypatch.setattr(module, "_work", lambda: work)
    monkeypatch.setattr(module, "_crowd", lambda: crowd)


@pytest.mark.parametrize(
    ("work", "crowd", "factor"), [(0.5, 0.1, 1.0), (3.0, 1.0, 3.0), (1.2, 7.5, 7.5), (1000.0, 1.0, 40.0)]
)
def test_the_worse_of_work_and_crowd_counts_within_bounds(
    monkeypatch: pytest.MonkeyPatch, work: float, crowd: float, factor: float
) -> None:
    machine(monkeypatch, work=work, crowd=crowd)
    assert slowness() == factor
    assert scaled(10) == 10 * factor


def test_it_is_measured_once_and_the_worst_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, work=4.0)
    assert slowness() == 4.0
    machine(monkeypatch, work=2.0)
    assert (slowness(), measured()) == (4.0, 4.0)
    machine(monkeypatch, work=6.0)
    assert (slowness(), measured(), slowness()) == (4.0, 6.0, 6.0)


def test_a_limit_grows_when_the_machine_has_become_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, work=1.0)
    assert not expired(10, 0.0, clock=lambda: 9.0)
    machine(monkeypatch, work=3.0)
    assert not expired(10, 0.0, clock=lambda: 20.0)
    assert expired(10, 0.0, clock=lambda: 31.0)


def test_the_environment_says_it_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, work=9.0)
    settle(2.5)
    assert (given(), slowness(), measured(), scaled(4)) == (2.5, 2.5, 2.5, 10.0)


@pytest.mark.parametrize("text", ["fast", "0", "0.5", "-1", "1001", "nan", "inf"])
def test_what_is_no_factor_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=rf"^--slowness {text}: is not a factor; write a number from 1 to 1000"):
        parsed(text, "--slowness")


def test_the_real_measure_is_a_number_in_bounds() -> None:
    assert 1.0 <= slowness() <= 40.0
