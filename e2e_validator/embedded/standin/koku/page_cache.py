"""The page cache of report, tag and source views: a page stays as it is until it is deleted.

See docs/contract/koku.md 5.6.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from e2e_validator.embedded.standin.logs import log

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.koku.identity import Identity

Family = Literal["openshift-view", "aws-view", "sources"]
TIMEOUT_S = 3600
_COMPUTING_S = 60
_KEEP = "if redis.call('DEL', KEYS[1]) == 1 then redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2]) end"


@dataclass(frozen=True, slots=True)
class PageCache:
    """Pages in Valkey. Without Valkey every look-up misses and nothing is kept: GETs go on working."""

    valkey: redis.Redis

    @classmethod
    def beside(cls, valkey: redis.Redis) -> PageCache:
        """A cache on the same server, over connections that do not retry: a page must not wait for a dead Valkey."""
        settings = {**valkey.connection_pool.connection_kwargs, "retry": Retry(NoBackoff(), 0)}
        return cls(redis.Redis.from_pool(redis.ConnectionPool(**settings)))

    def answers(self) -> bool:
        """Whether Valkey is there."""
        try:
            return bool(self.valkey.ping())
        except redis.RedisError:
            return False

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

    def begin(self, identity: Identity) -> str | None:
        """Announce that a page is being computed, before any data is read.

        The announcement is a key that every emptying of the cache deletes: a page computed from data that were
        replaced meanwhile is then not kept.
        """
        token = f"{identity.schema}:api:1:computing.{uuid.uuid4().hex}"
        try:
            self.valkey.set(token, "1", ex=_COMPUTING_S)
        except redis.RedisError:
            return None  # get() has logged it
        return token

    def put(self, token: str | None, key: str, body: str) -> None:
        """Keep a page for an hour, unless the cache was emptied since ``begin``."""
        if token is None:
            return
        try:
            self.valkey.eval(_KEEP, 2, token, key, body, str(TIMEOUT_S))
        except redis.RedisError as error:
            log("page cache is not writable", level=logging.WARNING, error=error)
