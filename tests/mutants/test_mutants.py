"""One regression of each class is planted and seen; ``make mutants`` does it with all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutants.judging import Fate
from mutants.matrix import controls, try_row
from mutants.planting import plant
from mutants.table import CLASSES, Row, table

ROWS = table()
FIRST = [next(row for row in ROWS if row.kind == kind) for kind in CLASSES if any(row.kind == kind for row in ROWS)]
# Rows of the same scenarios have the same control.
pytestmark = pytest.mark.embedded


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The scenarios are green without any change: a check that is always red would see everything."""
    assert controls(FIRST, plant(tmp_path_factory.mktemp("control") / "copy")) == []


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row.id)
@pytest.mark.usefixtures("healthy")
def test_the_first_regression_of_each_class_is_seen_in_place(row: Row, tmp_path: Path) -> None:
    verdict = try_row(row, tmp_path / "copy").verdict
    assert verdict.fate is Fate.SEEN, verdict.seen
