"""A look of preflight whose connection was cut is taken again; one that was waited for, or refused, is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks.retry_unreachable import retry_unreachable
from e2e_validator.deployment.retry_on_disconnect import TRIES


class Looks:
    """Answers the look after so many failures, each of which takes some seconds."""

    def __init__(self, *failures: Exception, seconds: float = 0.1) -> None:
        self.failures, self.seconds, self.now, self.taken = list(failures), seconds, 0.0, 0

    def look(self) -> str:
        self.taken += 1
        self.now += self.seconds
        if self.failures:
            raise self.failures.pop(0)
        return "ok"

    @property
    def clock(self) -> Callable[[], float]:
        return lambda: self.now


CUT = Unreachable("the gateway did not answer: Connection reset by peer")


@pytest.mark.parametrize("cuts", range(TRIES))
def test_what_was_cut_is_looked_at_again(cuts: int) -> None:
    looks = Looks(*[CUT] * cuts)
    assert retry_unreachable(looks.look, looks.clock) == "ok"
    assert looks.taken == cuts + 1


@pytest.mark.parametrize(
    ("looks", "taken"),
    [
        (Looks(*[CUT] * 9), TRIES),
        (Looks(CUT, seconds=30), 1),
        (Looks(Refused("403", 403, "")), 1),
    ],
    ids=["each-time", "after-a-while", "refused"],
)
def test_what_does_not_answer_is_told(looks: Looks, taken: int) -> None:
    with pytest.raises((Unreachable, Refused)):
        retry_unreachable(looks.look, looks.clock)
    assert looks.taken == taken
