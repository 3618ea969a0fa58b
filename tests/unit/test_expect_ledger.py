"""The ledger: what differs is found, named and shown; what does not is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from e2e_validator.expect.ledger import Kind, first_difference, number, stage_line, summarise
from e2e_validator.expect.ledger_table import ledger_table
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.noise import check, compare

KEY = ("pod_usage", "2026-11-05")
SIDE: Measures = {KEY: {"rows": Decimal(24), "usage": Decimal(12), "free": Decimal(0)}}


def side(**changes: Decimal | str | int) -> Measures:
    return {KEY: SIDE[KEY] | {field: Decimal(value) for field, value in changes.items()}}


def test_equal_sides_have_no_difference() -> None:
    assert compare("stage", SIDE, side()) == []


@pytest.mark.parametrize(
    ("field", "value", "differs"),
    [
        ("usage", "12.00000012", True),
        ("usage", "12.000000013", True),
        ("usage", "12.000000011", False),
        ("usage", "24", True),
        ("usage", "-12", True),
        ("usage", "0", True),
        ("free", "1e-30", True),
        ("rows", "25", True),
    ],
)
def test_a_figure_may_differ_by_a_relative_1e_9(field: str, value: str, *, differs: bool) -> None:
    found = compare("stage", SIDE, side(**{field: value}))
    assert bool(found) is differs
    assert [(one.field, one.kind) for one in found] == ([(field, Kind.VALUE)] if differs else [])


def test_a_missing_and_an_extra_row_are_found() -> None:
    other = ("pod_usage", "2026-11-06")
    (missing,) = compare("stage", SIDE | {other: {"rows": Decimal(1)}}, SIDE)
    (extra,) = compare("stage", SIDE, SIDE | {other: {"rows": Decimal(0)}})
    assert (missing.key, missing.kind) == (other, Kind.MISSING)
    assert (extra.key, extra.kind) == (other, Kind.EXTRA)


def test_null_is_not_0_on_either_side() -> None:
    null: Measures = {KEY: {field: value for field, value in SIDE[KEY].items() if field != "free"}}
    (gone,) = compare("stage", SIDE, null)
    (come,) = compare("stage", null, SIDE)
    assert (gone.field, gone.kind, gone.expected, gone.actual) == ("free", Kind.MISSING, Decimal(0), None)
    assert (come.field, come.kind, come.expected, come.actual) == ("free", Kind.EXTRA, None, Decimal(0))


def test_the_largest_differences_follow_the_missing_rows() -> None:
    expected: Measures = {("a",): {"x": Decimal(100)}, ("b",): {"x": Decimal(1)}, ("c",): {"x": Decimal(1)}}
    actual: Measures = {("a",): {"x": Decimal(110)}, ("b",): {"x": Decimal(2)}}
    assert [one.key for one in compare("stage", expected, actual)] == [("c",), ("b",), ("a",)]


UNALLOCATED = ("2026-11-05", "Pod", "Worker unallocated", "n1", "")


@pytest.mark.parametrize(
    ("key", "field", "row", "noise"),
    [
        (UNALLOCATED, "pod_usage_cpu_core_hours", {"node_capacity_cpu_core_hours": Decimal(96)}, "1e-13"),
        (("compute", "total", "", ""), "capacity.unused", {"capacity": Decimal(96)}, "1e-13"),
        (("compute", "total", "", ""), "capacity.unused_percent", {}, "1e-13"),
    ],
)
def test_noise_of_15_digits_is_equal_where_koku_subtracts(
    key: tuple[str, ...], field: str, row: dict[str, Decimal], noise: str
) -> None:
    expected = {key: row | {field: Decimal(0)}}
    assert compare("stage", expected, {key: row | {field: Decimal(noise)}}) == []
    assert compare("stage", expected, {key: row | {field: Decimal("1e-9")}})


def test_a_pods_own_usage_has_no_such_allowance() -> None:
    key = ("2026-11-05", "Pod", "app", "n1", "")
    row = {"pod_usage_cpu_core_hours": Decimal(0), "node_capacity_cpu_core_hours": Decimal(96)}
    assert compare("stage", {key: row}, {key: row | {"pod_usage_cpu_core_hours": Decimal("1e-13")}})


def test_the_first_stage_that_differs_is_the_finding() -> None:
    stages = [check("one", SIDE, SIDE), check("two", SIDE, side(usage=13)), check("three", SIDE, {})]
    assert first_difference(stages) is stages[1]
    assert first_difference(stages[:1]) is None


def test_each_stage_has_a_line() -> None:
    counted = "1 figure differs (24 rows, 2 sums)"
    lines = summarise(
        [
            check("CSV -> payload", SIDE, SIDE),
            check("payload -> archive", SIDE, side(usage=13)),
            check("archive -> line items", SIDE, {}),
        ]
    )
    assert lines == [
        "CSV -> payload: ok (24 rows, 2 sums)",
        f"payload -> archive: {counted}; pod_usage / 2026-11-05: usage is 13, expected 12",
        f"archive -> line items: {counted}; pod_usage / 2026-11-05: the row is missing",
    ]


def test_the_table_shows_the_ten_largest_and_counts_the_rest() -> None:
    expected: Measures = {(f"project-{index:02}",): {"usage": Decimal(100)} for index in range(12)}
    actual: Measures = {(f"project-{index:02}",): {"usage": Decimal(101 + index)} for index in range(12)}
    table = ledger_table([check("api", expected, actual)])
    assert "EXPECTED" in table
    assert "ACTUAL" in table
    assert "project-11" in table
    assert "project-01" not in table
    assert table.endswith("12 of 12 figures differ; 2 more not shown.\n")
    assert all(len(line) <= 140 for line in table.splitlines())


def test_the_table_says_present_missing_and_a_dash_for_null() -> None:
    extra = check("api", {("a",): {"x": Decimal(1)}}, {("[bold]b",): {"x": Decimal(1)}, ("a",): {}})
    table = ledger_table([extra])
    assert "[bold]b" in table
    assert "present" in table
    assert stage_line(extra).startswith("api: 2 figures differ")


def test_there_is_no_table_without_a_difference() -> None:
    assert ledger_table([check("api", SIDE, SIDE)]) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("0E-20", "0"),
        ("12.000", "12"),
        ("0.333333333333333333333333", "0.333333333333333"),
        ("61847529062400", "61847529062400"),
        ("1e-12", "0.000000000001"),
        ("123456789012345678901", "123456789012346000000"),
    ],
)
def test_figures_are_shown_with_15_digits(value: str | None, text: str) -> None:
    assert number(None if value is None else Decimal(value)) == text


@pytest.mark.parametrize("actual", ["Infinity", "-Infinity", "NaN"])
def test_what_is_no_number_equals_nothing(actual: str) -> None:
    differences = compare("stage", {("a",): {"usage": Decimal(1)}}, {("a",): {"usage": Decimal(actual)}})
    assert [difference.kind for difference in differences] == ["value"]
