"""Arming faults from a test or a run: the client of the control port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from e2e_validator.errors import HarnessError
from e2e_validator.slowness import scaled

_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where the control port is, and what opens it."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FaultControl:
    """Arms faults on one stack; each call is one request."""

    address: ControlAddress

    def arm(
        self,
        name: str,
        *,
        key: str | None = None,
        source: str | None = None,
        times: int | None = 1,
        **options: Any,
    ) -> str:
        """Have a fault happen ``times`` times (``None``: until it is cleared); returns its id.

        Args:
            name: One of the registry.
            key: What it hits, by the key of its source; by default the first source that comes.
            source: The same, by the source's uuid.
            times: How often.
            options: What the registry says of this fault; ``point`` and ``skip`` for those that wait at checkpoints.

        Raises:
            HarnessError: no such fault or option, or the stack cannot do it.
        """
        body = {"name": name, "when": options, "key": key, "source": source, "times": times}
        return str(self._ask("POST", "faults/", body)["id"])

    def fired(self) -> list[dict[str, Any]]:
        """What has happened, the oldest first: id, name, key, source, point, process, pid, at."""
        return list(self._ask("GET", "faults/")["fired"])

    def armed(self) -> list[dict[str, Any]]:
        """What waits, with how often it has happened."""
        return list(self._ask("GET", "faults/")["armed"])

    def clear(self, key: str | None = None) -> None:
        """Take back one fault or all, undo what can be undone, and forget what happened."""
        self._ask("DELETE", f"faults/{key}/" if key else "faults/")

    @contextmanager
    def during(self, name: str, **named: Any) -> Iterator[str]:
        """A fault for the length of a block."""
        key = self.arm(name, **named)
        try:
            yield key
        finally:
            self.clear(key)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        parts = urlsplit(self.address.url)
        connection = HTTPConnection(parts.netloc, timeout=scaled(_TIMEOUT_S))
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/{path}", text, {"authorization": f"Bearer {self.address.token}"})
            answer = connection.getresponse()
            content = answer.read().decode()
        except OSError as error:
            raise HarnessError(f"The control port of the embedded stack does not answer: {error}.") from error
        finally:
            connection.close()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise HarnessError(f"The control port refuses {method} /{path}: {content}")
        return json.loads(content) if content else {}
