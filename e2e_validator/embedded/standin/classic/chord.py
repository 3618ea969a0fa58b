"""A chord: files that are worked on one by one, and what follows when the last one is through.

What has come back so far lives in Valkey, the callback too: emptied, both are lost (docs/contract/koku.md 1.5).
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import redis

from e2e_validator.embedded.standin.queues import Task, send

PREFIX = "standin:chord:"


def open_chord(valkey: redis.Redis, count: int, queue: str, callback: str) -> str:
    """Note what follows when ``count`` results are there; returns the chord's id."""
    key = str(uuid.uuid4())
    valkey.hset(PREFIX + key, mapping={"count": count, "queue": queue, "callback": callback})
    return key


def add_result(valkey: redis.Redis, key: str, part: str, result: dict[str, Any] | None) -> None:
    """Note the result of one part; after the last one the callback is queued, with all results that are something."""
    name = PREFIX + key
    valkey.hset(name, f"result:{part}", json.dumps(result))
    found: dict[str, str] = valkey.hgetall(name)  # type: ignore[assignment]
    results = [json.loads(text) for field, text in found.items() if field.startswith("result:")]
    if "count" not in found or len(results) < int(found["count"]):
        return
    # Of two workers whose files end at the same time, one goes on.
    if not valkey.delete(name):
        return
    given = [one for one in results if one is not None]
    send(valkey, found["queue"], Task(found["callback"], [given, found["queue"]]))
