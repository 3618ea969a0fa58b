"""What Koku reads of a payload's manifest.json (koku contract 3.3)."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import UUID4, AfterValidator, BaseModel, BeforeValidator, ValidationError

from e2e_validator.errors import Inconclusive

MANIFEST = "manifest.json"
_MAX_BYTES = 10 * 1024 * 1024
_UNSAFE = re.compile(r"[/\\\0]|\.\.")
_SHOWN = 80


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


def read_manifest(folder: Path, name: str) -> Manifest:
    """The manifest of the payload in ``folder``, which messages call ``name``.

    Raises:
        Inconclusive: it is missing, or Koku would refuse it; one sentence says why.
    """
    try:
        with (folder / MANIFEST).open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise Inconclusive(f"The payload's manifest cannot be read: {name}: {error.strerror}.") from error
    if len(content) > _MAX_BYTES:
        raise Inconclusive(f"The payload's manifest is not usable: {name}: larger than {_MAX_BYTES} bytes.")
    return parse_manifest(content, name)


def parse_manifest(content: bytes, name: str) -> Manifest:
    """The manifest in ``content``.

    Raises:
        Inconclusive: Koku would refuse it; one sentence says why.
    """
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = " ".join(str(first["msg"]).split())
        text = f"{where}: {said}" if where else said
        raise Inconclusive(
            f"The payload's manifest is not usable: {name}: {ascii(text)[1:-1][: _SHOWN * 3]}."
        ) from None
