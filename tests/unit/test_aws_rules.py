"""What a scenario of AWS may say: each mistake is one sentence at its place, before anything is made."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from aws_type import FIXTURES, HEAD, TODAY, known, loaded, made, written

from e2e_validator.errors import Contradicts, ScenarioError
from e2e_validator.providers.aws.scenario.row_text import RowsError, rows_of
from e2e_validator.scenario.lint import lint

PERIOD = "period: {start: month+1d, end: month+3d}\n"
EC2 = """\
          - EC2Generator:
              region: us-east-1a
              resource_id: web
              operating_system: Linux
              instance_type: {inst_type: m5.large, physical_cores: '1', vcpu: '2', memory: 8 GiB, storage: EBS Only,
                              family: General Purpose, cost: 0.096, rate: 0.096}
"""
NISE = f"""\
{PERIOD}data:
      nise:
        accounts: {{payer: '100000000001', user: ['100000000001']}}
        generators:
{EC2}"""
EBS = "          - EBSGenerator: {region: us-east-1a, resource_id: d, disk_size: 9, rate: 0.1, volume_api_name: gp3}\n"
CELLS = "period: {start: month-1m+4d, end: month-1m+6d}\ndata:\n  rows: |\n    "
ROWS = f"{PERIOD}data:\n  rows: |\n    ResourceId, UnblendedCost\n    i-1, 1\n"


def complaints(folder: Path, text: str) -> list[str]:
    """The sentences, without the places; ``text`` is dedented where nise's report is indented."""
    with pytest.raises(ScenarioError) as refused:
        loaded(folder, text)
    return [problem.what + (f"; {problem.hint}" if problem.hint else "") for problem in refused.value.problems]


