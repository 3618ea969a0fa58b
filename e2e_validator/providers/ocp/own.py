"""What a context holds that is this source type's own."""

from __future__ import annotations

from typing import cast

from e2e_validator.engine.context import Context
from e2e_validator.providers.ocp.expect.expectation import Expectation


def own_expectation(context: Context) -> Expectation:
    """The scenario's expectation, as this source type has written it."""
    return cast("Expectation", context.expectation)
