"""The page cache of report, tag and source views: a page stays as it is until it is deleted (koku contract 5.6)."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import redis

from e2e_validator.embedded.standin.logs import log

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.koku.identity import Identity

Family = Literal["openshift-view", "sources"]
TIMEOUT_S = 3600


@dataclass(frozen=True, slots=True)
class PageCache:
    """Pages in Valkey. Without Valkey every look-up misses and nothing is kept: GETs go on working."""

    valkey: redis.Redis

    @staticmethod
    def key(family: Family, identity: Identity, url: str) -> str:
        """``{schema}:api:1:...``: one page per view family, full URL and identity."""
        page, who = (hashlib.sha256(text.encode()).hexdigest()[:32] for text in (url, identity.encoded))
        return f"{identity.schema}:api:1:views.decorators.cache.cache_page.{family}.GET.{page}.{who}"

    def get(self, key: str) -> str | None:
        """The page's body, or None."""
        try:
            found = self.valkey.get(key)
        except redis.RedisError as error:
            log("page cache is not readable", level=logging.WARNING, error=error)
            return None
        return cast("str | None", found)

    def put(self, key: str, body: str) -> None:
        """Keep a page for an hour."""
        try:
            self.valkey.set(key, body, ex=TIMEOUT_S)
        except redis.RedisError as error:
            log("page cache is not writable", level=logging.WARNING, error=error)