def test_the_data_of_these_tests_are_right(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, NISE).report["generators"]) == 1  # type: ignore[index]
    assert len(loaded(tmp_path, ROWS).rows) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("region: us-east-1a", "region: us-east-1", "region: 'us-east-1' is a region; nise takes one of its zones by chance in each row; write us-east-1a"),
        ("region: us-east-1a", "region: us-east-2a", "region: 'us-east-2a' is no zone that nise knows; it takes a region by chance in each row; did you mean 'us-west-2a'?"),
        ("region: us-east-1a\n", "start_date: today\n              region: us-east-1a\n", "'start_date' is not allowed in data.nise.generators[0].EC2Generator; the dates come from the scenario's 'period'"),
        ("cost: 0.096,", "reserved_instance: true, cost: 0.096,", "'reserved_instance' is not allowed in data.nise.generators[0].EC2Generator.instance_type; nise ignores it here, and writes the text 'convertible' as a cost where it belongs; write data: {rows: ...} for reservations"),
        ("cost: 0.096,", "upfront_fee: true, cost: 0.096,", "'upfront_fee' is not allowed in data.nise.generators[0].EC2Generator.instance_type; nise writes it into every hour; write data: {rows: ...} for a fee"),
        ("operating_system: Linux", "processor_arch: 64-bit", "missing key 'operating_system' in data.nise.generators[0].EC2Generator; such as Linux; nise would choose a value itself"),
        ("resource_id: web\n", "resource_id: web\n              tags: {environment: dev}\n", "data.nise.generators[0].EC2Generator.tags: 'environment' is no column of tags; Koku would not read it; write resourceTags/user:environment"),
        ("resource_id: web\n", "resource_id: web\n              cost_category: {env: dev}\n", "data.nise.generators[0].EC2Generator.cost_category: 'env' is no column of cost categories; Koku would not read it; write costCategory/env"),
        ("user: ['100000000001']", "user: ['100000000001', '100000000002']", "missing key 'user' in data.nise.generators[0].EC2Generator; nise would take one of 2 accounts by chance in each row"),
        ("resource_id: web\n", "resource_id: web\n              user: '100000000009'\n", "data.nise.generators[0].EC2Generator.user: '100000000009' is none of accounts.user; known: 100000000001"),
        ("payer: '100000000001'", "payer: '12'", "data.nise.accounts.payer: '12' is not an account; write its 12 digits in quotes, as '100000000001'"),
        ("EC2Generator", "OCPGenerator", "this is no report of AWS: its generators are OCPGenerator; known: EC2Generator, EBSGenerator, S3Generator, RDSGenerator, VPCGenerator, Route53Generator, DataTransferGenerator, MarketplaceGenerator"),
        ("        accounts:", "        finalized_report: {invoice_id: x}\n        accounts:", "'finalized_report' is not allowed in data.nise; nise reads it with --aws-finalize alone; write data: {rows: ...} with InvoiceId"),
        (EC2, EBS.replace("disk_size: 9", "amount: 9"), "'amount' is not allowed in data.nise.generators[0].EBSGenerator; nise ignores it and takes a disk by chance: write disk_size"),
        (EC2, EBS.replace("rate: 0.1", "rate: 0"), "data.nise.generators[0].EBSGenerator.rate: 0 is not above 0; nise takes 0 for 'not given'"),
        (EC2, EBS.replace(", volume_api_name: gp3", ""), "missing key 'volume_api_name' in data.nise.generators[0].EBSGenerator; such as gp3; nise takes a kind of volume by chance; nise would choose a value itself"),
        (EC2, "          - Route53Generator: {region: us-east-1a, resource_id: z, product_family: DNS Query, cost: 1, rate: 1}\n", "data.nise.generators[0].Route53Generator.product_family: 'DNS Query' is not one of DNS Zone"),
        (EC2, "          - DataTransferGenerator: {region: us-east-1a, resource_id: t, amount: 1, rate: 1, data_direction: in, saving: 1}\n", "'saving' is not allowed in data.nise.generators[0].DataTransferGenerator; nise writes the text 'None' beside it; write data: {rows: ...} for savings plans"),
    ],
)  # fmt: skip
def test_each_trap_of_nise_is_told_before_nise_runs(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in NISE
    found = complaints(tmp_path, NISE.replace(old, new))
    assert any(one.endswith(said) for one in found), found


def test_software_of_others_needs_one_account(tmp_path: Path) -> None:
    market = (
        "          - MarketplaceGenerator: {region: us-east-1a, resource_id: m, amount: 1, rate: 1, product_name: A}\n"
    )
    text = NISE.replace(EC2, market).replace("user: ['100000000001']", "user: ['100000000001', '100000000002']")
    (said,) = complaints(tmp_path, text)
    assert said.startswith("data.nise.generators[0].MarketplaceGenerator: nise takes one of 2 accounts by chance")
    assert said.endswith("give accounts.user one account, or write rows")


def test_what_nise_would_choose_is_filled_in(tmp_path: Path) -> None:
    (entry,) = loaded(tmp_path, NISE).report["generators"]  # type: ignore[index]
    own = entry["EC2Generator"]
    assert own["tags"] == {"resourceTags/user:app": ""}
    assert own["cost_category"] == {"costCategory/Organization": ""}
    assert {"product_sku", "legal_entity", "processor_arch"} <= own.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("UnblendedCost", "it has no row below its header"),
        ("ResourceId\ni-1", "row 1: UnblendedCost is missing, the one column without which nothing can be expected"),
        ("UnblendedCst\n1", "row 1: 'UnblendedCst' is no column of a CUR; did you mean 'UnblendedCost'?"),
        ("@hour, UnblendedCost\n1, 1", "row 1: '@hour' is unknown; did you mean '@hours'?"),
        ("UsageStartDate, UnblendedCost\nx, 1", "row 1: the run fills in lineItem/UsageStartDate; say when a row is by @days, @hours, @interval or @at"),
        ("UnblendedCost, lineItem/UnblendedCost\n1, 1", "row 1: the column lineItem/UnblendedCost is there twice"),
        ("ResourceId, UnblendedCost\n1", "row 2 has 1 cells, the header 2"),
        ("@hours, UnblendedCost\n24, 1", "row 2: @hours: '24' is not a number or span from 0 to 23, such as 5 or 2-22"),
        ("@days, UnblendedCost\n3-1, 1", "row 2: @days: '3-1' is not a number or span from 0 to 999, such as 5 or 2-22"),
        ("@interval, UnblendedCost\nweek, 1", "row 2: @interval: 'week' is not hour, day or month"),
        ("@interval, @hours, UnblendedCost\nday, 1, 1", "row 2: @hours of a row that is for a day: leave it empty"),
        ("@interval, @days, UnblendedCost\nmonth, 1, 1", "row 2: @days of a row that is for a month: leave it empty"),
        ("@at, @days, UnblendedCost\ntoday, 1, 1", "row 2: @at is the only row of its line: leave @days and @hours empty"),
        ("@at, UnblendedCost\ntomorrow, 1", "row 2: @at: 'tomorrow' is not a date; write today+1d"),
        ("@file, UnblendedCost\n2, 1", "the files are numbered 2, not 1, 2, 3, ..."),
        ("@file, UnblendedCost\n1-2, 1", "row 2: @file: a row is in one file"),
        ("@uploads, UnblendedCost\n0, 1", "row 2: '0' is not a number or span from 1 to 999, such as 5 or 2-22"),
        ('UnblendedCost\n"1', "it is no CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rows_is_told_with_its_row(text: str, said: str) -> None:
    with pytest.raises(RowsError) as refused:
        rows_of(text, TODAY)
    assert str(refused.value) in {said, said.replace("row 2: '0'", "row 2: @uploads: '0'")}


def test_columns_have_short_names() -> None:
    found = rows_of(
        "UnblendedCost, tag:app, category:Cost Center, discount/EdpDiscount, resourceTags/aws:x\n1,a,b,c,d", TODAY
    )
    assert found.columns == (
        "lineItem/UnblendedCost",
        "resourceTags/user:app",
        "costCategory/Cost Center",
        "discount/EdpDiscount",
        "resourceTags/aws:x",
    )
    assert dict(found.lines[0].cells)["costCategory/Cost Center"] == "b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{PERIOD}data: {{rows: none.csv}}\n", "data.rows: there is no file "),
        (ROWS.replace("ResourceId, UnblendedCost\n    i-1,", "@uploads, UnblendedCost\n    2,"), "data.rows: row 2: @uploads 2, but the scenario has 1 upload; list as many uploads, or correct @uploads"),
        (f"{ROWS}uploads: [{{one_package: true}}]\n", "uploads[0].one_package: the manifest of a cost report has none; leave the key out"),
        (f"{ROWS}uploads: [{{damage: dot_slash}}]\nexpect: {{rejected: {{manifest: absent}}}}\n", "uploads[0].damage: 'dot_slash' is none of a cost file; known: no_manifest, bad_manifest, drop_column, missing_file, truncated, empty_file, header_only"),
        ("data: {payloads: recordings/one_pod_day}\n", "data.payloads: cost files are no tarballs; write files: FOLDER"),
        ("data: {files: nowhere}\n", "data.files: there is no folder "),
        ("period: {start: month-1m+30d, end: month}\ndata: {files: recordings-classic/aws_rich/input}\n", "data.files: cur-Manifest.json: its days would be 2026-10-31 to 2026-11-02, not of one month; move the period"),
        (f"{ROWS}cost_model: {{rates: [1], markup: {{value: 1}}}}\n", "cost_model.rates"),
        (f"{ROWS}cost_model: {{distribution: cpu, markup: {{value: 1}}}}\n", "'distribution' is not allowed in cost_model; Koku charges a cloud by its bill alone: of a cost model only markup has an effect"),
        (f"{ROWS}cost_model: {{markup: {{value: ten}}}}\n", "cost_model.markup.value: 'ten' is not a percentage; write 10 or -2.5"),
        (f"{ROWS}expect: {{costs: zero}}\n", "expect.costs: zero is for rates that charge nothing; write total: '0'"),
        (f"{ROWS}expect: {{costs: {{by_project: {{a: '1'}}}}}}\n", "expect.costs.by_project: a bill has no projects; write by_group: {'service: AmazonS3': '1'}"),
        (f"{ROWS}expect: {{costs: {{by_type: {{amortized: '1'}}}}}}\n", "expect.costs.by_type: 'amortized' is none of blended_cost, savingsplan_effective_cost, calculated_amortized_cost"),
        (f"{ROWS}expect: {{costs: {{by_group: {{'zone: a': '1'}}}}}}\n", "expect.costs.by_group: 'zone: a' is no group of account or service; write 'service: a'"),
        (f"{ROWS}expect: {{costs: {{by_group: {{'servce: AmazonEC2': '1'}}}}}}\n", "expect.costs.by_group: 'servce: AmazonEC2' is no group of account or service; write 'service: AmazonEC2'"),
        (f"{ROWS}expect: {{costs: {{by_group: {{'AmazonEC2': '1'}}}}}}\n", "expect.costs.by_group: 'AmazonEC2' is no group of account or service; write 'service: AmazonEC2'"),
        (f"{ROWS}expect: {{costs: {{by_group: {{'100000000001': '1'}}}}}}\n", "expect.costs.by_group: '100000000001' is no group of account or service; write 'account: 100000000001'"),
        (f"{ROWS}expect: {{deviates: [restated]}}\n", "expect.deviates[0]: there is no deviation 'restated' to be accepted"),
    ],
)  # fmt: skip
def test_what_no_bill_has_is_refused(tmp_path: Path, text: str, said: str) -> None:
    found = complaints(tmp_path, text)
    assert any(one.startswith(said) for one in found), found


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("9,,", "@days 9 ends after the data's last day, which is 1 (counted from 0); write 1 at most, move 'end' of the period, or write @at for a row outside of it"),
        ("0-2,,", "@days 0-2 ends after the data's last day, which is 1 (counted from 0); write 1 at most"),
        ("2,,2", "@days 2 ends after its uploads' last day, which is 1 (counted from 0)"),
        ("0,,2", "@days 0 has day 0, of which its uploads have no data"),
        ("1,13,2", "@hours 13 has no hour of the data; correct it, or move the period"),
    ],
)  # fmt: skip
def test_a_row_that_lies_outside_the_data_is_refused(tmp_path: Path, row: str, said: str) -> None:
    uploads = "uploads: [{}, {period: {start: month+2d, end: month+2d+12h}}]\n"
    text = (
        f"{PERIOD}{uploads}data:\n  rows: |\n    @days, @hours, @uploads, UnblendedCost\n\n    0-1,,,1\n    {row},1\n"
    )
    with pytest.raises(ScenarioError) as refused:
        loaded(tmp_path, text)
    (one,) = refused.value.problems
    assert (one.line, one.what.partition("row 3: ")[2][: len(said)]) == (12, said)


