"""The page cache of the public API: code that writes data must empty it, or the API goes on showing the old answer."""

from __future__ import annotations

import redis

from e2e_validator.embedded.standin.logs import log

REPORT_FAMILIES = (
    "openshift-view",
    "openshift-aws-view",
    "openshift-azure-view",
    "openshift-gcp-view",
    "openshift-all-view",
    "tag-mapping",
)
SOURCES_FAMILY = "sources"


def invalidate_views(valkey: redis.Redis, schema: str, families: tuple[str, ...] = REPORT_FAMILIES) -> list[str]:
    """Delete every cached page of the tenant (keys ``{schema}:api:*``) and return the messages logged.

    ``families`` are the view families named in the log (docs/contract/koku.md 5.6); pages are few here, so all of them
    go.
    """
    keys = list(valkey.scan_iter(match=f"{schema}:api:*", count=1000))
    if keys:
        valkey.delete(*keys)
    for family in families:
        log("invalidated cache", schema=schema, cache_key_prefix=family)
    return [f"invalidated cache: {schema} {family}" for family in families]
