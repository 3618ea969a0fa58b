"""Assemblies of a scenario: rows written out, nise's report, recorded files; laid down as the provider does."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from aws_type import FIXTURES, TODAY, made

from e2e_validator.errors import Contradicts
from e2e_validator.providers.aws.cost_file.reading import lines_of
from e2e_validator.providers.aws.expect.expectation import Expectation

ROWS = """\
period: {start: month+1d, end: month+3d}
data:
  rows: |
    @interval, @days, @hours, LineItemType, ResourceId, UnblendedCost, tag:app
    hour,      0,     0-1,    Usage,        i-1,        0.5,           web
    day,       ,      ,       Credit,       ,           -0.25,
    month,     ,      ,       Tax,          ,           3,
"""


def rows(package: object) -> list[dict[str, str]]:
    folder: Path = package.folder  # type: ignore[attr-defined]
    return [line.cells for path in sorted(folder.rglob("*.csv.gz")) for line in lines_of(path)]


def test_rows_are_written_for_hours_days_and_the_month(tmp_path: Path) -> None:
    (one,) = made(tmp_path, ROWS)
    found = [(row["lineItem/LineItemType"], row["identity/TimeInterval"]) for row in rows(one)]
    assert found == [
        ("Usage", "2026-11-02T00:00:00Z/2026-11-02T01:00:00Z"),
        ("Usage", "2026-11-02T01:00:00Z/2026-11-02T02:00:00Z"),
        ("Credit", "2026-11-02T00:00:00Z/2026-11-03T00:00:00Z"),
        ("Credit", "2026-11-03T00:00:00Z/2026-11-04T00:00:00Z"),
        ("Tax", "2026-11-01T00:00:00Z/2026-12-01T00:00:00Z"),
    ]
    assert one.rows == 5
    assert rows(one)[0]["resourceTags/user:app"] == "web"


def test_an_assembly_is_laid_down_as_the_provider_does(tmp_path: Path) -> None:
    (one,) = made(tmp_path, ROWS)
    place = f"e2e/cur/20261101-20261201/{one.assembly}"
    assert one.objects == (
        f"{place}/cur-1.csv.gz",
        f"{place}/cur-Manifest.json",
        "e2e/cur/20261101-20261201/cur-Manifest.json",
    )
    manifest = json.loads(one.manifest.read_text())
    assert manifest["assemblyId"] == one.assembly
    assert manifest["reportKeys"] == [f"{place}/cur-1.csv.gz"]
    assert manifest["billingPeriod"] == {"start": "20261101T000000.000Z", "end": "20261201T000000.000Z"}
    expected = Expectation.from_manifests([one.manifest], today=TODAY)
    (after,) = expected.payloads
    assert sorted(row.values["unblended_cost"] for row in after.rows) == [
        Decimal(text) for text in ("-0.25", "-0.25", "1", "3")
    ]


def test_each_run_has_accounts_of_its_own(tmp_path: Path) -> None:
    (first,) = made(tmp_path, ROWS, token="0a1b2c3d")
    assert list(first.accounts) == ["100000000001"]
    (own,) = first.accounts.values()
    assert own != "100000000001"
    assert len(own) == 12
    assert {row["bill/PayerAccountId"] for row in rows(first)} == {own}
    (tmp_path / "again").mkdir()
    (second,) = made(tmp_path / "again", ROWS, token="ffffffff")
    assert second.accounts != first.accounts


def test_data_of_which_koku_would_lose_a_part_are_refused(tmp_path: Path) -> None:
    text = ROWS.replace("3,\n", "a lot,\n")
    with pytest.raises(Contradicts) as refused:
        made(tmp_path, text)
    assert refused.value.headline == (
        "it.yaml:11: data.rows: row 4: lineItem/UnblendedCost 'a lot' is no number: Koku counts 0; write a number, as"
        " 0.096, or accept it (expect: {deviates: [unread_cost_is_zero]})."
    )
    assert "lineItem/BlendedCost 'a lot' is no number in 1 row, first in line 6" in refused.value.detail
    (tmp_path / "accepted").mkdir()
    assert made(tmp_path / "accepted", text + "expect: {deviates: [unread_cost_is_zero]}\n")


def test_an_accepted_deviation_excuses_what_it_explains(tmp_path: Path) -> None:
    """Whatever else is wrong with the data is refused as before, and said alone."""
    text = ROWS.replace("3,\n", "a lot,\n").replace("LineItemType,", "LineItemType, CurrencyCode,")
    text = text.replace("Usage, ", "Usage, EUR,").replace("Credit, ", "Credit, USD,").replace("Tax, ", "Tax, USD,")
    several = "it has several currencies (EUR, USD): Koku adds them up as if they were one"
    unread = "data.rows: row 4: lineItem/UnblendedCost 'a lot' is no number: Koku counts 0"
    for accepted, left in (("unread_cost_is_zero", f"payload 1: {several}"), ("tiny_costs_rounded", unread)):
        folder = tmp_path / accepted
        folder.mkdir()
        with pytest.raises(Contradicts) as refused:
            made(folder, text + f"expect: {{deviates: [{accepted}]}}\n")
        assert left in refused.value.headline
    assert str(refused.value.detail).endswith("(expect: {deviates: [currencies_added_up, unread_cost_is_zero]})")
    assert made(tmp_path, text + "expect: {deviates: [unread_cost_is_zero, currencies_added_up]}\n")


def test_an_option_accepts_a_deviation_before_the_upload(tmp_path: Path) -> None:
    text = ROWS.replace("3,\n", "a lot,\n")
    assert made(tmp_path, text, accepted=("unread_cost_is_zero",))
    with pytest.raises(Contradicts):
        made(tmp_path, text, accepted=("currencies_added_up",))


def test_uploads_files_and_single_rows_are_told_apart(tmp_path: Path) -> None:
    text = """\
    period: {start: month-1m+30d, end: month+2d}
    expect: {deviates: [days_outside_month_dropped]}
    data:
      rows: |
        @at,      @uploads, @file, UnblendedCost
        ,         1,        1,     1
        ,         2,        1,     2
        month-1m, 2,        2,     -5
    uploads: [{}, {}]
    """
    packages = made(tmp_path, text)
    assert [(one.month, one.rows) for one in packages] == [
        ("2026-10", 24),
        ("2026-11", 48),
        ("2026-10", 24),
        ("2026-11", 49),
    ]
    assert [row["lineItem/UnblendedCost"] for row in rows(packages[3])].count("-5") == 1
    (refund,) = [row for row in rows(packages[3]) if row["lineItem/UnblendedCost"] == "-5"]
    assert refund["identity/TimeInterval"] == "2026-10-01T00:00:00Z/2026-10-01T01:00:00Z"
    assert refund["bill/BillingPeriodStartDate"] == "2026-11-01T00:00:00Z"
    assert [len(one.objects) for one in packages] == [3, 3, 3, 4]


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        ("no_manifest", 1),
        ("bad_manifest", 3),
        ("missing_file", 2),
        ("truncated", 3),
        ("empty_file", 3),
        ("header_only", 3),
        ("drop_column:bill/InvoiceId", 3),
    ],
)
def test_an_assembly_is_broken_as_its_upload_says(tmp_path: Path, damage: str, left: int) -> None:
    rejected = "expect: {rejected: {manifest: absent}}\n"
    (one,) = made(tmp_path, f'{ROWS}uploads: [{{damage: "{damage}"}}]\n{rejected}')
    assert len(one.objects) == left
    (tmp_path / "whole").mkdir()
    (whole,) = made(tmp_path / "whole", ROWS)
    assert [(one.folder / key).read_bytes() for key in one.objects] != [
        (whole.folder / key).read_bytes() for key in whole.objects
    ]


def test_recorded_files_are_moved_to_the_days_of_the_period(tmp_path: Path) -> None:
    text = "period: {start: month-1m+3d, end: month-1m+6d}\ndata: {files: recordings-classic/aws_rich/input}\n"
    (one,) = made(tmp_path, text + "expect: {deviates: [amortized_not_as_aws]}\n")
    days = {row["identity/TimeInterval"][:10] for row in rows(one)}
    assert days == {"2026-10-04", "2026-10-05", "2026-10-06"}
    assert {row["bill/BillingPeriodStartDate"] for row in rows(one)} == {"2026-10-01T00:00:00Z"}
    there = Expectation.from_manifests(
        [next((FIXTURES / "recordings-classic/aws_rich/input/0/cur/20261101-20261201").glob("*.json"))], today=TODAY
    )
    here = Expectation.from_manifests([one.manifest], today=TODAY)
    costs = [sorted(row.values["unblended_cost"] for row in each.payloads[0].rows) for each in (there, here)]
    assert costs[0] == costs[1]


def test_nise_makes_what_its_report_says(tmp_path: Path) -> None:
    text = """\
    period: {start: month+1d, end: month+2d}
    data:
      nise:
        files: 2
        accounts: {payer: '100000000001', user: ['100000000002']}
        generators:
          - EC2Generator:
              region: us-east-1a
              resource_id: web
              operating_system: Linux
              instance_type:
                {inst_type: m5.large, physical_cores: '1', vcpu: '2', memory: 8 GiB, storage: EBS Only,
                 family: General Purpose, cost: 0.096, rate: 0.096}
          - EBSGenerator:
              region: us-east-1a
              resource_id: disk
              disk_size: 20
              rate: 0.1
              volume_api_name: gp3
              tags: {'resourceTags/user:app': web}
    """
    (one,) = made(tmp_path, text)
    assert one.rows == 48
    assert len(one.objects) == 4
    table = rows(one)
    assert sum(
        Decimal(row["lineItem/UnblendedCost"]) for row in table if "i-web" in row["lineItem/ResourceId"]
    ) == Decimal("2.304")
    assert {row["lineItem/UsageAccountId"] for row in table} == {"100000000002"}
    assert {row["resourceTags/user:app"] for row in table} == {"", "web"}


SCALED = """\
period: {start: month+1d, end: month+3d}
data:
  scale: {accounts: 2, resources: 3}
  nise:
    accounts: {payer: '100000000001', user: ['100000000002']}
    files: 2
    generators:
      - EBSGenerator: {region: us-east-1a, resource_id: v, disk_size: 20, rate: 0.1, volume_api_name: gp3}
      - VPCGenerator: {region: us-east-1a, resource_id: '7', cost: 0.05, rate: 0.05}
