"""Payloads with quirks, through the whole flow: the stand-in does with them what a real Koku did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nested import CHECKOUT, TODAY, Ended, furnish, run
from own_payloads import OWN, write
from selected import parameters

pytestmark = pytest.mark.embedded
QUIRKS = CHECKOUT / "fixtures" / "quirks"
# What must be said where; all others are green.
RED = {
    "many_files": ("convert", "has the column 'new_col', which Koku's table openshift_pod_usage_line_items has not"),
    "long_handle": ("convert", "csi_volume_handle of 300 characters, Koku's column holds 256"),
    "null_name": ("api", "project_null_lost"),
    "infinite": ("api", "unread_rows"),
    "over_month_files": ("summary", "month_end_never_summarised"),
    "additive_month_end": ("", "month_end_never_summarised"),
    "volumes_moved": ("api", "claim_"),
    "n_x_example_cost": ("api", "distribution_not_conserved"),
    "control_plane": ("api", "role_unknown_unpriced"),
}
# What generate says of it is looked at too.
ALWAYS = "own_unreadable"
NO_NUMBERS = ((2, "abc"), (3, "NULL"), (4, "0x10"), (5, "1,5"), (6, "NaN"))
GREEN = ("bad_row", "cut_line", "empty_file", "empty_tag", "no_node", "over_month", "split_payload", "cost_group", *OWN)


def scenario(name: str) -> str:
    path = QUIRKS / name / "case.json"
    case = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    said = OWN[name].__doc__ if name in OWN else case["description"]
    return json.dumps({"version": 1, "name": name, "data": {"payloads": f"quirks/{name}"}, **case, "description": said})


@pytest.fixture(scope="module")
def ended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, target_file: Path) -> Ended:
    asked = {ALWAYS, *parameters(request.session, __name__, "name")}
    names = [name for name in (*RED, *GREEN) if name in asked]
    folder = furnish(tmp_path_factory.mktemp("quirks"), {name: scenario(name) for name in names})
    for name in OWN.keys() & asked:
        write(name, folder / "fixtures" / "quirks" / name)
    return run(folder, "scenarios", "--target", str(target_file), "--today", TODAY, patience_seconds=600)


@pytest.mark.parametrize("name", GREEN)
def test_what_a_real_koku_takes_is_green(ended: Ended, name: str) -> None:
    assert set(ended.verdicts(name).values()) == {"PASSED"}, ended.text


@pytest.mark.parametrize("name", RED)
def test_what_it_loses_or_counts_otherwise_is_red_with_its_cause(ended: Ended, name: str) -> None:
    phase, said = RED[name]
    failed = {phase: one for phase, one in ended.phases[name].items() if one["verdict"] == "FAILED"}
    assert len(failed) == 1, ended.text
    ((where, one),) = failed.items()
    assert phase in {"", where}
    assert said in one["facts"] + json.dumps(one), one


def test_what_is_not_taken_as_it_is_written_is_said_by_generate(ended: Ended) -> None:
    said = (ended.reports / "own_unreadable" / "generate.unread.txt").read_text(encoding="utf-8")
    lines = [f"line {number}: pod_limit_cpu_core_seconds is {text!r}" for number, text in NO_NUMBERS]
    assert [
        line.partition("pods.csv, ")[2].removesuffix(", which is no number: Koku counts 0")
        for line in said.splitlines()
    ] == lines
