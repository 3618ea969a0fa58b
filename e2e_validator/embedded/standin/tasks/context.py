"""What every task of a worker gets to work with."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.pace import Pace


@dataclass(frozen=True, slots=True)
class Work:
    """The worker's connections (``conn`` is in autocommit mode), clock and pace."""

    config: StandinConfig
    clock: Clock
    pace: Pace
    conn: Connection
    valkey: redis.Redis
    store: ObjectStore
