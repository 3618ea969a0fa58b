"""A look of preflight, once more where its connection was cut: a port-forward that is cut takes them along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from e2e_validator.access.http import Unreachable
from e2e_validator.deployment.retry_on_disconnect import retry_on_disconnect

# A server that was silent for longer is not asked again.
_AT_ONCE_SECONDS = 5.0
T = TypeVar("T")


def retry_unreachable(look: Callable[[], T], clock: Callable[[], float] | None = None) -> T:
    """What ``look`` tells; it is asked three times at most, and only while each answer is missed at once.

    Raises:
        Unreachable: there was no answer.
    """
    return retry_on_disconnect(
        look, lambda error: isinstance(error, Unreachable), at_once_seconds=_AT_ONCE_SECONDS, clock=clock
    )
