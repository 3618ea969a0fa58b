"""How soon a waiter notices a change in the database, and what it costs; beside a fixed poll of 5 s."""

from __future__ import annotations

import itertools
import math
import random
import statistics
import threading
import time
import uuid

import psycopg

from e2e_validator.access.koku import KokuApi
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.deployment import embedded
from e2e_validator.providers.ocp.provider import PROVIDER
from e2e_validator.waiting import Reading, Waiter, done, pending
from e2e_validator.waiting.waiter import Wait

CHANGES = 40
FIXED_POLL_SECONDS = 5.0


def noticing(seed: int = 1) -> tuple[float, float, float]:
    """(95th percentile of our delay, statements a second, 95th percentile of a fixed 5 s poll's delay)."""
    target, stack = embedded.start()
    with stack:
        source = KokuApi(target).create_source("bench", "bench", PROVIDER.source_body("bench", "bench"))
        made: dict[int, float] = {}
        seen: dict[int, float] = {}
        began = time.monotonic()
        worker = threading.Thread(target=_change, args=(target.dsn, source.uuid, made, random.Random(seed)))
        database = SourceDatabase(target, PROVIDER.names)
        worker.start()

        def look() -> Reading:
            manifests = database.observe(source.uuid).manifests
            files = manifests[0].files if manifests else 0
            return done("all") if files == CHANGES else pending(str(files), files=files)

        def on_change(wait: Wait, _elapsed: float) -> None:
            if wait.last is not None:
                seen[CHANGES if wait.last.seen == "all" else int(wait.last.seen)] = time.monotonic()

        polls = 0

        def counted() -> Reading:
            nonlocal polls
            polls += 1
            return look()

        Waiter(120, on_change=on_change).wait_for("the last change", counted)
        worker.join()
        took = time.monotonic() - began
        database.close()
    ours = [_first_seen(number, seen) - at for number, at in made.items()]
    fixed = [_next_poll(at - began) - (at - began) for at in made.values()]
    return _p95(ours), polls / took, _p95(fixed)


def _change(dsn: str, provider: str, made: dict[int, float], dice: random.Random) -> None:
    """What a busy Koku does: changes at odd times, most of them soon after the one before."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO reporting_common_costusagereportmanifest (assembly_id, billing_period_start_datetime,"
            " num_total_files, provider_id) VALUES (%s, date_trunc('month', now()), 0, %s)",
            [str(uuid.uuid4()), provider],
        )
        for number in range(1, CHANGES + 1):
            time.sleep(dice.expovariate(1.5))
            connection.execute(
                "UPDATE reporting_common_costusagereportmanifest SET num_total_files = %s WHERE provider_id = %s",
                [number, provider],
            )
            made[number] = time.monotonic()


def _first_seen(number: int, seen: dict[int, float]) -> float:
    """When this change, or a later one that hid it, was seen."""
    return min(at for other, at in seen.items() if other >= number)


def _next_poll(after: float) -> float:
    return next(FIXED_POLL_SECONDS * n for n in itertools.count() if FIXED_POLL_SECONDS * n >= after)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[math.floor(0.95 * 20) - 1]
