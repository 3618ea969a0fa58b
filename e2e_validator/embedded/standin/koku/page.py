"""Pages of an answer: ``meta.count/limit/offset`` and the four links (docs/contract/koku.md 5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from starlette.requests import Request

Row = dict[str, Any]
MAX_LIMIT = 1000
_LARGEST = 2**31 - 1  # what the database takes as an offset


@dataclass(frozen=True, slots=True)
class Page:
    """A window on ``count`` items; a limit of 0 shows all of a report."""

    path: str
    query: str
    count: int
    limit: int
    offset: int
    limit_name: str = "limit"
    offset_name: str = "offset"

    def _link(self, offset: int | None) -> str:
        """The same request at another offset; None leaves the offset out."""
        # Every value of a repeated key is kept, the keys are sorted: as Django REST framework builds links.
        pairs = [(k, v) for k, v in parse_qsl(self.query, keep_blank_values=True)]
        pairs = [pair for pair in pairs if pair[0] not in {self.limit_name, self.offset_name}]
        pairs.append((self.limit_name, str(self.limit)))
        if offset is not None:
            pairs.append((self.offset_name, str(offset)))
        return f"{self.path}?{urlencode(sorted(pairs, key=lambda pair: pair[0]))}"

    @property
    def meta(self) -> Row:
        """``count``, ``limit`` and ``offset``."""
        return {"count": self.count, "limit": self.limit, "offset": self.offset}

    @property
    def links(self) -> Row:
        """``first``, ``next``, ``previous`` and ``last``."""
        at_end = self.offset + self.limit >= self.count
        before = self.offset - self.limit
        return {
            "first": self._link(0),
            "next": None if at_end else self._link(self.offset + self.limit),
            "previous": None if self.offset <= 0 else self._link(before if before > 0 else None),
            "last": self._link(max(self.count - self.limit, 0)),
        }

    def cut(self, items: list[Any]) -> list[Any]:
        """The items of this page."""
        return items[self.offset : self.offset + self.limit]


def _number(text: str | None, default: int, *, positive: bool) -> int:
    """A page parameter; nonsense falls back to the default, as in Django REST framework."""
    try:
        number = int(text or "")
    except ValueError:
        return default
    number = min(number, _LARGEST)
    return number if number > 0 or (number == 0 and not positive) else default


def requested_page(
    request: Request,
    count: int,
    default_limit: int,
    *,
    limit_name: str = "limit",
    offset_name: str = "offset",
    max_limit: int = MAX_LIMIT,
) -> Page:
    """The page a request asks for."""
    query = request.query_params
    return Page(
        path=request.url.path,
        query=request.url.query,
        count=count,
        limit=min(_number(query.get(limit_name), default_limit, positive=True), max_limit),
        offset=_number(query.get(offset_name), 0, positive=False),
        limit_name=limit_name,
        offset_name=offset_name,
    )


def body(page: Page, items: list[Any], **meta: Any) -> Row:
    """The usual answer around a list that is already cut."""
    return {"meta": page.meta | meta, "links": page.links, "data": items}


def empty_body(request: Request) -> Row:
    """The answer of an organisation that has no tenant: ``meta.count`` 0 and nothing else in ``meta``."""
    page = Page(path=request.url.path, query=request.url.query, count=0, limit=0, offset=0)
    return {"meta": {"count": 0}, "links": page.links, "data": []}
