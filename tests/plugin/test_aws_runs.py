"""AWS and OpenShift in one run, each on the embedded stack that takes it, with and without workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from nested import MODES, Ended, furnish, quick, run

pytestmark = pytest.mark.embedded

TODAY = "2026-11-29"
AWS = """
version: 1
name: {name}
description: As a real Koku was seen to take it.
source: {{type: AWS}}
data: {{files: recordings-classic/{recording}/input}}
expect: {{deviates: [{deviates}]}}
"""
GROWING = AWS.format(name="growing", recording="aws_growing", deviates="restated_days_lost")
IN_MODES = pytest.mark.parametrize(
    "mode", [pytest.param(mode, marks=[pytest.mark.long] * (mode == "plain")) for mode in MODES]
)


def stage_lines(ended: Ended, scenario: str, phase: str) -> list[str]:
    ledger = (ended.reports / scenario / f"{phase}.ledger.txt").read_text(encoding="utf-8")
    return [line.partition(": ok (")[0] for line in ledger.splitlines()]


@IN_MODES
def test_both_kinds_pass_in_one_run_each_on_its_stack(mode: str, tmp_path: Path) -> None:
    scenarios = {
        "simple": AWS.format(name="simple", recording="aws_simple", deviates=""),
        "growing": GROWING,
        "one_pod_day": quick("one_pod_day"),
    }
    ended = run(furnish(tmp_path, scenarios), "scenarios", "--today", TODAY, *MODES[mode])
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("simple").values()) == {"PASSED"}
    assert set(ended.verdicts("one_pod_day").values()) == {"PASSED"}
    assert ended.verdicts("growing")["api"] == "KNOWN"
    assert "embedded stack and embedded classic stack" in ended.text
    assert stage_lines(ended, "simple", "api") == [
        "CSV -> assembly 1",
        "CUR -> daily CSV",
        "CUR -> daily CSV: sums",
        "daily CSV -> raw parquet",
        "parquet: columns",
        "daily CSV -> raw parquet: texts",
        "raw parquet -> daily parquet",
        "raw parquet -> daily parquet: texts",
        "raw parquet -> Trino: partitions of aws_line_items",
        "raw parquet -> Trino: aws_line_items",
        "daily parquet -> Trino: partitions of aws_line_items_daily",
        "daily parquet -> Trino: aws_line_items_daily",
        "daily parquet -> bills",
        "daily parquet -> daily summary",
        "daily parquet -> EC2 compute",
        "daily summary -> UI tables",
        "UI tables -> API",
    ]


TARGET = """
koku_url: http://127.0.0.1:9/api/cost-management/v1/
masu_url: http://127.0.0.1:9/api/cost-management/v1/
s3_url: http://127.0.0.1:9
s3_access_key: a
s3_secret_key: b
dsn: host=127.0.0.1 port=9
{more}
"""


@pytest.mark.parametrize(
    ("more", "kept", "left"),
    [
        ("", "one_pod_day", "simple"),
        ("trino_url: http://127.0.0.1:9", "simple", "one_pod_day"),
        ("stack: classic", "simple", "one_pod_day"),
        ("trino_url: http://127.0.0.1:9, stack: onprem", "one_pod_day", "simple"),
    ],
)
def test_what_another_koku_takes_is_left_out_and_said_to_be(tmp_path: Path, more: str, kept: str, left: str) -> None:
    scenarios = {
        "simple": AWS.format(name="simple", recording="aws_simple", deviates=""),
        "one_pod_day": quick("one_pod_day"),
    }
    folder = furnish(tmp_path, scenarios)
    lines = more.split(", ")
    (folder / "target.yaml").write_text(TARGET.format(more="\n".join(lines)))
    ended = run(folder, "scenarios", "--target", "target.yaml", "--collect-only", "-q", "--today", TODAY)
    assert f"{kept}::cleanup" in ended.text
    assert f"{left}::cleanup" not in ended.text
    alone = run(folder, f"scenarios/{left}.yaml", "--target", "target.yaml", "--today", TODAY)
    assert alone.code == 4, alone.text
    assert f"--target: the scenario {left} has a source that another Koku takes than that of --target" in alone.text


def test_a_deviation_not_accepted_is_red_with_both_values(tmp_path: Path) -> None:
    text = GROWING.replace("expect: {deviates: [restated_days_lost]}\n", "")
    ended = run(furnish(tmp_path, {"growing": text}), "scenarios", "--today", TODAY)
    assert ended.code == 1, ended.text
    phase = ended.phases["growing"]["api"]
    assert phase["verdict"] == "FAILED"
    assert phase["headline"].startswith("deviation restated_days_lost: ")
    assert phase["headline"].endswith("cost is 33.024, the data say 38.016")


def test_one_that_does_not_happen_is_red(tmp_path: Path) -> None:
    text = AWS.format(name="simple", recording="aws_simple", deviates="restated_days_lost")
    ended = run(furnish(tmp_path, {"simple": text}), "scenarios", "--today", TODAY)
    assert ended.code == 1, ended.text
    assert ended.phases["simple"]["api"]["headline"] == "must deviate from the data by restated_days_lost, and does not"
