"""Plants the rows of the table, each in a copy of its own, and judges what became of them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from .judging import Verdict, control, control_tests, judge
from .planting import plant
from .running import PATIENCE_SECONDS, end_all, run_scenarios, run_tests
from .table import CHECKOUT, Row


@dataclass(frozen=True, slots=True)
class Tried:
    """A row that was planted, and how it ended."""

    row: Row
    verdict: Verdict
    seconds: float


def controls(rows: Sequence[Row], folder: Path) -> list[str]:
    """Run every scenario and test of these rows in a copy without any change; what is not green, one sentence each."""
    wrong: list[str] = []
    for options in dict.fromkeys(row.options for row in rows if row.scenario is not None):
        chosen = {row.scenario: row.seen_by for row in rows if row.scenario is not None and row.options == options}
        patience = PATIENCE_SECONDS + 20 * len(chosen)
        ended = run_scenarios(folder, list(chosen.values()), *options, patience_seconds=patience)
        wrong += filter(None, (control(str(name), seen_by, ended) for name, seen_by in chosen.items()))
    tests = list(dict.fromkeys(row.test for row in rows if row.test is not None))
    if tests:
        wrong += filter(None, [control_tests(run_tests(folder, tests, patience_seconds=4 * PATIENCE_SECONDS))])
    shutil.rmtree(folder / "runs", ignore_errors=True)
    return wrong


def try_row(row: Row, folder: Path, *, base: Path = CHECKOUT) -> Tried:
    """Plant one row in a copy of ``base`` and run what must see it."""
    began = time.monotonic()
    plant(folder, row.edits, base=base)
    ended = run_tests(folder, [row.seen_by]) if row.test else run_scenarios(folder, [row.seen_by], *row.options)
    shutil.rmtree(folder, ignore_errors=True)
    return Tried(row, judge(row, ended), time.monotonic() - began)


def try_all(rows: Sequence[Row], base: Path, folder: Path, *, jobs: int, tell: Callable[[Tried], None]) -> list[Tried]:
    """Try each row, ``jobs`` of them side by side; the result has the order of the rows."""
    tried: dict[str, Tried] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            for future in as_completed([pool.submit(try_row, row, folder / row.id, base=base) for row in rows]):
                one = future.result()
                tried[one.row.id] = one
                tell(one)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
    return [tried[row.id] for row in rows]
