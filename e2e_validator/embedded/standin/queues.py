"""The task queues: Valkey lists with the names of Koku's Celery queues, and the announcements of payloads."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

import redis

from e2e_validator.embedded.standin.checkpoints import Point, reached

CLASSES = ("download", "summary", "priority", "refresh", "cost_model", "ocp")
QUEUES = (
    "celery",
    *(name + suffix for name in CLASSES for suffix in ("", "_xl", "_penalty")),
    "hcs",
    "subs_extraction",
    "subs_transmission",
)
ANNOUNCEMENTS = "platform.upload.announce"
RUNNING = "standin:running"


def open_valkey(url: str) -> redis.Redis:
    """A client; texts in and out are ``str``. Reads have no time limit, for workers wait long for work."""
    return redis.Redis.from_url(url, decode_responses=True, socket_connect_timeout=5, socket_timeout=None)


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of a worker's work; ``task`` is the full name of Koku's Celery task.

    ``chain`` holds what follows on success, as pairs of a queue and a ``link``; it lives in the message, so that losing
    the message or failing the task loses all of it.
    """

    task: str
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    chain: list[Any] = field(default_factory=list)

    def text(self) -> str:
        """The message as it stands in the queue."""
        return json.dumps(asdict(self), default=str)

    def link(self) -> dict[str, Any]:
        """The task as an element of another task's chain."""
        return {"task": self.task, "args": self.args, "kwargs": self.kwargs, "id": self.id}

    @classmethod
    def read(cls, text: str) -> Task:
        """The task of a message."""
        return cls(**json.loads(text))


def send(valkey: redis.Redis, queue: str, task: Task) -> str:
    """Put a task at the end of a queue and return its id.

    Raises:
        ValueError: Koku has no such queue, so no worker would ever take the task.
    """
    if queue not in QUEUES:
        raise ValueError(f"there is no queue {queue}")
    if not reached(Point.SENDING, valkey=valkey, queue=queue, task=task):
        valkey.rpush(queue, task.text())
    return task.id


def waiting(valkey: redis.Redis, queue: str) -> list[Task]:
    """The tasks in a queue, oldest first."""
    return [Task.read(str(text)) for text in valkey.lrange(queue, 0, -1)]
