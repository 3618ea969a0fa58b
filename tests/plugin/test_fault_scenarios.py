"""Every row of the matrix of faults is a scenario that runs here; none is green wrongly, with repairs on or off.

`make test` runs three of them, and `make long` the rest; with repairs off the first for each set of repairs, and in a
run of their own the others.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from faults.__main__ import DOCUMENT, scenario_files
from faults.matrix import CLASSIC, REFUSED, Row, differences, read, row_of_skew, rows
from faults.running import Ran, run
from faults.shown import GOOD, Shown, events_of, expectations, shown
from faults.skew import CLOCK_SKEW, SKEWS, Skewed, skewed
from faults.sound import with_repairs, without_repairs
from selected import parameters

from e2e_validator.embedded.faults.registry import REGISTRY
from e2e_validator.scenario.fault_names import ARMABLE

pytestmark = pytest.mark.embedded

MORE = ("-p", "nise_once")
NAMES = sorted({*ARMABLE, *REFUSED.values()})
FILES = scenario_files()
EXPECTED = expectations(FILES)
# Also where a repair is tried in vain: with repairs off nothing is tried.
REPAIRED = sorted(name for name, expect in EXPECTED.items() if expect.get("repaired") or name == "cost_step_fails")
# One for each set of repairs; the others differ from it in what was broken, which is seen with repairs on.
FIRST = sorted({str(EXPECTED[name].get("repaired")): name for name in reversed(REPAIRED)}.values())
LATER = sorted(set(NAMES) - set(FIRST))
OF_ALL = "test_the_matrix_in_the_documents_is_this_one"


@dataclass(frozen=True)
class Runs:
    """Starts runs of these scenarios."""

    folder: Path

    def in_mode(self, mode: str, names: Sequence[str]) -> Ran:
        files = [file for file in FILES if file.stem in names]
        return run(files, self.folder / f"{mode}-{len(files)}", f"--repair={mode}", *MORE, env=self.environment())

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
        return {"E2E_NISE_ONCE": str(self.folder / "nise"), "PYTHONPATH": path}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Where the runs of this module are."""
    return Runs(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def asked(request: pytest.FixtureRequest) -> set[str]:
    """The faults of the tests of this session; the matrix of the documents needs all of them."""
    if any(item.name == OF_ALL for item in request.session.items):
        return set(NAMES)
    return {FIRST[0], *parameters(request.session, __name__, "name")}


@pytest.fixture(scope="module")
def both(runs: Runs, asked: set[str]) -> tuple[Ran, Ran]:
    """With repairs on those asked for, and with repairs off the first ones; at once, as most time is waiting."""
    names = [name for name in NAMES if name in asked]
    with ThreadPoolExecutor(2) as pool:
        on, off = pool.map(runs.in_mode, ("auto", "off"), (names, [name for name in FIRST if name in asked]))
    return on, off


@pytest.fixture(scope="module")
def on(both: tuple[Ran, Ran]) -> dict[str, Shown]:
    """What was seen with repairs on."""
    return shown(both[0].folder, EXPECTED)


@pytest.fixture(scope="module")
def off(both: tuple[Ran, Ran]) -> dict[str, Shown]:
    """What was seen with repairs off, of the first ones."""
    return shown(both[1].folder, EXPECTED)


@pytest.fixture(scope="module")
def rest(runs: Runs, asked: set[str]) -> dict[str, Shown]:
    """What was seen with repairs off, of the others."""
    return shown(runs.in_mode("off", [name for name in LATER if name in asked]).folder, EXPECTED)


@pytest.fixture(scope="module")
def clocks(runs: Runs) -> list[Skewed]:
    """What was seen of deployments with another clock."""
    return skewed(runs.folder, *MORE, env=runs.environment())


def test_every_fault_that_can_be_armed_has_its_scenario() -> None:
    assert {file.stem for file in FILES} == set(NAMES)


def test_a_run_of_all_of_them_ends_well(both: tuple[Ran, Ran]) -> None:
    assert both[0].code == 0, both[0].text


@pytest.mark.parametrize("name", NAMES)
def test_with_repairs_on_it_ends_repaired_with_exact_figures(on: dict[str, Shown], name: str) -> None:
    assert list(with_repairs(on[name], EXPECTED[name])) == []


@pytest.mark.parametrize("name", FIRST)
def test_with_repairs_off_the_repaired_are_red_of_the_cause(
    on: dict[str, Shown], off: dict[str, Shown], name: str
) -> None:
    assert list(without_repairs(on[name], off[name])) == []


@pytest.mark.long
@pytest.mark.parametrize("name", LATER)
def test_with_repairs_off_the_others_are_red_or_end_the_same(
    on: dict[str, Shown], rest: dict[str, Shown], name: str
) -> None:
    assert list(without_repairs(on[name], rest[name])) == []


def test_with_repairs_off_nothing_is_written(both: tuple[Ran, Ran]) -> None:
    assert [event for event in events_of(both[1].folder) if event["event"] == "Repaired"] == []
    assert list(both[1].folder.glob("*/repairs")) == []


@pytest.mark.long
def test_a_skewed_clock_is_green_only_with_figures_compared(clocks: list[Skewed]) -> None:
    assert [one.days for one in clocks] == list(SKEWS)
    for one in clocks:
        assert one.on.repairs == one.off.repairs == (), one.words
        for seen in (one.on, one.off):
            assert (seen.verdict in GOOD) == (seen.api in GOOD), one.words


def test_the_matrix_in_the_documents_is_this_one(on: dict[str, Shown], off: dict[str, Shown]) -> None:
    """Its seconds apart; ``make faults`` writes it anew. What did not run with repairs off is not compared."""
    documented = [row for row in committed() if CLOCK_SKEW not in row.fault]
    verdicts = {row.fault: row.off for row in documented}
    later = tuple(f"`{name}`" for name in LATER if name in REPAIRED)
    found = [
        replace(row, off=verdicts[row.fault]) if any(name in row.fault for name in later) else row
        for row in rows(on, {**on, **off}, [])
    ]
    assert differences(documented, found) == []


@pytest.mark.long
def test_its_rows_of_a_skewed_clock_are_these(clocks: list[Skewed]) -> None:
    found = [row_of_skew(one) for one in clocks]
    assert differences([row for row in committed() if CLOCK_SKEW in row.fault], found) == []


def test_the_matrix_in_the_documents_has_every_fault() -> None:
    for fault in REGISTRY:
        mine = [row for row in committed() if f"`{fault.name}`" in row.fault]
        assert len(mine) == (len(SKEWS) if fault.name == CLOCK_SKEW else 1), fault.name
        assert all(row.detected != CLASSIC or fault.classic_only for row in mine)


def committed() -> list[Row]:
    """The rows of the document."""
    return read(DOCUMENT.read_text(encoding="utf-8"))
