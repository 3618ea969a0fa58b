"""The listener."""

from __future__ import annotations

import time

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig


def listen_for_announcements(config: StandinConfig, clock: Clock) -> None:
    """Take announcements for ever."""
    while True:
        time.sleep(60)
