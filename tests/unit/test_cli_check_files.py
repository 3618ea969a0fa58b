"""``e2e-validator check-files``: cost files and reports, each by the rules of its source type."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from aws_files import HEADER, row, write_csv
from click.testing import CliRunner, Result

from e2e_validator.cli.check_files import check_files
from e2e_validator.errors import Inconclusive, UsageError
from e2e_validator.providers import registry
from e2e_validator.providers.aws.cost_file.reading import lines_of
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES

PODS = sorted(REPORT_TYPES["pod_usage"].required)
HOUR = "2026-11-20 00:00:00 +0000 UTC"


def run(*words: str) -> Result:
    return CliRunner().invoke(check_files, ["--today", "2026-11-29", *words], catch_exceptions=False)


def pods(path: Path, **more: str) -> Path:
    cells = dict.fromkeys(PODS, "1") | {
        "report_period_start": "2026-11-01 00:00:00 +0000 UTC",
        "report_period_end": "2026-12-01 00:00:00 +0000 UTC",
        "interval_start": HOUR,
        "interval_end": "2026-11-20 00:59:59 +0000 UTC",
        "pod_labels": "label_app:web",
    }
    return write_csv(path, [cells | more])


def test_complete_files_of_both_types(tmp_path: Path) -> None:
    cost, usage = write_csv(tmp_path / "cur.csv.gz", [row()]), pods(tmp_path / "pods.csv")
    result = run(str(cost), str(usage))
    assert result.output.splitlines() == [
        f"{cost}: CUR 1.0, 1 row of 1 day of 2026-11, 53 columns",
        f"{usage}: pod_usage, 1 row of 1 day, 19 columns",
        "No problems found in 2 files.",
    ]
    assert result.exit_code == 0


def test_a_problem_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    header = [name for name in HEADER if name != "lineItem/BlendedCost"]
    result = run(str(write_csv(tmp_path / "cur.csv", [row()], header)))
    assert result.exit_code == 2
    assert "  problem: lineItem/BlendedCost is missing: it counts 0 in every row, without any error" in result.output
    assert "1 problem found in 1 file." in result.output


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("1.23457E+11", "'1.23457E+11' is no account id (12 digits); a spreadsheet has rounded it, in 1 row"),
        ("12345678901", "'12345678901' is no account id (12 digits); a spreadsheet has dropped its leading zeros, in"),
        ("1234567890123", "'1234567890123' is no account id (12 digits) in 1 row, first in line 2"),
        ("main", "'main' is no account id (12 digits) in 1 row, first in line 2"),
    ],
)
@pytest.mark.parametrize("column", ["lineItem/UsageAccountId", "bill/PayerAccountId"])
def test_an_account_that_is_none_is_a_problem(tmp_path: Path, column: str, account: str, said: str) -> None:
    result = run(str(write_csv(tmp_path / "cur.csv", [row() | {column: account}])))
    assert result.exit_code == 2
    assert said in result.output


def test_a_missing_column_and_a_cell_without_number_are_told(tmp_path: Path) -> None:
    less = [name for name in PODS if name != "pod_usage_cpu_core_seconds"]
    result = run(str(write_csv(tmp_path / "pods.csv", [dict.fromkeys(less, "1")], less)))
    assert result.exit_code == 2
    assert "almost pod_usage" in result.output
    assert "pod_usage_cpu_core_seconds is missing: Koku knows no such kind of report" in result.output
    result = run(str(pods(tmp_path / "pods.csv", pod_usage_cpu_core_seconds="abc")))
    assert result.exit_code == 2
    assert "pod_usage_cpu_core_seconds is 'abc', which is no number: Koku counts 0" in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b"a,b\n1,2\n", "none of its columns is one that Koku reads"),
        (b"\x1f\x8b\x08\x00", "the gzip file is damaged"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    result = run(str(path))
    assert result.exit_code == (12 if content.startswith(b"\x1f") else 2)
    assert said in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"lineItem/UnblendedCost;lineItem/UsageAmount\n1;2\n", "it is separated by semicolons, as Excel writes it"),
        (b"lineItem/UnblendedCost\tlineItem/UsageAmount\n1\t2\n", "it is separated by tabs: save it as CSV"),
        ("lineItem/UnblendedCost,x\n".encode("utf-16"), "it is text in UTF-16, which Koku cannot read: save it as"),
        (b"PK\x03\x04\x14\x00", "it is a workbook (xlsx) or a zip file, no text: save it as CSV with commas"),
        (bytes(range(256)), "it is no text: name CSV files"),
        (b"a" * 257 + b"ustar\0", "it is a payload or another tarball: unpack it, and name the files in it"),
        (gzip.compress(b"a" * 257 + b"ustar\0", mtime=0), "it is a payload or another tarball: unpack it"),
        (b"\xe4,b\n", "it is no text in UTF-8 (byte 1): save it as CSV in UTF-8"),
        (b"UnblendedCost\n1\n", "'UnblendedCost' is none: did you mean 'lineItem/UnblendedCost'?"),
    ],
)
def test_a_file_of_another_form_is_told_with_a_remedy(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    result = run(str(path))
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_mark_of_utf_8_is_taken(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cur.csv", [row()])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run(str(path)).exit_code == 0


def test_the_other_files_are_looked_at_all_the_same(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "cur.csv", [row()])
    result = run(str(tmp_path), str(tmp_path / "none.csv"), str(good))
    assert f"{tmp_path}: it is a folder: name the files in it." in result.output
    assert f"{tmp_path}/none.csv: it cannot be read: No such file or directory." in result.output
    assert result.output.endswith("No problems found in 1 file; 2 files could not be read.\n")
    assert result.exit_code == 12


def test_what_loses_money_comes_first_and_the_rest_last(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    names = "lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UnblendedCosts"
    path.write_text(f"{names}\n100000000001,2026-11-20T05:00:00Z,1\n")
    told = [line for line in run(str(path)).output.splitlines() if line.startswith("  problem")]
    first = [line.split()[1] for line in told[:8]]
    assert first[:5] == [
        "bill/InvoiceId",
        "bill/PayerAccountId",
        "identity/TimeInterval",
        "lineItem/Operation",
        "lineItem/UsageType",
    ]
    assert {"lineItem/UnblendedCost", "lineItem/BlendedCost"} <= set(first[5:])
    assert any("'lineItem/UnblendedCosts' is none: did you mean 'lineItem/UnblendedCost'?" in line for line in told)
    assert re.match(r"  problem: \d+ columns are missing that no report shows: bill/BillType, ", told[-1])
    assert "--enhance OUT writes a copy" in run(str(path)).output


def test_a_cut_file_is_a_problem_of_that_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cur.csv.gz", [row(hour=number, ResourceId=f"i-{number**9}") for number in range(23)])
    path.write_bytes(path.read_bytes()[:-40])
    result = run(str(path))
    assert result.exit_code == 2
    assert "Koku stops at it, and there is no figure of the file" in result.output


def test_every_source_type_that_looks_at_files_is_asked() -> None:
    assert len(registry.file_checks()) == len(registry.FILE_CHECKS) == 2


def test_a_file_of_few_columns_is_filled_up_and_each_is_listed(tmp_path: Path) -> None:
    few, out = tmp_path / "few.csv", tmp_path / "cur-1.csv.gz"
    few.write_text("lineItem/UsageStartDate,lineItem/UnblendedCost\n2026-11-20T05:00:00Z,0.5\n")
    result = run(str(few), "--enhance", str(out))
    listed = [line for line in result.output.splitlines() if line.startswith("filled in: ")]
    assert len(listed) == 49
    assert "filled in: lineItem/BlendedCost: lineItem/UnblendedCost" in listed
    assert "filled in: product/region: empty (costs by region are all under No-region)" in listed
    assert result.output.endswith("No problems found in 1 file.\n")
    (line,) = lines_of(out)
    assert line.cells["identity/TimeInterval"] == "2026-11-20T05:00:00Z/2026-11-20T06:00:00Z"
    assert line.cells["bill/BillingPeriodStartDate"] == "2026-11-01T00:00:00Z"
    assert (line.cells["lineItem/BlendedCost"], line.cells["lineItem/LineItemType"]) == ("0.5", "Usage")
    # What is there stays as it is.
    with pytest.raises(UsageError, match=r"cur-1\.csv\.gz: is there already"):
        run(str(few), "--enhance", str(out))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "lineItem/UsageStartDate,lineItem/UsageAmount\n",
            "no column lineItem/UnblendedCost: a cost that is not there",
        ),
        ("lineItem/UnblendedCost,lineItem/UsageAmount\n", "has neither identity/TimeInterval nor lineItem/UsageStart"),
        (f"{','.join(PODS)}\n", "is a usage report: nothing can stand for a column that it lacks"),
        ("lineItem/UnblendedCost,identity/TimeInterval\n1,soon\n", "A row has the time 'soon', which is none"),
    ],
)
def test_what_has_no_default_is_not_filled_up(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "it.csv"
    path.write_text(text)
    with pytest.raises(Inconclusive, match=re.escape(said)):
        run(str(path), "--enhance", str(tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()


def test_one_file_is_filled_up_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="takes one file, not 2"):
        run(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--enhance", str(tmp_path / "c.csv"))
    (tmp_path / "a.csv").write_text("shoe,size\n1,2\n")
    with pytest.raises(UsageError, match="none of its columns is one that Koku reads"):
        run(str(tmp_path / "a.csv"), "--enhance", str(tmp_path / "c.csv"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "lineItem/UsageStartDate,lineItem/UnblendedCost\n2026-10-05T00:00:00Z,1\n05.10.2026 00:00,1\n",
            ":3: lineItem/UsageStartDate: A row has the time '05.10.2026 00:00', which is none. Write it as",
        ),
        (
            "lineItem/UsageStartDate,lineItem/UnblendedCosts\n2026-10-05T00:00:00Z,1\n",
            "has no default. 'lineItem/UnblendedCosts' is none: did you mean 'lineItem/UnblendedCost'?",
        ),
        (
            "lineItem/UsageStartDate,lineItem/UnblendedCost\n2026-10-05T00:00:00Z\n",
            ": line 2 has 1 fields, the header 2: correct that line, or save the file as CSV once more.",
        ),
    ],
)
def test_what_cannot_be_filled_up_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "it.csv"
    path.write_text(text)
    with pytest.raises(Inconclusive, match=re.escape(said)) as refused:
        run(str(path), "--enhance", str(tmp_path / "out.csv"))
    assert str(refused.value).startswith(f"{path}:")
