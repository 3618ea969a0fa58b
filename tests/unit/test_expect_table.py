"""Rows are grouped as pyarrow groups them, which shares no line with the judge's own table."""

from __future__ import annotations

from decimal import Decimal, Inexact, localcontext
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.expect.table import Table, each_once, joined
from e2e_validator.providers.ocp.expect.csv_rows import _carefully, _quickly, read_sheet

# Untyped: its published stubs refuse calls that the library takes.
pa: Any = import_module("pyarrow")
arrow_csv: Any = import_module("pyarrow.csv")

NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, places=9, allow_nan=False)
ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "x", "y"]), NUMBERS, NUMBERS), max_size=60)


def table(rows: list[tuple[str, str, Decimal, Decimal]]) -> Table:
    return Table(
        {name: [row[place] for row in rows] for place, name in enumerate(("day", "node", "n", "m"))}, len(rows)
    )


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_groups_are_those_of_pyarrow(rows: list[tuple[str, str, Decimal, Decimal]]) -> None:
    ours = table(rows)
    types = {"day": pa.string(), "node": pa.string(), "n": pa.decimal256(76, 9), "m": pa.decimal256(76, 9)}
    theirs = pa.table({name: pa.array(ours[name], kind) for name, kind in types.items()}).group_by(["day", "node"])
    wanted = [([], "count_all"), ("n", "sum"), ("m", "sum"), ("m", "max"), ("n", "min")]
    expected = {(row["day"], row["node"]): row for row in theirs.aggregate(wanted).to_pylist()}
    found = ours.grouped(["day", "node"], sums=["n", "m"], highest=["m"], lowest=["n"])
    assert {(row["day"], row["node"]): row | {"count_all": row["rows"]} for row in found} == {
        key: row | {"rows": row["count_all"]} for key, row in expected.items()
    }


def test_a_sum_is_exact_in_any_decimal_context() -> None:
    rows = [("a", "", Decimal(10**30), Decimal(1))] * 3 + [("a", "", Decimal("1e-9"), Decimal(1))]
    with localcontext(prec=5):
        assert str(table(rows).grouped(["day"], sums=["n"])[0]["n_sum"]) == f"3{'0' * 30}.000000001"


def test_a_sum_that_would_be_rounded_raises() -> None:
    rows = [("a", "", Decimal(10**75), Decimal(1)), ("a", "", Decimal("0.01"), Decimal(1))]
    with pytest.raises(Inexact):
        table(rows).grouped(["day"], sums=["n"])


def test_groups_come_in_the_order_of_their_first_row() -> None:
    rows = [(day, "", Decimal(1), Decimal(1)) for day in "bab"]
    assert [(row["day"], row["rows"]) for row in table(rows).grouped(["day"])] == [("b", 2), ("a", 1)]


def test_a_table_without_rows_has_no_groups() -> None:
    assert table([]).grouped(["day"], sums=["n"], highest=["m"]) == []


def test_rows_are_chosen_and_columns_replaced() -> None:
    found = table([("a", "x", Decimal(1), Decimal(2)), ("b", "y", Decimal(3), Decimal(4))])
    assert found.where([False, True]) == table([("b", "y", Decimal(3), Decimal(4))])
    assert found.having("node", ["z", "z"])["node"] == ["z", "z"]
    assert found["node"] == ["x", "y"]
    with pytest.raises(ValueError, match="shorter"):
        found.where([True])


def test_a_column_that_one_part_lacks_is_none_there() -> None:
    found = joined([Table({"day": ["a"], "vm": ["v"]}, 1), Table({"day": ["b"]}, 1)])
    assert (found.columns, found.rows) == ({"day": ["a", "b"], "vm": ["v", None]}, 2)


def test_a_function_is_called_once_for_each_text() -> None:
    called: list[str] = []

    def upper(text: str) -> str:
        called.append(text)
        return text.upper()

    assert each_once(upper, ["a", "b", "a"]) == ["A", "B", "A"]
    assert called == ["a", "b"]


CELLS = st.text(alphabet="ab1 .:|=\u2028\u00e9", max_size=4)
ENDS = st.sampled_from(["\n", "\r\n"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30), ENDS, st.booleans())
def test_a_plain_file_is_read_as_pyarrow_and_csv_read_it(rows: list[tuple[str, ...]], end: str, ended: bool) -> None:
    text = end.join(["first,second,third", *map(",".join, rows)]) + end * ended
    quickly = _quickly(text)
    assert quickly is not None
    carefully = _carefully(text, "x.csv")
    assert carefully is not None
    assert (quickly.header, quickly.columns, quickly.rows) == (carefully.header, carefully.columns, carefully.rows)
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(quickly.header, pa.string()), strings_can_be_null=False
    )
    theirs = arrow_csv.read_csv(pa.BufferReader(text.encode()), convert_options=options)
    assert theirs.to_pydict() == quickly.columns


@pytest.mark.parametrize(
    "text", ["a,b\n1\n", "a,b\n1,2,3\n", "a,b\n\n1,2\n", "a\n \n1\n", "a,a\n1,2\n", "a,,c\n1,2,3\n", ""]
)
def test_a_file_with_an_odd_line_is_read_carefully(text: str) -> None:
    assert _quickly(text) is None


def test_a_cell_may_be_longer_than_the_csv_module_allows() -> None:
    long = "x" * 200_000
    sheet = read_sheet(f"a,b\n1,{long}\n".encode(), "x.csv")
    assert sheet is not None
    assert sheet.columns == {"a": ["1"], "b": [long]}
