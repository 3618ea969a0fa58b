"""Rows by the hour: each line in its hours, numbers that differ, times as the operator writes them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from e2e_validator.providers.ocp.generate.hourly import Line, write_hours
from e2e_validator.providers.ocp.scenario.row_files import RowsError, row_files

START = datetime(2027, 2, 27, tzinfo=UTC)
END = datetime(2027, 3, 2, tzinfo=UTC)


def written(folder: Path, lines: list[Line], start: datetime = START, end: datetime = END) -> list[dict[str, str]]:
    path = folder / "out.csv"
    count = write_hours(("node", "cpu"), lines, path, start=start, end=end, origin=START)
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == count
    return rows


def line(*cells: str, hours: set[int] | None = None, days: set[int] | None = None) -> Line:
    return Line(cells, frozenset(hours) if hours else None, frozenset(days) if days else None)


def test_a_line_has_a_row_for_each_hour_over_a_months_end(tmp_path: Path) -> None:
    rows = written(tmp_path, [line("a", "1"), line("b", "2", hours={0, 23}, days={1, 2})])
    assert len([row for row in rows if row["node"] == "a"]) == 72
    assert [row["interval_start"] for row in rows if row["node"] == "b"] == [
        "2027-02-28 00:00:00 +0000 UTC",
        "2027-02-28 23:00:00 +0000 UTC",
        "2027-03-01 00:00:00 +0000 UTC",
        "2027-03-01 23:00:00 +0000 UTC",
    ]
    first, last = rows[0], rows[-1]
    assert first["interval_end"] == "2027-02-27 00:59:59 +0000 UTC"
    assert first["report_period_start"] == "2027-02-01 00:00:00 +0000 UTC"
    assert first["report_period_end"] == last["report_period_start"] == "2027-03-01 00:00:00 +0000 UTC"


def test_a_number_with_a_tilde_varies_by_hour_and_not_by_run(tmp_path: Path) -> None:
    whole = written(tmp_path, [line("a", "2~"), line("b~", "~")])
    values = [Decimal(row["cpu"]) for row in whole if row["node"] == "a"]
    assert len(set(values)) > 60
    assert all(1 <= value < 3 for value in values)
    assert {(row["node"], row["cpu"]) for row in whole if row["node"] != "a"} == {("b~", "~")}
    # A part of the data has the figures of the whole.
    part = written(tmp_path, [line("a", "2~"), line("b~", "~")], start=datetime(2027, 2, 28, tzinfo=UTC))
    assert part == whole[48:]


def write(folder: Path, text: str, name: str = "pods.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_rows_is_read_with_quotes_and_spans(tmp_path: Path) -> None:
    write(tmp_path, '@hours,node,labels,@days\n0-2 23,a,"x,""y""",\n,b,,0-1\n')
    (file,) = row_files(tmp_path)
    assert (file.name, file.columns) == ("pods.csv", ("node", "labels"))
    assert [one.cells for one in file.lines] == [("a", 'x,"y"'), ("b", "")]
    assert [one.hours for one in file.lines] == [{0, 1, 2, 23}, None]
    assert [one.days for one in file.lines] == [None, {0, 1}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no header"),
        ("node\n", "no line"),
        ("node,interval_start\na,b\n", "the column interval_start"),
        ("node,@hour\na,b\n", "the column @hour"),
        ("node,node\na,b\n", "a column twice"),
        ("node,cpu\na\n", "row 2 has 1 cells, the header 2"),
        ("@hours,node\n24,a\n", "'24' is not a number or span from 0 to 23"),
        ("@hours,node\n5-2,a\n", "'5-2'"),
        ("@days,node\nx,a\n", "'x' is not a number or span from 0 to 999"),
        ('node\n"a', "cannot be read"),
        ("node\n" + "a\n" * 600_000, "larger than 1024 KiB"),
    ],
)
def test_a_bad_folder_of_rows_is_named_with_its_fault(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RowsError, match=says):
        row_files(write(tmp_path, text))


def test_a_file_that_is_no_text_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "pods.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(RowsError, match=r"pods.csv cannot be read"):
        row_files(tmp_path)
    with pytest.raises(RowsError, match="there is no folder"):
        row_files(tmp_path / "none")
