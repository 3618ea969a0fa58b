"""A request that is answered with an error: raised by the views, turned into a response in one place."""

from __future__ import annotations

from typing import Any

UNSUPPORTED = "Unsupported parameter or invalid value"


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of the stand-in
    """An error answer: HTTP status and JSON body."""

    def __init__(self, status: int, body: Any) -> None:
        """Keep ``status`` and ``body`` as they go out."""
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def bad_parameter(body: dict[str, Any]) -> Refusal:
    """400 of the report and tag views: the bare dictionary of field -> messages (docs/contract/koku.md 5.4)."""
    return Refusal(400, body)


def error_list(status: int, source: str | None, *details: str) -> Refusal:
    """Error of the other views: ``{"errors": [{"detail", "source", "status"}]}`` (docs/contract/koku.md 5.5)."""
    return Refusal(status, {"errors": [{"detail": text, "source": source, "status": status} for text in details]})


def not_found(detail: str = "Not found.") -> Refusal:
    """404 as Django REST framework words it."""
    return error_list(404, "detail", detail)
