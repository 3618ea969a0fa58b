"""The archive and Trino: each stage of a source of AWS is compared, and one figure that differs names it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_files import TODAY, package, row, storage

from e2e_validator.engine.context import Context
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import judge
from e2e_validator.providers.aws import comparing
from e2e_validator.providers.aws.expect import stages
from e2e_validator.providers.aws.expect.columns import NUMBERS, SUMMED
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.objects import Archive, Columns
from e2e_validator.providers.aws.parquet_texts import ComparedTexts
from e2e_validator.providers.aws.warehouse import warehouse_stages

ROWS = [row(), row("2026-11-25", LineItemDescription="another"), storage(UnblendedCost="0.2")]
ARCHIVED = {
    "csv": (stages.DAILY_CSV, "CUR -> daily CSV"),
    "csv_sums": (stages.CSV_SUMS, "CUR -> daily CSV: sums"),
    "raw": (stages.RAW, "daily CSV -> raw parquet"),
    "daily": (stages.DAILY, "raw parquet -> daily parquet"),
}


@pytest.fixture
def want(tmp_path: Path) -> Expectation:
    return Expectation.from_manifests([package(tmp_path, ROWS)], today=TODAY)


class Trino:
    """A Trino whose tables hold what is expected; a test changes it."""

    def __init__(self, want: Expectation) -> None:
        self.by_day = {
            "aws_line_items": (SUMMED, copy.deepcopy(want.stage(stages.RAW_BY_DAY, 0))),
            "aws_line_items_daily": (NUMBERS, copy.deepcopy(want.stage(stages.DAILY_BY_DAY, 0))),
        }
        self.partitions = {name: ["2026-11"] for name in self.by_day}

    def tables(self) -> list[str]:
        return list(self.by_day)

    def rows(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        assert parameters == ["the source"]
        for name, months in self.partitions.items():
            if f'"{name}$partitions"' in statement:
                return [tuple(month.split("-")) for month in months]
        name = statement.partition(" FROM ")[2].split()[0]
        names, measures = self.by_day[name]
        return [
            (*month.split("-"), day, int(values["rows"]), *(float(values[one]) for one in names))
            for (month, day), values in measures.items()
        ]


def context_of(want: Expectation, trino: Trino | None = None) -> Context:
    clients = SimpleNamespace(warehouse=trino)
    return cast("Context", SimpleNamespace(expectation=want, provider_uuid="the source", clients=clients))


def archive(want: Expectation, **changed: Measures) -> Archive:
    found = {name: copy.deepcopy(want.stage(stage, 0)) for name, (stage, _) in ARCHIVED.items()}
    texts = {
        name: ComparedTexts(want.stage(name, 0), copy.deepcopy(want.stage(name, 0)))
        for name in (stages.RAW_TEXTS, stages.DAILY_TEXTS)
    }
    parts: dict[str, Any] = found | changed | texts
    return Archive(**parts, columns=Columns())


def with_one_more(measures: Measures) -> Measures:
    """The same, with one thousandth more in one figure."""
    found = copy.deepcopy(measures)
    values = next(iter(found.values()))
    name = next(name for name in reversed(values) if values[name])
    values[name] += Decimal("0.001")
    return found


def test_an_archive_that_holds_what_is_expected_is_equal(want: Expectation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "read_archive", lambda *_: archive(want))
    lines = judge(comparing.archive_stages(context_of(want), 1))
    assert all(f"{name}: " in lines or name in lines for _, name in ARCHIVED.values())


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (stages.RAW_TEXTS, "daily CSV -> raw parquet: texts"),
        (stages.DAILY_TEXTS, "raw parquet -> daily parquet: texts"),
    ],
)
def test_the_texts_of_the_archive_can_differ(
    want: Expectation, monkeypatch: pytest.MonkeyPatch, part: str, name: str
) -> None:
    found = archive(want)
    there = getattr(found, part).there
    there[next(iter(there))]["rows"] += 1
    monkeypatch.setattr(comparing, "read_archive", lambda *_: found)
    with pytest.raises(NumbersDiffer, match=f"^{name}: 1 figure differs"):
        judge(comparing.archive_stages(context_of(want), 1))


@pytest.mark.parametrize("part", ARCHIVED)
def test_each_part_of_the_archive_can_differ(want: Expectation, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    stage, name = ARCHIVED[part]
    changed = {part: with_one_more(want.stage(stage, 0))}
    monkeypatch.setattr(comparing, "read_archive", lambda *_: archive(want, **changed))
    with pytest.raises(NumbersDiffer, match=f"^{name}: 1 figure differs"):
        judge(comparing.archive_stages(context_of(want), 1))


def test_a_column_of_another_type_differs(want: Expectation, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = Columns()
    columns.look("raw", [("lineitem_unblendedcost", "string")], {"lineitem_unblendedcost": "double"})
    found = archive(want)
    found.columns = columns
    monkeypatch.setattr(comparing, "read_archive", lambda *_: found)
    with pytest.raises(NumbersDiffer, match=r"^parquet: columns: 2 figures differ"):
        judge(comparing.archive_stages(context_of(want), 1))


def test_tables_of_trino_that_hold_what_is_expected_are_equal(want: Expectation) -> None:
    assert len(warehouse_stages(context_of(want, Trino(want)), 1)) == 4
    judge(warehouse_stages(context_of(want, Trino(want)), 1))


@pytest.mark.parametrize("table", ["aws_line_items", "aws_line_items_daily"])
def test_each_table_of_trino_can_differ(want: Expectation, table: str) -> None:
    trino = Trino(want)
    names, measures = trino.by_day[table]
    trino.by_day[table] = names, with_one_more(measures)
    with pytest.raises(NumbersDiffer, match=f" parquet -> Trino: {table}: 1 figure differs"):
        judge(warehouse_stages(context_of(want, trino), 1))


@pytest.mark.parametrize("table", ["aws_line_items", "aws_line_items_daily"])
@pytest.mark.parametrize("months", [[], ["2026-11", "2026-10"], ["2026-11", "2026-11"]], ids=str)
def test_each_partition_is_known_once(want: Expectation, table: str, months: list[str]) -> None:
    trino = Trino(want)
    trino.partitions[table] = months
    with pytest.raises(NumbersDiffer, match=f" parquet -> Trino: partitions of {table}: 1 figure differs"):
        judge(warehouse_stages(context_of(want, trino), 1))
