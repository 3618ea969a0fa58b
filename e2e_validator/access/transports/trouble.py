"""What Kafka's client says only in its log: why a broker cannot be used."""

from __future__ import annotations

import logging
import re
from types import TracebackType
from typing import Self

from e2e_validator.access.http import Unreachable
from e2e_validator.deployment.transport import Kafka
from e2e_validator.errors import Blocked

_LOGGER = "kafka"
_NO_NAME = re.compile(r"DNS lookup failed for ([^\s,]+?):(\d+)")
_SASL = re.compile(r"sasl|authentication", re.IGNORECASE)
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed", re.IGNORECASE)
_LOST = re.compile(r"(?:Connection (?:failed|lost)): (.*)")


class Trouble(logging.Handler):
    """Keeps, for a block, what the client logs, which otherwise says of everything that time ran out."""

    def __init__(self) -> None:
        """Nothing is heard before the block is entered."""
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())

    def __enter__(self) -> Self:
        logger = logging.getLogger(_LOGGER)
        logger.addHandler(self)
        # They are said in our words; a report needs no hundred tries.
        self._propagate, logger.propagate = logger.propagate, False
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        logger = logging.getLogger(_LOGGER)
        logger.removeHandler(self)
        logger.propagate = self._propagate

    def meaning(self, kafka: Kafka, error: BaseException) -> Blocked | Unreachable:
        """Why the brokers could not be used: what does not pass by itself, or that there is no answer."""
        text = "\n".join(self.lines)
        detail = f"bootstrap   {kafka.bootstrap} ({kafka.security}): {error}"
        if no_name := _NO_NAME.search(text):
            name = f"{no_name[1]}:{no_name[2]}"
            return Blocked(
                f"Kafka's broker is called {name}, which has no address here; run in the cluster or use the gateway.",
                detail=f"{detail}\n            kafka.addresses may say where it is reached instead",
            )
        if _CERTIFICATE.search(text):
            return Blocked("The certificate of Kafka's broker is not trusted; give its CA (kafka.ca).", detail=detail)
        if kafka.security.startswith("SASL") and _SASL.search(text):
            return Blocked(
                "Kafka refuses the user or the mechanism; check kafka.username, kafka.password and kafka.mechanism.",
                detail=detail,
            )
        lost = _LOST.findall(text)
        return Unreachable(f"Kafka at {kafka.bootstrap} did not answer: {lost[-1] if lost else error}")
