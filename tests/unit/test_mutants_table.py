"""The mutation table can be used, its page is that of the table, and its judge tells the four ends apart."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mutants import __main__ as command
from mutants.document import document
from mutants.judging import Fate, control, control_tests, judge
from mutants.planting import environment, plant
from mutants.running import Ended
from mutants.table import CHECKOUT, CLASSES, BadTableError, Edit, Row, table

EDIT = Edit(file="e2e_validator/__init__.py", find='return version("e2e-validator")', replace='return "6.6.6"')
ROW = Row(
    id="A99", what="the version", kind="sql", edits=(EDIT,), scenario="one_pod_day", phase="summary", says="a row"
)


def ended(*phases: tuple[str, str, str], code: int = 1, name: str = "one_pod_day") -> Ended:
    found: list[dict[str, Any]] = [
        {"name": phase, "verdict": verdict, "headline": headline, "facts": ""} for phase, verdict, headline in phases
    ]
    return Ended(code, "what pytest said", {name: {"name": name, "phases": found}})


@cache
def shipped() -> list[Row]:
    """The table as it is."""
    return table()


def test_the_table_can_be_used_and_its_page_is_that_of_the_table() -> None:
    """``python -m tests.mutants --page`` writes it."""
    page = document(shipped())
    assert (CHECKOUT / "docs" / "mutants.md").read_text(encoding="utf-8") == page
    assert all(f"| {row.id} |" in page for row in shipped())


SQL = "{id: A1, what: a rule, file: e2e_validator/embedded/standin/summary/usage.sql, replace: x, says: xyz"


# What nobody can see: no report and no list reads the tables of claims and of the places of tag values.
UNSEEN = {"summary/volume_claims.sql", "summary/tag_values.sql"}
STANDIN = CHECKOUT / "e2e_validator" / "embedded" / "standin"


def broken_of(file: str) -> list[str]:
    """What the rows of the table find in a file of the stand-in."""
    path = f"e2e_validator/embedded/standin/{file}"
    return [edit.find for row in shipped() for edit in row.edits if edit.file == path]


def test_every_file_of_the_summary_and_of_pricing_has_a_row() -> None:
    folders = [STANDIN / "summary", STANDIN / "pricing"]
    files = {str(path.relative_to(STANDIN)) for folder in folders for path in folder.glob("*.sql")}
    assert {file for file in files if not broken_of(file)} == UNSEEN


@pytest.mark.parametrize("step", ["_usage", "_monthly", "_tags", "_markup", "_distribution", "_day_price"])
def test_every_step_of_pricing_has_a_row(step: str) -> None:
    """The step itself, or the statement that it runs."""
    scripts = {
        "_usage": "usage",
        "_monthly": "monthly",
        "_tags": "tag_usage",
        "_distribution": "distribution",
    }
    source = (STANDIN / "pricing" / "steps.py").read_text(encoding="utf-8")
    body = source.partition(f"    def {step}(")[2].partition("\n    def ")[0]
    assert body
    own = [find for find in broken_of("pricing/steps.py") if find in body]
    assert own + broken_of(f"pricing/{scripts.get(step, step)}.sql")


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_has_rows(kind: str) -> None:
    assert len([row for row in shipped() if row.kind == kind]) >= 10


def test_there_are_enough_of_them() -> None:
    assert len(shipped()) >= 120


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (", find: nothing of the kind, scenario: one_pod_day, phase: api}", "0 times"),
        (", find: '%', scenario: one_pod_day, phase: api}", "times, not once"),
        (", find: SELECT %(period)s, scenario: no_such, phase: api}", "no such file: scenarios"),
        (", find: SELECT %(period)s, test: tests/unit/test_no.py}", "no such file: tests"),
        (", find: SELECT %(period)s}", "a scenario or a test"),
        (", find: SELECT %(period)s, scenario: one_pod_day}", "name the phase"),
        (", find: SELECT %(period)s, scenario: one_pod_day, phase: api, extra: 1}", "extra"),
    ],
)
def test_a_row_that_cannot_be_run_is_named_with_its_mistake(tmp_path: Path, row: str, says: str) -> None:
    (tmp_path / "sql.yaml").write_text(f"- {SQL}{row}\n")
    with pytest.raises(BadTableError, match=says):
        table(tmp_path)


def test_an_id_may_stand_there_once_and_a_file_is_a_class(tmp_path: Path) -> None:
    row = f"{SQL}, find: allowed AS, scenario: one_pod_day, phase: api}}"
    (tmp_path / "sql.yaml").write_text(f"- {row}\n- {row}\n")
    (tmp_path / "other.yaml").write_text("[]")
    with pytest.raises(BadTableError, match=r"(?s)other.yaml: no class.*the id A1 stands there twice"):
        table(tmp_path)


def test_an_edit_that_leaves_no_python_is_a_mistake() -> None:
    assert "leaves no Python" in EDIT.model_copy(update={"replace": "__version__ ="}).mistakes()[0]
    assert "nothing is changed" in EDIT.model_copy(update={"replace": EDIT.find}).mistakes()[0]
    assert EDIT.mistakes() == []


@pytest.mark.parametrize(
    ("run", "fate"),
    [
        (ended(("convert", "PASSED", ""), ("summary", "FAILED", "a row is missing")), Fate.SEEN),
        (ended(("convert", "PASSED", ""), ("summary", "FAILED", "something else")), Fate.MISPLACED),
        (ended(("convert", "FAILED", "a row is missing"), ("summary", "SKIPPED", "")), Fate.MISPLACED),
        (ended(("summary", "FAILED", "a row is missing"), code=3), Fate.MISPLACED),
        (ended(("summary", "UNCLEAN", "a row is missing"), code=13), Fate.MISPLACED),
        (ended(("summary", "PASSED", ""), code=0), Fate.SURVIVED),
        (ended(("summary", "PASSED", ""), code=3), Fate.BROKEN),
        (ended(("summary", "ERROR", "a row is missing"), code=3), Fate.BROKEN),
        (ended(("summary", "BLOCKED", "a row is missing"), code=10), Fate.BROKEN),
        (ended(("summary", "FAILED", "a row is missing"), code=-9), Fate.BROKEN),
        (ended(name="another"), Fate.BROKEN),
    ],
)
def test_only_red_at_the_rows_place_with_its_words_is_seen(run: Ended, fate: Fate) -> None:
    assert judge(ROW, run).fate is fate


def test_a_test_must_fail_with_the_rows_words_and_not_break() -> None:
    row = ROW.model_copy(update={"scenario": None, "test": "tests/unit/test_x.py::test_y"})
    assert judge(row, Ended(1, "E   AssertionError: a row\nFAILED tests/unit/test_x.py::test_y")).fate is Fate.SEEN
    assert judge(row, Ended(1, "E   AssertionError: else\nFAILED tests/unit/test_x.py::test_y")).fate is Fate.MISPLACED
    assert judge(row, Ended(0, "1 passed")).fate is Fate.SURVIVED
    assert judge(row, Ended(1, "ERROR tests/unit/test_x.py - ImportError: a row")).fate is Fate.BROKEN
    assert judge(row, Ended(2, "E   a row")).fate is Fate.BROKEN


def test_a_control_is_green_or_named() -> None:
    assert control("one_pod_day", "scenarios/one_pod_day.yaml", ended(("summary", "PASSED", ""), code=0)) == ""
    assert "is red without any change: summary FAILED" in control(
        "one_pod_day", "scenarios/one_pod_day.yaml", ended(("summary", "FAILED", "x"))
    )
    assert "did not run" in control("another", "scenarios/another.yaml", ended(("summary", "PASSED", ""), code=0))
    assert control_tests(Ended(0, "")) == ""
    assert "exit code 1" in control_tests(Ended(1, ""))


def test_what_runs_in_a_copy_changes_nothing_else(tmp_path: Path) -> None:
    copy = plant(tmp_path / "copy", [EDIT])
    assert asked(copy, "-c") == "6.6.6"
    assert asked(copy, "-P", "-c") == "6.6.6"  # as the servers of an embedded stack are started
    assert EDIT.find in (CHECKOUT / EDIT.file).read_text(encoding="utf-8")


def test_where_the_copy_is_not_found_nothing_is_imported(tmp_path: Path) -> None:
    copy = plant(tmp_path / "copy")
    (copy / "e2e_validator").rename(copy / "gone")
    assert asked(copy, "-P", "-c").startswith("ModuleNotFoundError")


def test_packages_stay_where_an_installed_checkout_has_its_data(tmp_path: Path) -> None:
    copy, packages, other = plant(tmp_path / "copy"), tmp_path / "packages", tmp_path / "other"
    (packages / "e2e_validator" / "shipped").mkdir(parents=True)
    (packages / "some_package.py").touch()
    (other / "e2e_validator").mkdir(parents=True)
    (other / "e2e_validator" / "__init__.py").touch()
    (other / "some_other.py").touch()
    paths = {"PYTHONPATH": os.pathsep.join(map(str, (copy, copy / "alone", packages, other)))}
    found = (
        "from importlib.util import find_spec; print(*(bool(find_spec(f'some_{one}')) for one in ('package', 'other')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", found], env=environment(copy) | paths, check=True, capture_output=True, text=True
    )
    assert done.stdout == "True False\n"


def asked(copy: Path, *options: str) -> str:
    code = "import e2e_validator.errors; print(e2e_validator.__version__)"
    done = subprocess.run(
        [sys.executable, *options, code], cwd=copy, env=environment(copy), capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_rows_are_chosen_by_class_id_and_share() -> None:
    rows = [ROW.model_copy(update={"id": f"A{number}"}) for number in range(5)]
    assert [row.id for row in command.choose(rows, kind=None, ids=[], share="1/2")] == ["A1", "A3"]
    assert [row.id for row in command.choose(rows, kind="sql", ids=["A4"], share="0/1")] == ["A4"]
    assert command.choose(rows, kind="api", ids=[], share="0/1") == []
