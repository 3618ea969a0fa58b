"""What ``explain`` says of a bill: the totals that the reports show, and where the data say something else."""

from __future__ import annotations

from pathlib import Path

from aws_type import FIXTURES, TODAY, known, loaded

from e2e_validator.engine.rehearsal import rehearse
from e2e_validator.expect.deviation import Deviation
from e2e_validator.expect.deviation_text import why
from e2e_validator.providers.aws.expect.deviations.clue import Clue
from e2e_validator.providers.aws.expect.deviations.registry import DEVIATIONS
from e2e_validator.providers.aws.explaining import explain

HEAD = """\
period: {start: month-1m+4d, end: month-1m+6d}
cost_model: {markup: {value: 10}}
"""


def explained(folder: Path, rows: str, deviates: str = "") -> list[str]:
    scenario = loaded(folder, f"{HEAD}expect: {{deviates: [{deviates}]}}\ndata:\n  rows: |\n    {rows}\n")
    with known():
        return explain(rehearse(scenario, fixtures=FIXTURES, today=TODAY, folder=folder)).splitlines()


def test_a_tax_of_the_month_is_in_its_total(tmp_path: Path) -> None:
    rows = "@interval, LineItemType, UnblendedCost\n    hour, Usage, 0.1\n    month, Tax, 1.50"
    assert "costs unblended_cost of 2026-10: cost 6.93" in explained(tmp_path, rows)


def test_what_koku_leaves_out_is_told_by_the_data_too(tmp_path: Path) -> None:
    rows = "@at, @interval, LineItemType, UnblendedCost\n    , hour, Usage, 0.5\n    month-2m, day, Refund, -3"
    said = explained(tmp_path, rows, "days_outside_month_dropped")
    assert "costs unblended_cost of 2026-10: cost 26.4" in said
    assert "costs unblended_cost of 2026-09: cost missing (the data say -3.3)" in said


def test_what_two_clues_say_is_said_once() -> None:
    clues = [
        Clue("unread_cost_is_zero", "a cost is no number", ("2026-10-05",), (report,))
        for report in ("costs", "storage")
    ]
    one = Deviation(DEVIATIONS["unread_cost_is_zero"], tuple(clues), ("cost is 0",))
    assert why(one) == "a cost is no number"
