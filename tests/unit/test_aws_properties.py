"""Random small CURs: nothing is lost without a name, parts are wholes, and the order of rows and files is nothing."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_files import CATEGORY, TAG, TODAY, Row, package
from drawn_bills import ANY, MARKUPS, PLAIN, WILD
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.expect.known_deviation import UNEXPLAINED
from e2e_validator.expect.ledger import compare
from e2e_validator.expect.measures import Key, Measures
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import COSTS, INSTANCES, STORAGE, Question
from e2e_validator.providers.aws.expect.reports import TOTAL
from e2e_validator.providers.aws.expect.ui_tables import UI_TABLES

FIRST = TODAY.replace(day=1)
GROUPINGS = ("account", "service", "region", "az", "product_family", "tag:app", "aws_category:env")


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def expected(*files: Sequence[Row], markup: Decimal = Decimal(0)) -> Expectation:
    """What comes out of one assembly with these files."""
    with folder() as place:
        return Expectation.from_manifests([package(place, *files)], today=TODAY, markup=markup)


def grown(*assemblies: Sequence[Row]) -> Expectation:
    """What comes out of these assemblies, one after another."""
    with folder() as place:
        manifests = [package(place, rows, assembly=f"a{number}") for number, rows in enumerate(assemblies)]
        return Expectation.from_manifests(manifests, today=TODAY)


def seen(want: Expectation) -> Measures:
    """Everything that a user of the API or the database sees of costs."""
    found: Measures = {}
    for stage in ("summary", "ui", "ec2", "bill"):
        found |= {(stage, *key): values for key, values in want.stage(stage, -1).items()}
    for question in questions():
        for key, values in want.answer(question).items():
            found[("api", str(question), *key)] = values
    return found


def questions() -> Iterator[Question]:
    for report in (COSTS, INSTANCES, STORAGE):
        for cost_type in COST_TYPES:
            yield Question(report, FIRST, TODAY, cost_type=cost_type)
            yield Question(report, FIRST, TODAY, daily=True, cost_type=cost_type)
            for grouping in GROUPINGS:
                yield Question(report, FIRST, TODAY, cost_type=cost_type, groups=(grouping,))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=PLAIN, markup=MARKUPS)
def test_what_plain_rows_cost_is_what_koku_shows(rows: list[Row], markup: Decimal) -> None:
    """Nothing but the storage report's way with savings plans, instances of two tag sets, and the ninth decimal."""
    names = {one.name for one in expected(rows, markup=markup).deviations()}
    assert names <= {"storage_shows_unblended", "ec2_counted_per_tag_set", "tiny_costs_rounded"}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=WILD, markup=MARKUPS)
def test_every_difference_between_the_oracles_has_a_name(rows: list[Row], markup: Decimal) -> None:
    assert [str(one.worst) for one in expected(rows, markup=markup).deviations() if one.name == UNEXPLAINED] == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(first=WILD, second=WILD)
def test_after_a_second_assembly_too(first: list[Row], second: list[Row]) -> None:
    assert [str(one.worst) for one in grown(first, second).deviations() if one.name == UNEXPLAINED] == []


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=ANY, markup=MARKUPS)
def test_groups_and_days_add_up_to_the_total(rows: list[Row], markup: Decimal) -> None:
    want = expected(rows, markup=markup)
    wholes: dict[Key, dict[str, Decimal]] = {}
    for question in questions():
        answer = want.answer(question)
        total = answer.pop(TOTAL)
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for values in answer.values():
            for name, value in values.items():
                # Of a group the unit is that of its own rows.
                parts[name.rpartition(" ")[0]] += value
        assert {name.rpartition(" ")[0]: value for name, value in total.items()} == dict(
            parts or dict.fromkeys((name.rpartition(" ")[0] for name in total), Decimal(0))
        )
        if question.report != STORAGE:
            # The storage report replaces a cost of 0 in each row of the table that it reads, and reads several.
            assert wholes.setdefault((question.report, question.cost_type), total) == total


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=ANY, seed=st.integers(0, 1000), files=st.integers(1, 3))
def test_the_order_of_rows_and_files_is_nothing(rows: list[Row], seed: int, files: int) -> None:
    mixed = list(rows)
    random.Random(seed).shuffle(mixed)
    # A file without rows would be one that Koku makes no bill of.
    dealt = [part for part in (mixed[number::files] for number in range(files)) if part]
    assert compare("seen", seen(expected(rows)), seen(expected(*dealt))) == []


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=ANY)
def test_a_month_that_only_grows_is_its_last_assembly(rows: list[Row]) -> None:
    early = [one for one in rows if one["lineItem/UsageStartDate"] < "2026-11-22"]
    after = grown(early, rows) if early else grown(rows)
    assert compare("seen", seen(expected(rows)), seen(after)) == []


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=ANY, markup=MARKUPS)
def test_the_ui_tables_are_the_daily_summary(rows: list[Row], markup: Decimal) -> None:
    want = expected(rows, markup=markup)
    summary, tables = want.stage("summary", -1), want.stage("ui", -1)
    for table in UI_TABLES:
        if "_cost_" not in table:
            continue
        for name in COST_TYPES:
            assert _sum(tables, name, table) == _sum(summary, name)


def _sum(measures: Measures, name: str, table: str = "") -> Decimal:
    chosen: Iterable[dict[str, Decimal]] = (v for key, v in measures.items() if not table or key[0] == table)
    return sum((values[name] for values in chosen), Decimal(0))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=ANY)
def test_a_key_that_is_not_enabled_changes_no_cost(rows: list[Row]) -> None:
    with folder() as place:
        manifest = [package(place, rows)]
        every, none = (Expectation.from_manifests(manifest, today=TODAY, disabled_tags=tags) for tags in ((), ("app",)))
    assert len(every.payloads[-1].rows) == len(none.payloads[-1].rows)
    assert every.stage("ui", -1) == none.stage("ui", -1)
    assert none.tags() == {}
    assert every.tags() == {"app": tagged} if (tagged := sorted({one[TAG] for one in rows} - {""})) else True
    assert every.categories() == none.categories()
    assert set(every.categories().get("env", [])) == {one[CATEGORY] for one in rows} - {""}
