"""Judge and double agree on random small bills at every stage to a relative 1e-9: Decimal against the double's SQL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from aws_files import Row
from bill_run import Bills, agree
from classic_stack import started
from drawn_bills import MARKUPS, WILD
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients

pytestmark = pytest.mark.embedded
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bills]:
    with started(tmp_path_factory.mktemp("bills")) as classic:
        target = Target.load({"kind": "embedded", "name": "bills", **classic.stack.endpoints.as_json()})
        clients = Clients(target, "AWS")
        yield Bills(classic, target, clients)
        clients.close()


@dataclass(frozen=True)
class Drawn:
    """Assemblies, the later ones being the same month grown or restated; told by the cells that matter."""

    assemblies: list[list[Row]]

    def __repr__(self) -> str:
        names = ("UsageStartDate", "LineItemType", "ProductCode", "UnblendedCost", "BlendedCost", "UsageAmount")
        return str([[tuple(row[f"lineItem/{name}"] for name in names) for row in rows] for rows in self.assemblies])


@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    # Each example is a second or two: what it shrinks to is not worth the minutes.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(drawn=st.builds(Drawn, st.lists(WILD, min_size=1, max_size=2)), markup=MARKUPS)
def test_drawn_bills_cost_what_is_expected_at_every_stage(
    bills: Bills, tmp_path_factory: pytest.TempPathFactory, drawn: Drawn, markup: Decimal
) -> None:
    number = next(_NUMBERS)
    folder: Path = tmp_path_factory.mktemp(f"drawn-{number}")
    agree(bills, folder, f"drawn_{number}", drawn.assemblies, markup)