"""


def test_a_report_is_multiplied_into_the_files_of_an_assembly(tmp_path: Path) -> None:
    (one,) = made(tmp_path, SCALED, token="run")
    found = rows(one)
    assert one.rows == len(found) == 2 * 6 * 48
    assert len({row["identity/LineItemId"] for row in found}) == len(found)
    assert sorted(one.accounts) == ["100000000001", "100000000002", "100000000003"]
    assert {row["lineItem/UsageAccountId"] for row in found} == {
        one.accounts[account] for account in ("100000000002", "100000000003")
    }
    assert {row["bill/PayerAccountId"] for row in found} == {one.accounts["100000000001"]}
    ids = {row["lineItem/ResourceId"] for row in found if row["lineItem/ProductCode"] == "AmazonVPC"}
    assert ids == {"vpn-7", *(f"vpn-7-{number}" for number in range(2, 7))}
    assert [place.rpartition("/")[2] for place in one.objects[:2]] == ["cur-1.csv.gz", "cur-2.csv.gz"]
    expected = Expectation.from_manifests([one.manifest], today=TODAY)
    (after,) = expected.payloads
    costs = sum(Decimal(row["lineItem/UnblendedCost"]) for row in found)
    assert sum((row.values["unblended_cost"] for row in after.rows), Decimal(0)) == pytest.approx(costs)
