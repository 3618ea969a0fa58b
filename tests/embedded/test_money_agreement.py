"""Judge and double agree on the money of random small clusters, at every hop, to a relative 1e-9."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from money_drawn import Example, examples
from money_run import Deployment, agree

from e2e_validator.phases.context import Clients
from e2e_validator.target import Target

# The day of the session's stack.
TODAY = date(2026, 11, 21)
pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def deployment(stack_target: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The session's stack, and a folder for each example."""
    folder, numbers = tmp_path_factory.mktemp("drawn"), itertools.count()

    def new_folder() -> Path:
        made = folder / str(next(numbers))
        made.mkdir()
        return made

    clients = Clients(stack_target)
    yield Deployment(stack_target, clients, TODAY, new_folder)
    clients.close()


@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(example=examples())
def test_drawn_clusters_cost_what_is_expected_at_every_hop(deployment: Deployment, example: Example) -> None:
    agree(deployment, example)
