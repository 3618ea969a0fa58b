"""What is asked side by side comes in order; an error, and an interrupt, does not wait for the rest."""

from __future__ import annotations

import threading
import time

import pytest

from e2e_validator.engine.side_by_side import side_by_side


def test_answers_come_in_the_order_of_the_questions() -> None:
    assert side_by_side(lambda number: number * 2, list(range(50))) == [number * 2 for number in range(50)]
    assert side_by_side(str, []) == []


def test_several_are_asked_at_once() -> None:
    together = threading.Barrier(4, timeout=10)
    assert side_by_side(lambda _number: together.wait() >= 0, [1, 2, 3, 4]) == [True] * 4


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_does_not_wait_for_an_answer_that_does_not_come(kind: type[BaseException]) -> None:
    let_go, asked = threading.Event(), list[int]()

    def ask(number: int) -> None:
        asked.append(number)
        if number == 0:
            raise kind("no")
        let_go.wait(20)

    began = time.monotonic()
    try:
        with pytest.raises(kind):
            side_by_side(ask, list(range(100)))
        assert time.monotonic() - began < 10
        assert len(asked) < 20
    finally:
        let_go.set()
