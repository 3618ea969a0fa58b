"""The worker."""

from __future__ import annotations

import time

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig


def work(config: StandinConfig, clock: Clock, name: str) -> None:
    """Take tasks for ever."""
    while True:
        time.sleep(60)
