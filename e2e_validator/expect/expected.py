"""What phases and engine may ask of an expectation, whatever the source type computed it from."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from e2e_validator.expect.measures import Measures


class Expected(Protocol):
    """What must come out of a scenario's payloads, numbered from 0 in the order of their ingest."""

    @property
    def obstacles(self) -> tuple[tuple[str, str], ...]:
        """Files that Koku cannot load, and why."""

    def stage(self, name: str, payload: int) -> Measures:
        """What the stage ``name`` must hold once the payloads 0..``payload`` were ingested.

        Raises:
            HarnessError: this source type has no such stage.
        """

    def figures(self, start: date, end: date) -> Measures:
        """What the reports must show of the days ``start`` to ``end``, both included."""

    def months(self, payload: int) -> tuple[str, ...]:
        """The months (YYYY-MM) of which something is summarised after the payload; none if nothing is."""
