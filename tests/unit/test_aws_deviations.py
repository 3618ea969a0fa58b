"""Deviations of AWS sources: each known one is found by its name, with both values, and nothing else is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from aws_files import HEADER, TODAY, Row, covered, package, row, storage

from e2e_validator.expect.known_deviation import UNEXPLAINED
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES, costs, usage
from e2e_validator.providers.aws.expect.deviations.clue import Clue
from e2e_validator.providers.aws.expect.deviations.finding import Deviation, deviations
from e2e_validator.providers.aws.expect.deviations.registry import DEVIATIONS
from e2e_validator.providers.aws.expect.expectation import Expectation

NAMES = set(DEVIATIONS) - {UNEXPLAINED}
Found = dict[str, Deviation]


def expected(*manifests: Path, markup: str = "0") -> Expectation:
    return Expectation.from_manifests(list(manifests), today=TODAY, markup=Decimal(markup))


def found(*manifests: Path, markup: str = "0") -> Found:
    return {one.name: one for one in expected(*manifests, markup=markup).deviations()}


def values(one: Deviation, *key: str, field: str = "cost") -> tuple[Decimal | None, Decimal | None]:
    """By the data, as Koku; at the report, cost type, grouping and group given."""
    (figure,) = [each for each in one.figures if each.key[: len(key)] == key and each.field == field]
    return figure.by_data, figure.as_koku


TOTAL = ("costs", "unblended_cost", "total", "")


def test_plain_data_deviate_in_nothing(tmp_path: Path) -> None:
    assert found(package(tmp_path, [row(), row(hour=1), covered(LineItemType="Usage")]), markup="0.1") == {}


def growing(tmp_path: Path, *, again: str = "0.1", first: str = "2026-11-18", assembly: str = "a2") -> list[Path]:
    """An assembly of two days, then one with more, in which the first day has another cost."""
    before = package(tmp_path, [row(first), row("2026-11-23")])
    after = package(
        tmp_path / "x", [row(first, UnblendedCost=again), row("2026-11-23"), row("2026-11-24")], assembly=assembly
    )
    return [before, after]


def test_restated_days_before_the_last_three_are_lost(tmp_path: Path) -> None:
    one = found(*growing(tmp_path, again="0.5"))["restated_days_lost"]
    assert values(one, *TOTAL) == (Decimal("0.7"), Decimal("0.3"))
    assert (
        str(one.clues[0].sentence) == "2026-11 was restated on 2026-11-18, before 2026-11-20, from where on it is taken"
    )
    assert one.worst.size == Decimal("0.4")


def test_a_day_that_is_the_same_or_recent_is_not_lost(tmp_path: Path) -> None:
    assert found(*growing(tmp_path / "same")) == {}
    assert found(*growing(tmp_path / "recent", again="0.5", first="2026-11-20")) == {}


def test_a_day_that_was_taken_away_stays(tmp_path: Path) -> None:
    before = package(tmp_path, [row("2026-11-10"), row("2026-11-23")])
    one = found(before, package(tmp_path, [row("2026-11-23")], assembly="a2"))["restated_days_lost"]
    assert values(one, *TOTAL) == (Decimal("0.1"), Decimal("0.2"))


def test_a_vanished_day_stays_outside_the_days_summarised(tmp_path: Path) -> None:
    before = package(tmp_path, [row("2026-11-20"), row("2026-11-21")])
    one = found(before, package(tmp_path, [row("2026-11-21")], assembly="a2"))
    assert set(one) == {"vanished_days_stay"}
    assert values(one["vanished_days_stay"], *TOTAL) == (Decimal("0.1"), Decimal("0.2"))
    between = [row("2026-11-19"), row("2026-11-21")]
    assert found(before, package(tmp_path / "x", between, assembly="a2")) == {}


def test_an_assembly_of_the_same_name_is_not_looked_at(tmp_path: Path) -> None:
    one = found(*growing(tmp_path, again="0.5", assembly="a1"))["assembly_taken_before"]
    assert values(one, *TOTAL) == (Decimal("0.7"), Decimal("0.2"))


def test_days_in_the_future_are_dropped(tmp_path: Path) -> None:
    one = found(package(tmp_path, [row(), row("2026-11-30", UnblendedCost="5")]))
    assert set(one) == {"future_days_dropped"}
    assert values(one["future_days_dropped"], *TOTAL) == (Decimal("5.1"), Decimal("0.1"))
    assert found(package(tmp_path / "today", [row(), row("2026-11-29", UnblendedCost="5")])) == {}


def test_days_before_the_month_are_dropped(tmp_path: Path) -> None:
    one = found(package(tmp_path, [row(), row("2026-10-20", UnblendedCost="-5")]))
    assert set(one) == {"days_outside_month_dropped"}
    (figure,) = [each for each in one["days_outside_month_dropped"].figures if each.key[:4] == TOTAL]
    assert (figure.key[4], figure.by_data, figure.as_koku) == ("2026-10", Decimal(-5), None)


def test_use_on_another_day_than_the_interval_is_not_summarised(tmp_path: Path) -> None:
    far = row("2026-11-24", UsageStartDate="2026-11-20T00:00:00Z")
    one = found(package(tmp_path, [row(), far]))
    assert set(one) == {"usage_day_not_summarised"}
    assert values(one["usage_day_not_summarised"], *TOTAL) == (Decimal("0.2"), Decimal("0.1"))
    # With an interval on that day the row is within the days that are summarised.
    assert found(package(tmp_path / "within", [row(), far, row("2026-11-20")])) == {}


@pytest.mark.parametrize("text", ["", "abc", "NaN"])
def test_a_cost_that_is_none_is_zero(tmp_path: Path, text: str) -> None:
    one = found(package(tmp_path, [row(), row(hour=1, UnblendedCost=text)]))
    assert set(one) == {"unread_cost_is_zero"}
    assert values(one["unread_cost_is_zero"], *TOTAL) == (None, Decimal("0.1"))
    assert {figure.key[1] for figure in one["unread_cost_is_zero"].figures} == {COST_TYPES[0], COST_TYPES[3]}


def test_a_missing_column_of_costs_is_zero(tmp_path: Path) -> None:
    for column, cost_type in (("lineItem/UnblendedCost", 0), ("lineItem/BlendedCost", 1)):
        header = [name for name in HEADER if name != column]
        one = found(package(tmp_path / str(cost_type), [row()], header=header))
        assert set(one) == {"unread_cost_is_zero"}
        assert values(one["unread_cost_is_zero"], "costs", COST_TYPES[cost_type], "total", "") == (None, Decimal(0))


def test_an_effective_cost_that_nobody_needs_is_no_deviation(tmp_path: Path) -> None:
    assert found(package(tmp_path, [row(SavingsPlanEffectiveCost="None")])) == {}
    assert set(found(package(tmp_path / "x", [covered(ResourceId="", SavingsPlanEffectiveCost="None")]))) == {
        "unread_cost_is_zero"
    }


@pytest.mark.parametrize(
    ("kind", "more", "aws", "koku"),
    [
        ("DiscountedUsage", {"reservation/EffectiveCost": "0.03"}, "0.03", "0.1"),
        ("RIFee", {"reservation/UnusedRecurringFee": "0.02"}, "0.02", "0.1"),
        ("SavingsPlanRecurringFee", {"savingsPlan/TotalCommitmentToDate": "7"}, "7", "0"),
        ("Fee", {"reservation/ReservationARN": "arn"}, "0", "0.1"),
    ],
)
def test_the_amortized_cost_is_not_that_of_aws(
    tmp_path: Path, kind: str, more: dict[str, str], aws: str, koku: str
) -> None:
    one = found(package(tmp_path, [row(LineItemType=kind, ResourceId="") | more]))
    assert set(one) == {"amortized_not_as_aws"}
    both = values(one["amortized_not_as_aws"], "costs", COST_TYPES[3], "total", "")
    assert both == (Decimal(aws), Decimal(koku))


def test_a_fee_that_is_of_no_reservation_is_amortized_as_it_is(tmp_path: Path) -> None:
    assert (
        found(package(tmp_path, [row(LineItemType="Fee"), row(LineItemType="Tax"), row(LineItemType="Credit")])) == {}
    )


def test_storage_shows_unblended_costs_for_savings_plans(tmp_path: Path) -> None:
    one = found(package(tmp_path, [storage()]))
    assert set(one) == {"storage_shows_unblended"}
    both = values(one["storage_shows_unblended"], "storage", COST_TYPES[2], "total", "")
    assert both == (Decimal(0), Decimal("0.1"))
    assert {figure.key[:2] for figure in one["storage_shows_unblended"].figures} == {("storage", COST_TYPES[2])}


def test_storage_without_costs_shows_none(tmp_path: Path) -> None:
    assert found(package(tmp_path, [storage(UnblendedCost="0", BlendedCost="0")])) == {}


def test_an_instance_counts_once_for_each_tag_set_of_its_day(tmp_path: Path) -> None:
    one = found(package(tmp_path, [row(tag="a"), row(hour=1, tag="b")]))
    assert set(one) == {"ec2_counted_per_tag_set"}
    both = values(one["ec2_counted_per_tag_set"], "ec2-compute", COST_TYPES[0], "resource", "i-1")
    assert both == (Decimal("0.2"), Decimal("0.4"))
    # On earlier days they may have been others.
    assert found(package(tmp_path / "x", [row("2026-11-23", tag="a"), row(tag="b")])) == {}


def test_ec2_compute_leaves_out_what_a_savings_plan_covers(tmp_path: Path) -> None:
    one = found(package(tmp_path, [row(), covered()]))
    assert set(one) == {"ec2_covered_usage_is_zero"}
    both = values(one["ec2_covered_usage_is_zero"], "ec2-compute", COST_TYPES[0], "total", "")
    assert both == (Decimal("0.2"), Decimal("0.1"))


def test_tiny_costs_are_rounded_away_group_by_group(tmp_path: Path) -> None:
    tiny = [row(ResourceId="", ProductCode=f"Service{number}", UnblendedCost="4e-10") for number in range(20)]
    one = found(package(tmp_path, tiny))
    assert set(one) == {"tiny_costs_rounded"}
    both = values(one["tiny_costs_rounded"], *TOTAL)
    assert both == (Decimal("8e-9"), Decimal(0))
    # Beside real costs nobody sees them.
    assert "costs unblended_cost / total" not in str(
        [str(figure) for each in found(package(tmp_path / "x", [row(), *tiny])).values() for figure in each.figures]
    )


@pytest.mark.parametrize(
    "column", ["bill/InvoiceId", "identity/TimeInterval", "lineItem/UsageType", "lineItem/UsageStartDate"]
)
def test_a_file_that_is_not_loaded_is_told(tmp_path: Path, column: str) -> None:
    header = [name for name in HEADER if name != column]
    one = found(package(tmp_path, [row()], header=header))
    assert set(one) == {"file_not_loaded"}
    assert values(one["file_not_loaded"], *TOTAL) == (Decimal("0.1"), None)
    assert column in one["file_not_loaded"].clues[0].sentence


def test_what_no_clue_explains_has_that_name() -> None:
    key = ("costs", "unblended_cost", "total", "", "2026-11")
    mine: Measures = {key: {"cost": Decimal(2)}}
    koku: Measures = {key: {"cost": Decimal(1)}}
    (one,) = deviations(mine, koku, [], {})
    assert (one.name, str(one.worst)) == (
        UNEXPLAINED,
        "costs unblended_cost / total of 2026-11: cost is 1, the data say 2",
    )
    elsewhere = Clue("future_days_dropped", "x", ("2026-12-01",))
    too_small = Clue("tiny_costs_rounded", "x", ("2026-11-01",), most=Decimal("0.5"))
    assert [each.name for each in deviations(mine, koku, [elsewhere, too_small], {})] == [UNEXPLAINED]
    assert not DEVIATIONS[UNEXPLAINED].acceptable


def test_costs_in_two_currencies_are_added_up(tmp_path: Path) -> None:
    one = found(package(tmp_path, [row(), row(hour=1, CurrencyCode="EUR")]))["currencies_added_up"]
    assert values(one, *TOTAL) == (None, Decimal("0.2"))
    assert one.clues[0].sentence == "costs of 2026-11-24 are in several currencies"
    assert {figure.field for figure in one.figures} == {"cost"}
    assert "currencies_added_up" not in found(package(tmp_path / "x", [row(), row("2026-11-25")]))


def test_each_known_deviation_is_found_above() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in sorted(NAMES) if f'"{name}"' not in text] == []


def test_clues_are_the_same_after_disk(tmp_path: Path) -> None:
    want = expected(*growing(tmp_path, again="0.5"))
    want.write(tmp_path / "e.json")
    read = Expectation.read(tmp_path / "e.json")
    assert read.clues == want.clues
    assert [str(one.worst) for one in read.deviations()] == [str(one.worst) for one in want.deviations()]


def test_the_costs_of_a_row_by_its_own_words() -> None:
    cells: Row = covered()
    assert costs(cells)["calculated_amortized_cost"] == Decimal("0.07")
    negation = row(LineItemType="SavingsPlanNegation", UnblendedCost="-0.1")
    assert (costs(negation)["calculated_amortized_cost"], usage(negation)) == (Decimal(0), Decimal(0))
    assert costs(row(LineItemType="SavingsPlanUpfrontFee"))["calculated_amortized_cost"] == 0