def test_rows_of_the_days_of_the_data_are_taken(tmp_path: Path) -> None:
    text = f"{PERIOD}data:\n  rows: |\n    @days, @at, UnblendedCost\n    0-1,,1\n    ,today+9d,1\n    ,month-2m,1\n"
    assert len(loaded(tmp_path, text).rows[0].lines) == 3


def test_every_mistake_of_the_rows_is_told_at_its_line(tmp_path: Path) -> None:
    text = f"{PERIOD}data:\n  rows: |\n    @hours, UnblendedCost\n    24, 1\n\n    1, 1\n    1\n"
    with pytest.raises(ScenarioError) as refused:
        loaded(tmp_path, text)
    assert [problem.line for problem in refused.value.problems] == [9, 12]


def test_a_mistake_in_a_file_of_rows_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "bill.csv").write_text("@days, UnblendedCost\n0, 1\n9, 1\n")
    with pytest.raises(ScenarioError) as refused:
        loaded(tmp_path, f"{PERIOD}data: {{rows: bill.csv}}\n", fixtures=tmp_path)
    (one,) = refused.value.problems
    assert (Path(one.path).name, one.line) == ("bill.csv", 3)


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("LineItemType", "Credits", "lineItem/LineItemType 'Credits' is none that AWS writes; did you mean Credit?"),
        ("LineItemType", "savingsplannegation", "lineItem/LineItemType 'savingsplannegation' is none that AWS writes; did you mean SavingsPlanNegation?"),
        ("UsageAccountId", "1.23457E+11", "lineItem/UsageAccountId '1.23457E+11' is no account; write its 12 digits, as 100000000001"),
        ("PayerAccountId", "payer", "bill/PayerAccountId 'payer' is no account; write its 12 digits, as 100000000001"),
        ("ProductCode", "", "lineItem/ProductCode is empty: Koku refuses the days of a row without a service; fill it in, or leave the column out for its default"),
        ("CurrencyCode", "Euro", "lineItem/CurrencyCode 'Euro' is no currency; write its three letters, as USD"),
        ("BlendedCost", "inf", "lineItem/BlendedCost 'inf' is infinite: no sum can hold it; write a number"),
        ("@at", "month", "@at 2026-11-01 is after the month of its bill, 2026-10: Koku drops the row; write a day of that month"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_meant_is_refused(tmp_path: Path, column: str, cell: str, said: str) -> None:
    (one,) = complaints(tmp_path, f"{CELLS}{column}, UnblendedCost\n    {cell}, 1\n")
    assert one == f"data.rows: row 2: {said}"


@pytest.mark.parametrize("cell", ["Credit", "BundledDiscount", "WarpDriveUse", ""])
def test_a_type_that_is_close_to_none_is_taken(tmp_path: Path, cell: str) -> None:
    assert loaded(tmp_path, f"{CELLS}LineItemType, UsageAccountId, UnblendedCost\n    {cell}, 1, 1\n").rows


@pytest.mark.parametrize(
    ("column", "cell", "said", "deviation"),
    [
        ("UnblendedCost", "abc", "lineItem/UnblendedCost 'abc' is no number: Koku counts 0; write a number, as 0.096", "unread_cost_is_zero"),
        ("UnblendedCost", '"0,5"', "lineItem/UnblendedCost '0,5' is no number: Koku counts 0; write 0.5", "unread_cost_is_zero"),
        ("UnblendedCost", "", "lineItem/UnblendedCost is empty: Koku counts 0; write a number", "unread_cost_is_zero"),
        ("UsageAmount", "many", "lineItem/UsageAmount 'many' is no number: Koku counts 0; write a number, as 0.096", "unread_cost_is_zero"),
        ("@at", "month-2m", "@at 2026-09-01 is before the month of its bill, 2026-10: Koku drops the row; write a day of that month", "days_outside_month_dropped"),
        ("@at", "today+1d", "@at 2026-11-30 is in the future: Koku drops the row; write today at the latest", "future_days_dropped"),
    ],
)  # fmt: skip
def test_a_doubtful_cell_is_told_by_lint(tmp_path: Path, column: str, cell: str, said: str, deviation: str) -> None:
    more = "" if column == "UnblendedCost" else "UnblendedCost, "
    text = f"{CELLS}{more}{column}, tag:a\n    {'1, ' if more else ''}{cell}, x\nexpect: {{costs: {{total: '7'}}, deviates: []}}\n"
    with known():
        (one,) = lint([written(tmp_path, text)], FIXTURES, TODAY)
    accept = f", or accept it (expect: {{deviates: [{deviation}]}})"
    assert (one.line, one.what) == (9, f"data.rows: row 2: {said}{accept}")
    with pytest.raises(Contradicts, match=r"^it\.yaml:9: data\.rows: row 2: "):
        made(tmp_path, text)
    (again := tmp_path / "again").mkdir()
    assert made(again, text, accepted=(deviation,))
    assert not loaded(tmp_path, text.replace("[]", f"[{deviation}]")).doubts


def test_a_wrong_type_is_the_only_problem(tmp_path: Path) -> None:
    more = "cost_model: {markup: {value: 1}}\nexpect: {deviates: [storage_shows_unblended]}\n"
    path = written(tmp_path, ROWS + more)
    path.write_text(path.read_text().replace("type: AWS", "type: aws"))
    with known():
        (one,) = lint([path], FIXTURES, TODAY)
    assert "'aws' is not one of AWS, OCP" in one.what


def test_the_head_of_these_tests_is_a_scenario() -> None:
    assert textwrap.dedent(HEAD) == HEAD
