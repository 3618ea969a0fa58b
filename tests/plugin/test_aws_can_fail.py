"""It can fail with sources of AWS: whatever is broken on the way, the run is red and names the stage and the figure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from nested import Ended, furnish, run
from selected import parameters

pytestmark = pytest.mark.embedded

TODAY = "2026-11-29"
CSV, CSV_SUMS = "CUR -> daily CSV: ", "CUR -> daily CSV: sums: "
RAW, DAILY, COLUMNS = "daily CSV -> raw parquet: ", "raw parquet -> daily parquet: ", "parquet: columns: "
SUMMARY, BILLS = "daily parquet -> daily summary: ", "daily parquet -> bills: "
TABLES, API = "daily summary -> UI tables: ", "UI tables -> API: "
SCENARIO = """
version: 1
name: {name}
description: One instance for three days.
source: {{type: AWS}}
data: {{files: recordings-classic/aws_simple/input}}
limits: {{{limits}}}
"""


@dataclass(frozen=True)
class Case:
    """What a tampering (of the same name, in ``tampers_aws.py``) must end with: patterns."""

    phase: str
    headline: str
    detail: str = ""
    limits: str = ""


CASES = {
    # The archive.
    "csv_row_lost": Case("parquet", CSV + "1 figure differs; 2026-11 / .* / 0 / cur-1: rows is 23, expected 24"),
    "csv_value_changed": Case("parquet", CSV_SUMS + r".*2026-11-24.*: lineitem_\w+ is .*, expected "),
    "raw_value_changed": Case("parquet", RAW + "1 figure differs; .*: lineitem_unblendedcost is 2.314, expected 2.304"),
    "raw_row_lost": Case("parquet", RAW + ".*: rows is 23, expected 24"),
    "raw_object_lost": Case(
        "parquet", "parquet: every file is DONE, and 1 parquet object is not there; .*: raw parquet"
    ),
    "raw_object_twice": Case("parquet", RAW + "1 figure differs; .* / again-cur-1: the row is extra"),
    "raw_column_lost": Case("parquet", COLUMNS + ".* / lineitem_taxtype string: files is 2, expected 3"),
    "raw_column_is_text": Case("parquet", COLUMNS + ".*", "lineitem_usagestartdate timestamp.*3.*2"),
    "raw_object_damaged": Case("parquet", "parquet: 1 object of the archive is no parquet file; .*_0.parquet"),
    "other_manifest": Case("parquet", RAW + "2 figures", "0 with the metadata of manifest 999999"),
    "daily_value_changed": Case(
        "parquet", DAILY + "1 figure differs; .*: lineitem_unblendedcost is 2.314, expected 2.304"
    ),
    "daily_object_lost": Case(
        "parquet", "parquet: every file is DONE, and 1 parquet object is not there; .*: daily parquet"
    ),
    # Trino.
    "raw_partition_missing": Case(
        "parquet", "raw parquet -> Trino: partitions of aws_line_items: 1 figure differs; 2026-11: the row is missing"
    ),
    "daily_partition_missing": Case(
        "parquet", "daily parquet -> Trino: partitions of aws_line_items_daily: 1 figure differs; 2026-11: the row is"
    ),
    # PostgreSQL.
    "bill_lost": Case("summary", "summary: every file is DONE and completed, and there is no bill"),
    "bill_of_another": Case("summary", BILLS + "2 figures differ; 2026-11 / 1: the row is extra"),
    "bill_ends_late": Case("summary", "report period: billing_period_end is 2026-12-01 .*, must be 2026-11-30 "),
    "summary_row_lost": Case("summary", SUMMARY + "1 figure differs; 2026-11-24 / .*: the row is missing"),
    "summary_row_doubled": Case("summary", SUMMARY + "1 figure differs; 2026-11-.*: the row is extra"),
    "summary_value_changed": Case("summary", SUMMARY + "3 figures differ; .*: blended_cost is 2.305, expected 2.304"),
    "summary_tag_lost": Case("summary", SUMMARY + "6 figures differ; "),
    "instance_value_changed": Case("summary", "daily parquet -> EC2 compute: .*: usage_amount is 73, expected 72"),
    "markup_twice": Case("cost", TABLES + "3 figures differ; .*by_service_p / .*: markup_cost is 0.01, expected 0"),
    "ui_row_lost": Case("cost", TABLES + "1 figure .*compute_summary_p / 2026-11-25 / m5.large.*: the row is missing"),
    "never_completed": Case(
        "manifest", "not within 3s; last seen: .*completed_datetime is NULL", limits="manifest: 3s"
    ),
    # What changes after a phase has looked.
    "late_upload_changed": Case("api", "CSV -> assembly 1: .*: the row is missing"),
    "late_raw_value_changed": Case("api", RAW + ".*: lineitem_unblendedcost is 2.314, expected 2.304"),
    "late_summary_value_changed": Case("api", SUMMARY + "3 figures .*: savingsplan_effective_cost is 1, expected 0"),
    # What only the API shows.
    "api_total_changed": Case(
        "api", API + "1 figure differs; costs / unblended_cost / total: cost.total USD is 6.922, expected 6.912"
    ),
    "api_group_lost": Case("api", API + "1 figure differs; costs / unblended_cost / service / AmazonEC2 .*is missing"),
    "api_markup_added": Case("api", API + "4 figures differ; ec2-compute / .*: cost.markup USD is 1, expected 0"),
    "api_is_no_report": Case("api", "reports/aws/storage/: the answer has not the shape of storage: KeyError"),
}


@pytest.fixture(scope="module")
def broken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, classic_target_file: Path
) -> Ended:
    """One run of the tampered scenarios that are asked for, and of one that is not."""
    asked = parameters(request.session, __name__, "name") or CASES
    scenarios = {name: SCENARIO.format(name=name, limits=CASES[name].limits) for name in CASES if name in asked}
    scenarios["untouched"] = SCENARIO.format(name="untouched", limits="")
    folder = furnish(tmp_path_factory.mktemp("aws-can-fail"), scenarios)
    target = ("--target", str(classic_target_file), "--today", TODAY, "--keep", "none")
    return run(folder, "--repair=off", "scenarios", *target, "-p", "tampering_aws", patience_seconds=600)


EACH = pytest.mark.parametrize("name", CASES)


def test_what_nothing_touches_is_green_in_the_same_run(broken: Ended) -> None:
    assert broken.code == 1, broken.text
    assert set(broken.verdicts("untouched").values()) == {"PASSED"}


@EACH
def test_the_first_phase_to_see_it_names_stage_and_figure(broken: Ended, name: str) -> None:
    case = CASES[name]
    assert broken.verdicts(name)[case.phase] == "FAILED", broken.text
    phase = broken.phases[name][case.phase]
    assert re.search(case.headline, phase["headline"]), phase["headline"]
    assert re.search(case.detail, phase["detail"]), phase["detail"]


@EACH
def test_nothing_after_the_failure_is_green_but_cleanup(broken: Ended, name: str) -> None:
    verdicts = broken.verdicts(name)
    order = list(verdicts)
    failed = order.index(CASES[name].phase)
    assert set(order[:failed]) == {phase for phase, verdict in verdicts.items() if verdict == "PASSED"} - {"cleanup"}
    assert all(verdicts[phase] == "SKIPPED" for phase in order[failed + 1 : -1])
    assert verdicts["cleanup"] == "PASSED"
