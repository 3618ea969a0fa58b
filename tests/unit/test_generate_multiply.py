"""A small file multiplied, and what is refused because it is not what was planned."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.generate import scaled_lines
from e2e_validator.generate.layout import Block, Layout
from e2e_validator.generate.multiply import multiply
from e2e_validator.generate.seed_rows import cells_of

FIRST = datetime(2026, 11, 5, tzinfo=UTC)
HOURS = [FIRST + timedelta(hours=number) for number in range(5)]
LAYOUT = Layout(
    hours={"at": lambda hour: f"{hour:%H}"},
    copies=("node",),
    numbers=("pod",),
    steps={"account": lambda account, step: f"{int(account) + step:03d}"},
    steps_every=2,
    unique=("id",),
)
HEADER = "id,at,node,pod,account,cost"
SEED = [
    HEADER,
    "aaaaaaaaaaaaaaaaaaaaaaaa,00,n,p,099,1",
    'bbbbbbbbbbbbbbbbbbbbbbbb,00,n,"q,""1""",099,2',
    "cccccccccccccccccccccccc,01,n,p,099,1",
    'dddddddddddddddddddddddd,01,n,"q,""1""",099,2',
]


def made(folder: Path, lines: list[str], *blocks: Block, hours: int = 1, seed_hours: int = 2) -> list[str]:
    seed, out = folder / "seed.csv", io.BytesIO()
    seed.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    written = multiply(seed, out, blocks=blocks, layout=LAYOUT, seed_hours=HOURS[:seed_hours], hours=HOURS[:hours])
    header, *rows = out.getvalue().decode().split("\r\n")[:-1]
    assert (header, written) == (lines[0], len(rows))
    return rows


def test_copies_names_numbers_and_ids_are_where_they_belong(tmp_path: Path) -> None:
    rows = made(tmp_path, SEED, Block((1, 1), outer=3, inner=2), hours=1)
    assert [row.split(",", 1)[1] for row in rows] == [
        "00,n,p,099,1",
        "00,n,p-2,099,1",
        '00,n,"q,""1""",099,2',
        '00,n,"q,""1""-2",099,2',
        "00,n-2,p-3,099,1",
        "00,n-2,p-4,099,1",
        '00,n-2,"q,""1""-3",099,2',
        '00,n-2,"q,""1""-4",099,2',
        "00,n-3,p-5,100,1",
        "00,n-3,p-6,100,1",
        '00,n-3,"q,""1""-5",100,2',
        '00,n-3,"q,""1""-6",100,2',
    ]
    assert [row.split(",")[0] for row in rows[:2]] == ["aaaaaaaaaaaa000000000000", "aaaaaaaaaaaa000000000001"]
    assert len({row.split(",")[0] for row in rows}) == len(rows)


def test_groups_stay_together_and_hours_go_on(tmp_path: Path) -> None:
    rows = made(tmp_path, SEED, Block((2,), inner=2), hours=3)
    assert [row.split(",")[1:4:2] for row in rows[:5]] == [
        ["00", "p"],
        ["00", '"q'],
        ["00", "p-2"],
        ["00", '"q'],
        ["01", "p"],
    ]
    assert len(rows) == 12


def test_the_ids_of_two_generators_do_not_meet(tmp_path: Path) -> None:
    seed = [HEADER, SEED[1], SEED[3], SEED[1], SEED[3]]
    rows = made(tmp_path, seed, Block((1,), outer=2), Block((1,), outer=2), hours=4)
    assert len({row.split(",")[0] for row in rows}) == len(rows) == 16


def test_a_name_that_is_not_there_gets_no_number(tmp_path: Path) -> None:
    lines = [HEADER, "a" * 24 + ",00,n,,099,1", "a" * 24 + ",00,n,q,099,1"]
    rows = made(tmp_path, lines, Block((1, 1), inner=2), seed_hours=1)
    assert [row.split(",")[3] for row in rows] == ["", "", "q", "q-2"]


def test_batches_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made(tmp_path, SEED, Block((1, 1), outer=3, inner=2), hours=5)
    monkeypatch.setattr(scaled_lines, "_BATCH_BYTES", 1000)
    assert made(tmp_path, SEED, Block((1, 1), outer=3, inner=2), hours=5) == whole
    assert len(whole) == 60


@pytest.mark.parametrize("batch_bytes", [1000, 10**6])
def test_parts_of_a_file_are_together_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_bytes: int
) -> None:
    blocks, hours = [Block((1,), outer=3), Block((1,), inner=4)], HOURS[:3]
    seed = tmp_path / "seed.csv"
    whole = made(tmp_path, [HEADER, SEED[1], SEED[3], SEED[2], SEED[4]], *blocks, hours=3)
    monkeypatch.setattr(scaled_lines, "_BATCH_BYTES", batch_bytes)
    together = []
    for part in (range(5), range(5, 5), range(5, 17), range(17, 99)):
        out = io.BytesIO()
        written = multiply(seed, out, blocks=blocks, layout=LAYOUT, seed_hours=HOURS[:2], hours=hours, part=part)
        header, *rows = out.getvalue().decode().split("\r\n")[:-1]
        assert (header, written) == (HEADER, len(rows))
        together += rows
    assert together == whole
    assert len(whole) == 21


def test_a_file_without_rows_keeps_its_header(tmp_path: Path) -> None:
    assert made(tmp_path, [HEADER], Block((), outer=3)) == []


@pytest.mark.parametrize(
    ("lines", "blocks", "said"),
    [
        (SEED[:4], [Block((1, 1))], "seed.csv has fewer rows than were planned"),
        ([*SEED, SEED[1]], [Block((1, 1))], "seed.csv has more rows than were planned"),
        ([*SEED[:3], SEED[3].replace(",1", ",3"), SEED[4]], [Block((1, 1))], "cost of seed.csv is not the same in every hour"),
        ([*SEED[:3], SEED[3].replace(",n,", ",m,"), SEED[4]], [Block((1, 1))], "node of seed.csv is not the same in every hour"),
        ([*SEED[:3], SEED[3].replace(",01,", ",02,"), SEED[4]], [Block((1, 1))], "at of seed.csv is 02, where 01 was expected"),
        ([*SEED[:2], SEED[2].replace("099", "098"), SEED[3], SEED[4].replace("099", "098")], [Block((1, 1))], "account is not the same in all rows of a generator"),
        ([*SEED[:4], SEED[4].replace('"q,', "q,")], [Block((1, 1))], "seed.csv has fewer rows than were planned"),
    ],
)  # fmt: skip
def test_a_seed_that_is_not_as_planned_is_refused(
    tmp_path: Path, lines: list[str], blocks: list[Block], said: str
) -> None:
    with pytest.raises(HarnessError, match=said):
        made(tmp_path, lines, *blocks)


def test_without_the_library_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Blocked, match=r"^scale needs pyarrow: pip install 'e2e-validator\[cloud\]'\.$"):
        made(tmp_path, SEED, Block((1, 1)))


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("a,b,", ["a", "b", ""]),
        ("", [""]),
        ('"a,b",c', ['"a,b"', "c"]),
        ('a,"",', ["a", '""', ""]),
        ('a,"x""y,",b', ["a", '"x""y,"', "b"]),
    ],
)
def test_cells_are_taken_as_they_are_written(line: str, cells: list[str]) -> None:
    assert cells_of(line) == cells
    assert ",".join(cells) == line
