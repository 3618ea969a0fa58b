"""Repairs as the reader finds them: the list below the table, the registry, and what --fail-on-repair takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner

from e2e_validator.cli import cli
from e2e_validator.repair.registry import REPAIRS
from e2e_validator.report.model import RepairResult
from e2e_validator.report.repair_list import repair_list, repair_markdown
from e2e_validator.report.repair_text import repairs_block
from e2e_validator.report.repairs import by_kind, names, not_allowed

FOLDER = "reports/2026-11-21-quiet-heron/"


def a_try(**fields: Any) -> RepairResult:
    values: dict[str, Any] = {
        "scenario": "late",
        "phase": "convert",
        "repair": "stuck_report",
        "cause": "report_stuck",
        "number": 1,
        "limit": 2,
        "did": "removed 25 half-written rows and announced the payload again.",
        "effect": "worked",
        "seconds": 3.2,
        "expected": False,
        "undo": "-",
        "folder": "late/repairs/1-stuck_report",
    }
    return RepairResult(**(values | fields))


def test_without_repairs_there_is_no_list() -> None:
    assert repairs_block([]) == ""


def test_a_worked_around_fault_is_said_with_cause_and_evidence() -> None:
    assert repairs_block([a_try()], folder=FOLDER) == (
        "repairs   1 product fault was worked around; with --fail-on-repair the exit code is 11:\n"
        "            late convert: stuck_report, worked after 3.2s (1 of 2): removed 25 half-written rows and\n"
        "                announced the payload again\n"
        "                cause     report_stuck\n"
        "                evidence  reports/2026-11-21-quiet-heron/late/repairs/1-stuck_report/"
    )


def test_unexpected_repairs_stand_before_expected_and_vain_ones() -> None:
    tries = [
        a_try(effect="no effect", did="a"),
        a_try(expected=True, did="b"),
        a_try(effect="failed", did="c", expected=True),
        a_try(did="d"),
        a_try(effect="declined", did="", folder=""),
        a_try(did="e"),
    ]
    lines = [line.strip() for line in repairs_block(tries).splitlines()]
    assert [line for line in lines if not line.startswith(("cause", "evidence"))] == [
        "repairs   2 product faults were worked around; with --fail-on-repair the exit code is 11:",
        "late convert: stuck_report, worked after 3.2s (1 of 2): d",
        "late convert: stuck_report, worked after 3.2s (1 of 2): e",
        "As the scenario expects:",
        "late convert: stuck_report, worked after 3.2s (1 of 2): b",
        "Tried in vain:",
        "late convert: stuck_report, no effect after 3.2s (1 of 2): a",
        "late convert: stuck_report, failed after 3.2s (1 of 2): c",
        "late convert: stuck_report, declined after 3.2s (1 of 2): did not say what it did",
    ]
    assert sum(line.startswith("evidence") for line in lines) == 5


def test_a_run_that_does_not_allow_repairs_says_so() -> None:
    first = repairs_block([a_try()], red=True).splitlines()[0]
    assert first == "repairs   1 product fault was worked around; --fail-on-repair does not allow it:"


def test_expected_repairs_alone_accuse_nobody() -> None:
    assert "worked around" not in repairs_block([a_try(expected=True)], red=True)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_lines_fit_and_paths_stay_whole(width: int) -> None:
    lines = repairs_block([a_try(did="word " * 60, cause="c")], folder=FOLDER, width=width).splitlines()
    assert all(len(line) <= width for line in lines[1:] if "evidence" not in line)
    assert lines[-1].endswith(f"{FOLDER}late/repairs/1-stuck_report/")


def test_a_products_answer_cannot_write_to_the_terminal() -> None:
    text = repairs_block([a_try(did="said \x1b[31mred\r\nand more", cause="x\x1b[0m")])
    assert "\x1b" not in text
    assert "said red and more" in text


@pytest.mark.parametrize(
    ("effect", "expected", "allowed"),
    [
        ("worked", False, False),
        ("worked", True, True),
        ("no effect", False, True),
        ("failed", False, True),
        ("declined", False, True),
    ],
)
def test_only_a_repair_that_worked_unasked_is_not_allowed(effect: str, expected: bool, allowed: bool) -> None:
    assert (not not_allowed([a_try(effect=effect, expected=expected)])) is allowed


def test_effects_are_counted_with_expected_ones_apart() -> None:
    tries = [a_try(effect="odd"), a_try(effect="no effect"), a_try(), a_try(expected=True), a_try()]
    assert list(by_kind(tries).items()) == [("worked", 2), ("worked, as expected", 1), ("no effect", 1), ("odd", 1)]


def test_names_come_once_in_the_order_of_time() -> None:
    assert names([a_try(repair="b"), a_try(repair="a"), a_try(repair="b")]) == "b, a"


@dataclass(frozen=True)
class Entry:
    """An entry of a registry."""

    name: str = "stale_lock"
    phases: tuple[str, ...] = ("summary", "cost")
    limit: int = 1
    causes: tuple[str, ...] = ("lock_left",)
    detection: str = "a lock | that nobody holds"
    action: str = "deletes that one key"
    writes: str = "one row"
    undo: str = "an INSERT of that row"
    contract: str = "docs/contract/koku.md 2.4"


def test_the_registry_says_when_what_how_often_and_the_undo() -> None:
    text = repair_list([Entry(), Entry(name="frozen", limit=2)])
    first, second = text.split("\n\n")
    assert first == (
        "stale_lock\n"
        "  phases  summary, cost\n"
        "  cause   lock_left\n"
        "  if      a lock | that nobody holds\n"
        "  does    deletes that one key\n"
        "  tries   once in a phase\n"
        "  writes  one row\n"
        "  undo    an INSERT of that row\n"
        "  see     docs/contract/koku.md 2.4"
    )
    assert second.startswith("frozen\n")
    assert "  tries   at most 2 times in a phase\n" in second


def test_the_command_lists_every_repair_as_text_and_as_markdown() -> None:
    text, table = (CliRunner().invoke(cli, ["repairs", *more]) for more in ([], ["--markdown"]))
    assert (text.exit_code, table.exit_code) == (0, 0)
    titles = [line.split()[0] for line in text.output.splitlines() if line and not line.startswith(" ")]
    assert titles == [repair.name for repair in REPAIRS]
    assert table.output.count("\n| `") == len(REPAIRS)


def test_the_registrys_markdown_has_a_row_each_and_escapes_bars() -> None:
    head, rule, first, second = repair_markdown([Entry(), Entry(name="frozen")]).splitlines()
    assert head.count("|") == rule.count("|") == second.replace("\\|", "").count("|") == 10
    assert first == (
        "| `stale_lock` | summary, cost | `lock_left` | a lock \\| that nobody holds | deletes that one key | 1"
        " | one row | an INSERT of that row | docs/contract/koku.md 2.4 |"
    )
    assert second.startswith("| `frozen` |")
