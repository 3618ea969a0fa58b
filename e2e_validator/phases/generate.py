"""generate: the data of the scenario, counted against the plan, and the expectation that follows from them."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of


def run(context: Context) -> Outcome:
    """Make the data and their expectation.

    Raises:
        Contradicts: a figure that was worked out by hand does not follow from them.
    """
    return provider_of(context).generate(context)
