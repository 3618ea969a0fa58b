"""What masu's answers are made of and made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import redis
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool
from e2e_validator.embedded.standin.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Context:
    """The servers behind masu."""

    config: StandinConfig
    clock: Clock
    pool: Pool
    valkey: redis.Redis
    store: ObjectStore


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request, read to its end."""

    path: str
    query: Mapping[str, str]
    body: Any
    uploads: tuple[Upload, ...]
    key: int

    @classmethod
    async def read(cls, request: Request) -> Call:
        """Read query, body (JSON or None) and uploaded files."""
        body: Any = None
        uploads: list[Upload] = []
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                files = [part for part in form.values() if isinstance(part, UploadFile)]
                uploads = [Upload(file.filename or "", await file.read()) for file in files]
        elif request.method == "POST":
            try:
                body = await request.json()
            except ValueError:
                body = None
        key = int(request.path_params.get("id", 0))
        return cls(request.url.path, request.query_params, body, tuple(uploads), key)


class DrfJson(JSONResponse):
    """JSON as Koku's framework writes it: times in UTC end in ``Z``, UUIDs are texts."""

    def render(self, content: Any) -> bytes:
        """The bytes of the body."""
        return json.dumps(content, default=_plain, separators=(",", ":")).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
    if isinstance(value, date | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def error(message: str, status: int = 400, key: str = "Error") -> DrfJson:
    """An answer that says what was wrong."""
    return DrfJson({key: message}, status_code=status)


def page(call: Call, rows: list[dict[str, Any]]) -> DrfJson:
    """A list in Koku's envelope, cut by ``limit`` (10) and ``offset`` (0)."""
    try:
        limit, offset = max(int(call.query.get("limit", 10)), 1), max(int(call.query.get("offset", 0)), 0)
    except ValueError:
        limit, offset = 10, 0

    def link(start: int) -> str:
        return f"{call.path}?limit={limit}&offset={start}"

    count = len(rows)
    links = {
        "first": link(0),
        "next": link(offset + limit) if offset + limit < count else None,
        "previous": link(max(offset - limit, 0)) if offset else None,
        "last": link((count - 1) // limit * limit if count else 0),
    }
    return DrfJson({"meta": {"count": count}, "links": links, "data": rows[offset : offset + limit]})
