"""Cached pages that survive the data they were made of: the reports show the old figures for an hour."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.errors import counted
from e2e_validator.finding import Finding


def views_stale(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """One question has two answers: the old figures in the same words, and the new ones, steadily, in other words.

    An answer that was made while the data changed looks the same once; so the same words must be wrong again after the
    other words were right, and other words right again after that.
    """
    asked = observed.asked
    if asked is None or not asked.differing or not asked.steady:
        return None
    return Finding(
        "views_stale",
        f"{counted(asked.differing, 'figure')} of the reports {'are' if asked.differing != 1 else 'is'} out of date:"
        " asked twice the same, wrong; asked in other words, right",
        {"figures": asked.differing, "first": asked.first},
        "the cached pages end within an hour; masu's invalidate_cache/ drops them at once",
        "docs/contract/koku.md 5.6, 7.3",
    )
