"""A look of preflight, once more where its connection was cut: a port-forward that is cut takes them along."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from e2e_validator.access.http import Unreachable

TRIES = 3
# Whoever was silent for longer has had its patience.
_AT_ONCE_SECONDS = 5.0
T = TypeVar("T")


def looked(look: Callable[[], T], clock: Callable[[], float] = time.monotonic) -> T:
    """What ``look`` tells; it is asked three times at most, and only while each answer is missed at once.

    Raises:
        Unreachable: nobody answered.
    """
    for tries_left in reversed(range(TRIES)):
        began = clock()
        try:
            return look()
        except Unreachable:
            if not tries_left or clock() - began > _AT_ONCE_SECONDS:
                raise
    raise AssertionError
