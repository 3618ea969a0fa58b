"""A CUR before its upload: each column that is missing is named with what that does, and the effect is that one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aws_files import HEADER, TODAY, Row, covered, package, row, storage, write_csv

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.file_findings import FileReport
from e2e_validator.providers.aws.completeness.check import FILES, missing_columns
from e2e_validator.providers.aws.completeness.effects import STOPS, effect
from e2e_validator.providers.aws.completeness.header import snake
from e2e_validator.providers.aws.expect.columns import OPTIONAL, RECOMMENDED
from e2e_validator.providers.aws.expect.dialect import ATHENA, CUR_1, CUR_2, FOCUS, UNKNOWN, dialect_of
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import Question
from e2e_validator.providers.aws.expect.reports import TOTAL

EVERY = (*RECOMMENDED, *OPTIONAL)
ROWS: list[Row] = [
    row(),
    row(hour=1, ResourceId="i-2"),
    storage(),
    covered(),
    row(LineItemType="SavingsPlanNegation", UnblendedCost="-0.1", ResourceId="i-1"),
    row(BillingEntity="AWS Marketplace", ProductCode="abc123", ProductName="A product", instanceType=""),
    row(LineItemType="Tax", TaxType="VAT", ResourceId="", instanceType="", productFamily=""),
]
FIRST = TODAY.replace(day=1)


def report(tmp_path: Path, rows: list[Row], header: Any = None) -> FileReport:
    return FILES.check(write_csv(tmp_path / "cur-1.csv.gz", rows, header), TODAY)


def sentences(tmp_path: Path, *rows: Row) -> list[str]:
    return [finding.sentence for finding in report(tmp_path, list(rows)).findings]


def test_there_are_51_columns() -> None:
    assert (len(RECOMMENDED), len(OPTIONAL), len(set(EVERY))) == (46, 5, 51)


def test_the_complete_file_has_no_problem(tmp_path: Path) -> None:
    found = report(tmp_path, ROWS)
    assert found.findings == ()
    assert found.verdict == "complete"
    assert (found.kind, found.facts) == (CUR_1, "7 rows of 1 day of 2026-11, 53 columns")


@pytest.mark.parametrize("column", EVERY)
def test_a_missing_column_is_named_with_its_effect(tmp_path: Path, column: str) -> None:
    found = report(tmp_path, ROWS, [name for name in HEADER if name != column])
    assert missing_columns(found)[column].sentence == f"{column} is missing: {effect(column)}."
    assert [finding.about for finding in found.findings if "is missing" in finding.sentence] == [column]
    assert missing_columns(found)[column].problem


@pytest.mark.parametrize("column", EVERY)
def test_its_deviation_is_that_of_the_expectation(tmp_path: Path, column: str) -> None:
    """So that accepting it excuses the missing column, and accepting another one does not."""
    one = report(tmp_path, ROWS, [name for name in HEADER if name != column])
    named = missing_columns(one)[column].deviation
    if column in {"lineItem/ProductCode", "lineItem/CurrencyCode"}:
        assert named == ""  # nothing can be expected without it
        return
    found = {deviation.name for deviation in made_of(tmp_path, column).deviations()}
    assert found & {"file_not_loaded", "unread_cost_is_zero"} == ({named} if named else set())


def made_of(tmp_path: Path, without: str = "") -> Expectation:
    header = [name for name in HEADER if name != without]
    return Expectation.from_manifests([package(tmp_path / "x", ROWS, header=header)], today=TODAY)


def asked(report_name: str, cost_type: str = "unblended_cost", *groups: str) -> Question:
    return Question(report_name, FIRST, TODAY, cost_type=cost_type, groups=groups)


def total(want: Expectation, report_name: str, cost_type: str = "unblended_cost") -> Decimal:
    return want.answer(asked(report_name, cost_type))[TOTAL]["cost.total USD"]


def usage(want: Expectation, report_name: str) -> Decimal:
    (found,) = (v for k, v in want.answer(asked(report_name))[TOTAL].items() if k.startswith("usage"))
    return found


def groups(want: Expectation, name: str) -> set[str]:
    return {key[1] for key in want.answer(asked("costs", "unblended_cost", name)) if key != TOTAL}


def texts_of(want: Expectation, name: str) -> set[str]:
    return {getattr(one, name) for one in want.payloads[-1].rows}


def zero(cost_type: str) -> Callable[[Expectation, Expectation], bool]:
    return lambda full, less: total(full, "costs", cost_type) != 0 and total(less, "costs", cost_type) == 0


def column_zero(field: str) -> Callable[[Expectation, Expectation], bool]:
    def look(full: Expectation, less: Expectation) -> bool:
        return any(row.values[field] for row in full.payloads[-1].rows) and not any(
            row.values[field] for row in less.payloads[-1].rows
        )

    return look


def all_in(name: str, group: str) -> Callable[[Expectation, Expectation], bool]:
    return lambda full, less: groups(full, name) != {group} and groups(less, name) == {group}


def nothing_of(report_name: str) -> Callable[[Expectation, Expectation], bool]:
    return lambda full, less: usage(full, report_name) != 0 and len(less.answer(asked(report_name))) == 1


def by_code(full: Expectation, less: Expectation) -> bool:
    return "A product" in groups(full, "service") and "abc123" in groups(less, "service")


def shown_of_instances(name: str) -> Callable[[Expectation, Expectation], bool]:
    def look(full: Expectation, less: Expectation) -> bool:
        have, lack = ([getattr(one, name) for one in want.payloads[-1].instances] for want in (full, less))
        return all(have) and bool(lack) and not any(lack)

    return look


def no_plans(full: Expectation, less: Expectation) -> bool:
    amortized = "calculated_amortized_cost"
    return (
        total(full, "costs", amortized) != total(less, "costs", amortized) == total(less, "costs")
        and usage(less, "instance-types") == usage(full, "instance-types") + 1
    )


def sums_stay(full: Expectation, less: Expectation) -> bool:
    return all(full.stage(name, -1) == less.stage(name, -1) for name in ("summary", "ui", "ec2"))


SEEN: dict[str, Callable[[Expectation, Expectation], bool]] = {
    "lineItem/UnblendedCost": zero("unblended_cost"),
    "lineItem/BlendedCost": zero("blended_cost"),
    "savingsPlan/SavingsPlanEffectiveCost": zero("savingsplan_effective_cost"),
    "lineItem/UsageAmount": column_zero("usage_amount"),
    "lineItem/NormalizedUsageAmount": column_zero("normalized_usage_amount"),
    "lineItem/NormalizationFactor": column_zero("normalization_factor"),
    "lineItem/UnblendedRate": column_zero("unblended_rate"),
    "lineItem/BlendedRate": column_zero("blended_rate"),
    "pricing/publicOnDemandCost": column_zero("public_on_demand_cost"),
    "pricing/publicOnDemandRate": column_zero("public_on_demand_rate"),
    "lineItem/LineItemType": no_plans,
    "lineItem/UsageAccountId": lambda full, less: (
        texts_of(full, "account") == {"2"} and texts_of(less, "account") == {""}
    ),
    "lineItem/ResourceId": lambda full, less: bool(full.payloads[-1].instances) and not less.payloads[-1].instances,
    "lineItem/CurrencyCode": lambda full, less: (
        texts_of(full, "currency") == {"USD"} and texts_of(less, "currency") == {""}
    ),
    "lineItem/AvailabilityZone": all_in("az", "No-az"),
    "product/region": all_in("region", "No-region"),
    "product/productFamily": nothing_of("storage"),
    "pricing/unit": nothing_of("storage"),
    "product/instanceType": nothing_of("instance-types"),
    "product/ProductName": by_code,
    "bill/BillingEntity": by_code,
    "product/operatingSystem": shown_of_instances("operating_system"),
    "product/vcpu": shown_of_instances("vcpu"),
    "product/memory": shown_of_instances("memory"),
}


@pytest.mark.parametrize("column", EVERY)
def test_the_effect_is_what_the_expectation_has(tmp_path: Path, column: str) -> None:
    """What the words say is what the judge expects of Koku, which the recordings have shown it to do."""
    full = made_of(tmp_path)
    if column == "lineItem/ProductCode":
        with pytest.raises(Inconclusive, match="no lineItem/ProductCode"):
            made_of(tmp_path / "less", column)
        return
    less = made_of(tmp_path / "less", column)
    if column in STOPS:
        assert less.obstacles == (("cur-1.csv.gz", f"it has no column {column}"),)
        assert less.stage("summary", -1) == {} == less.stage("bill", -1)
        assert bool(less.stage("daily_csv", -1)) == ("conversion" in effect(column))
        return
    assert SEEN.get(column, sums_stay)(full, less)
    assert (column in SEEN) != ("no sum changes" in effect(column))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (row(UnblendedCost="abc"), "lineItem/UnblendedCost 'abc' is no number in 1 row, first in line 3: it counts 0"),
        (row(UnblendedCost=""), "lineItem/UnblendedCost is empty in 1 row, first in line 3: it counts 0"),
        (row(BlendedCost="NaN"), "lineItem/BlendedCost 'NaN' is no number in 1 row"),
        (row(UsageAmount="inf"), "lineItem/UsageAmount 'inf' is infinite in 1 row"),
        (row(UsageStartDate="soon"), "lineItem/UsageStartDate 'soon' is no date in 1 row"),
        (row(UsageStartDate=""), "lineItem/UsageStartDate '' is no date in 1 row"),
        (row(ProductCode=""), "lineItem/ProductCode is empty in 1 row, first in line 3: the daily summary refuses"),
        (row(CurrencyCode="EUR"), "it has several currencies (EUR, USD): Koku adds them up"),
        (row("2026-10-31", BillingPeriodStartDate="2026-11-01"), "Koku drops 1 row of 2026-10-31, without any"),
        (row("2026-11-30"), "Koku drops 1 row of 2026-11-30, without any"),
        (row(TimeInterval="never/never"), "identity/TimeInterval begins with 'never/never', which is no day: 1 row"),
        (row("2026-10-31"), "it has rows of several billing periods: 2026-10, 2026-11"),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_its_line(tmp_path: Path, changed: Row, said: str) -> None:
    found = report(tmp_path, [row(), changed, row(hour=1)])
    assert any(finding.sentence.startswith(said) and finding.problem for finding in found.findings)


def test_a_file_without_rows_is_a_problem(tmp_path: Path) -> None:
    (said,) = sentences(tmp_path)
    assert said == "it has no row: Koku calls it done, makes no bill, and its manifest never completes."


def test_what_loses_nothing_is_a_note(tmp_path: Path) -> None:
    texts = [row(InvoiceId="9", SavingsPlanEffectiveCost="None"), row(hour=1)]
    found = report(tmp_path, texts)
    assert not found.problems
    assert len(found.findings) == 2
    assert report(tmp_path, [covered(SavingsPlanEffectiveCost="None")]).problems == 1


def test_tag_keys_that_are_no_users_or_twins_are_told(tmp_path: Path) -> None:
    one = row() | {"resourceTags/user:App": "x", "resourceTags/aws:createdBy": "me"}
    said = sentences(tmp_path, one)
    assert any("app and App differ in their case alone" in sentence for sentence in said)
    assert any("resourceTags/aws:createdBy has values in 1 row" in sentence for sentence in said)
    plain = {name: text for name, text in row().items() if not name.startswith("resourceTags/")}
    assert sentences(tmp_path, plain) == ["it has no column resourceTags/user:KEY: no cost has a tag."]


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        (HEADER, CUR_1),
        (tuple(map(snake, EVERY)), ATHENA),
        (("bill_payer_account_id", "line_item_unblended_cost", "product", "resource_tags"), CUR_2),
        (("BilledCost", "EffectiveCost", "ChargePeriodStart", "ServiceName"), FOCUS),
        (("a", "b"), UNKNOWN),
    ],
)
def test_a_dialect_is_recognised_and_what_it_loses_said(tmp_path: Path, header: tuple[str, ...], dialect: str) -> None:
    assert dialect_of(header) == dialect
    found = report(tmp_path, [], header)
    if dialect != CUR_1:
        assert found.kind == dialect
        assert found.problems
    if dialect == CUR_2:
        assert any("it lacks 49 columns that Koku reads" in finding.sentence for finding in found.findings)


def test_names_in_the_style_of_athena() -> None:
    assert snake("lineItem/UsageAmount") == "line_item_usage_amount"
    assert snake("savingsPlan/SavingsPlanEffectiveCost") == "savings_plan_savings_plan_effective_cost"
    assert snake("pricing/publicOnDemandCost") == "pricing_public_on_demand_cost"


def test_a_column_that_koku_does_not_know_has_no_effect() -> None:
    with pytest.raises(KeyError):
        effect("product/storage")
