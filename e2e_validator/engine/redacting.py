"""What masks secrets in what is written down; the one that does it belongs to the reports."""

from __future__ import annotations

from typing import Any, Protocol


class Redacts(Protocol):
    """Masks secrets in whatever is written."""

    def text(self, text: str) -> str:
        """The text without them."""

    def value(self, value: Any) -> Any:
        """A JSON-like value without them."""
