"""Every row of the matrix of faults is a scenario that runs here, with repairs on and off; none is green wrongly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faults.__main__ import DOCUMENT, scenario_files
from faults.matrix import CLASSIC, REFUSED, differences, read, rows
from faults.running import Ran, run
from faults.shown import GOOD, Shown, events_of, expectations, shown
from faults.skew import CLOCK_SKEW, SKEWS, Skewed, skewed
from faults.sound import with_repairs, without_repairs

from e2e_validator.embedded.faults.catalogue import CATALOGUE
from e2e_validator.scenario.fault_names import ARMABLE

pytestmark = pytest.mark.embedded

# One that Koku refuses, and one that it does not see; the rest is for `make faults`.
HERE = (-3, 40)
NAMES = sorted({*ARMABLE, *REFUSED.values()})


@dataclass(frozen=True)
class Seen:
    """Both runs, and those on deployments with another clock."""

    on: Ran
    off: Ran
    skewed: list[Skewed]
    expected: Mapping[str, Mapping[str, Any]]

    def shown(self, mode: str) -> dict[str, Shown]:
        """The scenarios of one run."""
        return shown((self.on if mode == "auto" else self.off).folder, self.expected)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Both runs at once: most of their time is waiting."""
    folder = tmp_path_factory.mktemp("faults")
    files = scenario_files()
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
    once = {"E2E_NISE_ONCE": str(folder / "nise"), "PYTHONPATH": path}

    def in_mode(mode: str) -> Ran:
        return run(files, folder / mode, f"--repair={mode}", "-p", "nise_once", env=once)

    with ThreadPoolExecutor(2) as pool:
        on, off = pool.map(in_mode, ("auto", "off"))
    return Seen(on, off, skewed(folder, "-p", "nise_once", skews=HERE, env=once), expectations(files))


@pytest.fixture(scope="module")
def on(seen: Seen) -> dict[str, Shown]:
    """What was seen with repairs on."""
    return seen.shown("auto")


@pytest.fixture(scope="module")
def off(seen: Seen) -> dict[str, Shown]:
    """What was seen with repairs off."""
    return seen.shown("off")


def test_every_fault_that_can_be_armed_has_its_scenario() -> None:
    assert {file.stem for file in scenario_files()} == set(NAMES)


def test_a_run_of_all_of_them_ends_well(seen: Seen) -> None:
    assert seen.on.code == 0, seen.on.text


@pytest.mark.parametrize("name", NAMES)
def test_with_repairs_on_it_ends_as_it_says_repaired_by_just_these_with_exact_figures(
    seen: Seen, on: dict[str, Shown], name: str
) -> None:
    assert list(with_repairs(on[name], seen.expected[name])) == []


@pytest.mark.parametrize("name", NAMES)
def test_with_repairs_off_what_was_repaired_is_red_of_the_same_cause(
    on: dict[str, Shown], off: dict[str, Shown], name: str
) -> None:
    assert list(without_repairs(on[name], off[name])) == []


def test_with_repairs_off_nothing_is_written(seen: Seen) -> None:
    assert [event for event in events_of(seen.off.folder) if event["event"] == "Repaired"] == []
    assert list(seen.off.folder.glob("*/repairs")) == []


def test_a_skewed_clock_is_never_repaired(seen: Seen) -> None:
    assert [one.days for one in seen.skewed] == list(HERE)
    assert [one.days for one in seen.skewed if one.on.repairs or one.off.repairs] == []
    # Green only where the figures were compared; a clock that makes Koku refuse or drop them is red.
    for one in seen.skewed:
        assert (one.on.verdict in GOOD) == (one.on.api in GOOD), one.words


def test_the_matrix_in_the_documents_is_this_one(seen: Seen, on: dict[str, Shown], off: dict[str, Shown]) -> None:
    """Its seconds apart; ``make faults`` writes it anew."""
    found = rows(on, off, seen.skewed)
    here = {row.fault for row in found}
    committed = read(DOCUMENT.read_text(encoding="utf-8"))
    assert differences([row for row in committed if CLOCK_SKEW not in row.fault or row.fault in here], found) == []


def test_the_matrix_in_the_documents_has_every_fault() -> None:
    found = read(DOCUMENT.read_text(encoding="utf-8"))
    for fault in CATALOGUE:
        mine = [row for row in found if f"`{fault.name}`" in row.fault]
        assert len(mine) == (len(SKEWS) if fault.name == CLOCK_SKEW else 1), fault.name
        assert all((row.detected == CLASSIC) == fault.classic_only for row in mine)
