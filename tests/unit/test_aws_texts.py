"""The texts of parquet files: as the expectation has them, and one cell that differs is named with its column."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aws_files import TODAY, Row, covered, package, row, storage

from e2e_validator.access.parquet import ParquetFile, read_parquet
from e2e_validator.embedded.standin.classic.parquet import daily_table, raw_table
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.measures import Key, Measures
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.aws.expect import stages
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.parquet_texts import compare_texts

DAY = "2026-11-24"
ROWS = [row(hour=hour) for hour in range(24)]
ROWS += [row(ResourceId="i-2", Operation="RunInstances:0002"), storage(tag='\u00e4 "b"')]
ROWS += [covered(ResourceId="i-3", category=""), row(LineItemType="Tax", UnblendedCost="3", ResourceId="", tag="")]
MANY = [row(ResourceId=f"i-{number:05}") for number in range(5000)]


def wanted(tmp_path: Path, kind: str, rows: list[Row]) -> Measures:
    return Expectation.from_manifests([package(tmp_path, rows)], today=TODAY).stage(kind, 0)


def written(table: pa.Table) -> ParquetFile:
    out = io.BytesIO()
    pq.write_table(table, out)
    return read_parquet("it", out.getvalue())


def tables(rows: list[Row]) -> dict[str, pa.Table]:
    day = pa.table({name: [one[name] or None for one in rows] for name in rows[0]})
    raw = raw_table(day)
    return {stages.RAW_TEXTS: raw, stages.DAILY_TEXTS: daily_table(day, raw)}


def place_of(want: Measures) -> Key:
    return next(iter(want))[:-2]


def compared(want: Measures, kind: str, *found: pa.Table) -> str:
    files = [(place_of(want), written(table)) for table in found]
    texts = compare_texts(files, want, daily=kind == stages.DAILY_TEXTS)
    return judge([Stage("texts", texts.wanted, texts.there)])


def changed(table: pa.Table, column: str, at: int, value: Any) -> pa.Table:
    values = table.column(column).to_pylist()
    values[at] = value
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.array(values, table.schema.field(column).type))


@pytest.mark.parametrize("kind", [stages.RAW_TEXTS, stages.DAILY_TEXTS])
@pytest.mark.parametrize("rows", [ROWS, MANY], ids=["few", "many"])
def test_texts_that_are_right_are_equal(tmp_path: Path, kind: str, rows: list[Row]) -> None:
    table = tables(rows)[kind]
    want = wanted(tmp_path, kind, rows)
    assert compared(want, kind, table).startswith("texts: ok (")
    backwards = table.take(list(range(table.num_rows))[::-1])
    assert compared(want, kind, backwards.slice(0, 2), backwards.slice(2)).startswith("texts: ok (")


@pytest.mark.parametrize("kind", [stages.RAW_TEXTS, stages.DAILY_TEXTS])
@pytest.mark.parametrize(
    "column", ["lineitem_operation", "product_region", "lineitem_currencycode", "resourcetags", "costcategory"]
)
def test_a_cell_that_differs_is_named(tmp_path: Path, kind: str, column: str) -> None:
    table = tables(ROWS)[kind]
    with pytest.raises(NumbersDiffer) as differs:
        compared(wanted(tmp_path, kind, ROWS), kind, changed(table, column, 1, "another"))
    assert f"cur-1 / {column} / 'another'" in str(differs.value.detail)


@pytest.mark.parametrize("column", ["identity_timeinterval", "bill_billtype", "lineitem_taxtype"])
def test_columns_of_the_raw_files_alone_are_compared(tmp_path: Path, column: str) -> None:
    table = changed(tables(ROWS)[stages.RAW_TEXTS], column, 3, "another")
    with pytest.raises(NumbersDiffer, match=rf"cur-1 / {column} / 'another': the row is extra"):
        compared(wanted(tmp_path, stages.RAW_TEXTS, ROWS), stages.RAW_TEXTS, table)


@pytest.mark.parametrize("value", ["", None])
def test_a_cell_that_was_emptied_is_seen(tmp_path: Path, value: str | None) -> None:
    table = changed(tables(ROWS)[stages.RAW_TEXTS], "lineitem_usagetype", 0, value)
    with pytest.raises(NumbersDiffer) as differs:
        compared(wanted(tmp_path, stages.RAW_TEXTS, ROWS), stages.RAW_TEXTS, table)
    assert "lineitem_usagetype / 'BoxUsage:m5.large'" in str(differs.value.detail)


def test_a_moment_that_differs_is_seen(tmp_path: Path) -> None:
    raw = tables(ROWS)[stages.RAW_TEXTS]
    there = raw.column("lineitem_usageenddate").to_pylist()
    moved = changed(raw, "lineitem_usageenddate", 0, there[1])
    with pytest.raises(NumbersDiffer, match="lineitem_usageenddate / '2026-11-24T02:00:00"):
        compared(wanted(tmp_path, stages.RAW_TEXTS, ROWS), stages.RAW_TEXTS, moved)


@pytest.mark.parametrize("column", ["lineitem_operation", "lineitem_unblendedcost"])
def test_cells_that_changed_places_are_seen(tmp_path: Path, column: str) -> None:
    """Each column has the same values as before."""
    raw = tables(ROWS)[stages.RAW_TEXTS]
    values = raw.column(column).to_pylist()
    last = next(at for at, value in enumerate(values) if value != values[0])
    swapped = changed(changed(raw, column, 0, values[last]), column, last, values[0])
    with pytest.raises(NumbersDiffer, match=r"texts: \d+ figures? differs?; .*whole rows / "):
        compared(wanted(tmp_path, stages.RAW_TEXTS, ROWS), stages.RAW_TEXTS, swapped)


def test_a_column_of_which_all_is_changed_is_seen(tmp_path: Path) -> None:
    raw = tables(MANY)[stages.RAW_TEXTS]
    place = raw.column_names.index("lineitem_resourceid")
    others = pa.array([f"o-{number}" for number in range(raw.num_rows)], pa.string())
    other = raw.set_column(place, "lineitem_resourceid", others)
    with pytest.raises(NumbersDiffer, match="lineitem_resourceid / other texts, such as 'o-"):
        compared(wanted(tmp_path, stages.RAW_TEXTS, MANY), stages.RAW_TEXTS, other)


def test_a_file_that_is_not_expected_is_seen(tmp_path: Path) -> None:
    raw = written(tables(ROWS)[stages.RAW_TEXTS])
    want = wanted(tmp_path, stages.RAW_TEXTS, ROWS)
    texts = compare_texts([(place_of(want), raw), (("elsewhere",), raw)], want, daily=False)
    with pytest.raises(NumbersDiffer, match="elsewhere / "):
        judge([Stage("texts", texts.wanted, texts.there)])
    gone = compare_texts([], want, daily=False)
    with pytest.raises(NumbersDiffer, match="the row is missing"):
        judge([Stage("texts", gone.wanted, gone.there)])
