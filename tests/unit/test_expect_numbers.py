"""Numbers of the CSV files are read exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.measures import exactly
from e2e_validator.expect.numbers import exact, larger, parse
from e2e_validator.expect.table import Table


def total(values: list[Decimal]) -> Decimal:
    table = Table({"day": ["2026-07-01"] * len(values), "value": values}, len(values))
    (row,) = table.grouped(["day"], sums=["value"])
    assert row["rows"] == len(values)
    found: Decimal = row["value_sum"]
    return found


def test_a_sum_is_exact_where_binary_floats_are_not() -> None:
    column = ["0.1"] * 744
    assert total(exact(column)) == Decimal("74.4")
    assert sum([0.1] * 744) != 74.4


def test_numbers_of_very_different_size_keep_every_digit() -> None:
    column = ["1e+16", "252.00000000000003", "", " 4 ", "0.00012345678901234567"]
    expected = Decimal("10000000000000256.00012345678904234567")
    assert total(exact(column)) == expected


def test_a_sum_of_40_digits_keeps_them_all() -> None:
    largest = "9" * 37
    assert total(exact([largest] * 1000)) == Decimal(largest + "000")


def test_a_sum_of_more_than_76_digits_is_refused() -> None:
    with pytest.raises(Inconclusive, match="digits"):
        exact(["9" * 76] * 10)


@pytest.mark.parametrize("text", ["", "abc", "1,5", "--1", "nan", "NULL", "0x10", "1__0"])
def test_what_is_no_number_counts_as_0(text: str) -> None:
    assert parse(text) == 0


@pytest.mark.parametrize("text", ["Infinity", "-inf", "1e999"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(Inconclusive, match="no quantity"):
        parse(text)


NUMBERS = st.decimals(min_value=0, max_value=10**20, places=6, allow_nan=False).map(str)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=40))
@exactly
def test_sums_and_maxima_are_what_decimal_arithmetic_says(pairs: list[tuple[str, str]]) -> None:
    usage, request = ([pair[side] for pair in pairs] for side in (0, 1))
    effective = larger(exact(usage), exact(request))
    assert total(exact(usage)) == sum(Decimal(pair[0]) for pair in pairs)
    assert total(effective) == sum(max(Decimal(left), Decimal(right)) for left, right in pairs)
    assert total(effective) >= total(exact(usage))


def test_the_larger_of_two_columns_with_different_decimals() -> None:
    assert larger(exact(["1.5"]), exact(["2"])) == [Decimal(2)]
