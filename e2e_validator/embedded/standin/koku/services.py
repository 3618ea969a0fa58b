"""What every view works with."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool
from e2e_validator.embedded.standin.koku.page_cache import PageCache


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of the public API; the pool's connections see the tenant's tables first."""

    config: StandinConfig
    clock: Clock
    pool: Pool
    valkey: redis.Redis
    pages: PageCache
