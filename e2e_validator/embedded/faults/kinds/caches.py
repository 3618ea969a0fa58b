"""Cached pages that survive the data they were made of (docs/contract/koku.md 5.6)."""

from __future__ import annotations

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point


def leave_pages(_now: Happening) -> bool:
    """Lose the invalidation: the pages stay."""
    return True


FAULTS = (
    Fault(
        "stale_views",
        "The deletion of the cached pages after the summary and after the cost step is lost, once for each month.",
        "docs/contract/koku.md 5.6, 7.3",
        ("the same URL answers as before the ingest for an hour; another query string does not",),
        scope="stack",
        points=(Point.INVALIDATING,),
        act=leave_pages,
        hits=2,
    ),
)
