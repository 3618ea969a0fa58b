"""A payload's manifest.json as Koku reads it (docs/contract/koku.md 3.3)."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import UUID4, AfterValidator, BaseModel, BeforeValidator, ValidationError

MAX_BYTES = 10 * 1024 * 1024
_UNSAFE = re.compile(r"[/\\\0]|\.\.")
_SHOWN = 240


def _plain_name(value: str) -> str:
    if value in {"", "."} or _UNSAFE.search(value):
        raise ValueError("must be the name of a file next to it")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        return value.replace(tzinfo=UTC)


def _or_nothing(value: Any) -> Any:
    return [] if value is None else value


_Moment = Annotated[datetime, AfterValidator(_in_utc)]
_Names = Annotated[list[Annotated[str, AfterValidator(_plain_name)]], BeforeValidator(_or_nothing)]


class Manifest(BaseModel):
    """The fields that matter, of the types that Koku takes; times are in UTC."""

    uuid: UUID4
    cluster_id: str
    date: _Moment
    version: str = ""
    files: _Names = []
    resource_optimization_files: _Names = []
    start: _Moment | None = None
    end: _Moment | None = None
    daily_reports: bool = False

    @property
    def last_moment(self) -> datetime | None:
        """The end of what is summarised: an end on the first of another month means the day before the month's end."""
        if self.start and self.end and self.end.month != self.start.month and self.end.day == 1:
            return self.start.replace(day=calendar.monthrange(self.start.year, self.start.month)[1])
        return self.end


def parse_manifest(content: bytes) -> Manifest:
    """The manifest in ``content``.

    Raises:
        ValueError: Koku would refuse it; the message is a clause without a full stop, in ASCII.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES} bytes")
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = " ".join(str(first["msg"]).split())
        raise ValueError(ascii(f"{where}: {said}" if where else said)[1:-1][:_SHOWN]) from None
