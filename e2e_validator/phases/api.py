"""api: every figure that the reports show is the one that follows from the data; then the whole ledger once more."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of


def run(context: Context) -> Outcome:
    """Compare every figure; if one differs, the first stage that differs is named."""
    return provider_of(context).show(context)
