"""A red phase of a real run: its finding is whole in the console, JUnit, results.json, Allure and the bundle."""

from __future__ import annotations

from pathlib import Path

import pytest
from nested import MODES, TODAY, Ended, furnish, quick, run

pytestmark = pytest.mark.embedded
SCENARIO = quick("red", tags="fault") + "faults: [{fault: tenant_row_never_made, before: source}]\n"
REMEDY = "insert the row before anything is sent; without it the first file fails on a foreign key"
REFERENCE = "docs/contract/koku.md 2.2, 7.4"


@pytest.fixture(scope="module", params=MODES)
def ended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Where there is no terminal, and none is claimed."""
    folder = furnish(tmp_path_factory.mktemp("red"), {"red": SCENARIO})
    ended = run(folder, "scenarios", "--today", TODAY, "--repair", "off", *MODES[request.param], env={"COLUMNS": ""})
    assert ended.code == 1, ended.text
    return ended


def test_every_consumer_says_the_whole_of_it(ended: Ended) -> None:
    finding = ended.phases["red"]["source"]["finding"]
    assert (finding["cause"], finding["remedy"], finding["reference"]) == ("tenant_copy_missing", REMEDY, REFERENCE)
    sentence = finding["sentence"]
    assert sentence.endswith("has no row in org1234567.reporting_tenant_api_provider")
    lines = ended.text.splitlines()
    for label, text in (("found", sentence), ("remedy", REMEDY), ("reference", REFERENCE)):
        assert f"  {label:<12}{text}" in lines
    if "workers" not in ended.text:  # a worker's own lines go to standard error
        (seen,) = [line for line in lines if " fault  " in line]
        assert seen.endswith(f"tenant_copy_missing: {sentence}")
    case = ended.junit()["red::source"]
    properties = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert (properties["found"], properties["remedy"], properties["reference"]) == (sentence, REMEDY, REFERENCE)
    (failure,) = case.iter("failure")
    assert REMEDY in (failure.text or "")
    page = (ended.reports / "red" / "bundle" / "source" / "summary.md").read_text(encoding="utf-8").splitlines()
    assert {f"* found: {sentence}", f"* remedy: {REMEDY}", f"* reference: {REFERENCE}"} <= set(page)
    assert _attached(ended.reports / "allure-results", f"{'remedy':<12}{REMEDY}")
    assert _attached(ended.reports / "allure-results", f"{'found':<12}{sentence}")


def _attached(folder: Path, line: str) -> bool:
    return any(line in path.read_text(encoding="utf-8").splitlines() for path in folder.glob("*.txt"))
