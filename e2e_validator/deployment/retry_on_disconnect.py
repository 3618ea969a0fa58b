"""Once more where a connection was cut: a port-forward that is cut takes its connections along."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

TRIES = 3
T = TypeVar("T")


def retry_on_disconnect(
    action: Callable[[], T],
    cut: Callable[[Exception], bool],
    *,
    at_once_seconds: float = float("inf"),
    clock: Callable[[], float] | None = None,
) -> T:
    """What ``action`` returns, which must do nothing that counts twice; tried three times at most.

    Args:
        action: What is tried.
        cut: Whether an error is a connection that was cut; any other is raised at once.
        at_once_seconds: A server that was silent for longer is not asked again.
        clock: Monotonic seconds.
    """
    now = clock or time.monotonic
    for tries_left in reversed(range(TRIES)):
        began = now()
        try:
            return action()
        except Exception as error:
            if not tries_left or not cut(error) or now() - began > at_once_seconds:
                raise
    raise AssertionError
