"""The known deviations: what happens, which data bring it about, where, what the API shows, and where it is known."""

from __future__ import annotations

from decimal import Decimal

from e2e_validator.expect.known_deviation import UNEXPLAINED, KnownDeviation

ROUNDED = "tiny_costs_rounded"
# Koku keeps nine decimals of each group.
LAST_DIGIT = Decimal("1e-9")
_SPLIT, _SUMMARY, _API = "CUR -> daily CSV", "daily parquet -> daily summary", "UI tables -> API"


DEVIATIONS: dict[str, KnownDeviation] = {
    one.name: one
    for one in (
        KnownDeviation(
            "file_not_loaded",
            "Koku gives up a file of an assembly, and summarises nothing of the assembly.",
            "a file that is missing, empty or damaged, or lacks a column that the download or the conversion needs",
            _SPLIT,
            "the month is missing, or is that of an earlier assembly",
            "docs/contract/clouds.md 12",
        ),
        KnownDeviation(
            "assembly_taken_before",
            "Koku takes an assembly of the same name once, whatever its files hold later.",
            "a manifest that names an assembly again",
            _SPLIT,
            "the figures stay those of the first time",
            "docs/contract/clouds.md 2",
        ),
        KnownDeviation(
            "restated_days_lost",
            "Koku takes a later assembly from three days before the newest day that it has; what it says of days"
            " before that is lost.",
            "a month that is not final, in which an earlier day was restated, added or taken away",
            _SPLIT,
            "the earlier days keep the values of the assembly before",
            "docs/contract/clouds.md 5, 8",
        ),
        KnownDeviation(
            "vanished_days_stay",
            "Koku summarises the days that an assembly has, and leaves the rows of others as they were.",
            "a later assembly that has no row of a day any more, before its first or after its last day",
            _SUMMARY,
            "the day keeps its costs",
            "docs/contract/clouds.md 5",
        ),
        KnownDeviation(
            "future_days_dropped",
            "Koku drops rows whose interval begins after today.",
            "fees and commitments that are billed ahead, or a clock that is behind",
            _SPLIT,
            "their costs are missing, also later, unless a further assembly brings them",
            "docs/contract/clouds.md 5, 12",
        ),
        KnownDeviation(
            "days_outside_month_dropped",
            "Koku drops rows whose interval begins before the month of their bill.",
            "refunds and credits of an earlier month that carry its dates",
            _SPLIT,
            "their costs are missing",
            "docs/contract/clouds.md 5, 12",
        ),
        KnownDeviation(
            "usage_day_not_summarised",
            "Koku files rows by the day of their interval, and summarises only days of use within those.",
            "a row whose UsageStartDate is outside of the days of its assembly",
            _SUMMARY,
            "the row is in the parquet files, and in no report",
            "docs/contract/clouds.md 8",
        ),
        KnownDeviation(
            "unread_cost_is_zero",
            "Koku counts 0 for a cost that is missing, empty or no number, without any error.",
            "a file without a column of costs, an empty cell, a text or NaN in it",
            "daily CSV -> raw parquet",
            "the cost is 0, where the data say nothing of it",
            "docs/contract/clouds.md 7, 12",
        ),
        KnownDeviation(
            "currencies_added_up",
            "Koku adds up the costs of a group in several currencies, and shows the sum in that which comes last in the"
            " alphabet.",
            "rows of one day, account and service that differ in their currency",
            "daily CSV -> daily parquet",
            "the cost is a sum of different things, in one of their currencies",
            "docs/contract/clouds.md 8",
        ),
        KnownDeviation(
            "amortized_not_as_aws",
            "Koku never reads what a reservation costs by the hour, and takes the effective cost for fees and"
            " negations of savings plans.",
            "reservations (DiscountedUsage, RIFee, Fee), SavingsPlanNegation, SavingsPlanRecurringFee,"
            " SavingsPlanUpfrontFee",
            _SUMMARY,
            "calculated_amortized_cost is not the amortized cost as AWS defines it",
            "docs/contract/clouds.md 8",
        ),
        KnownDeviation(
            ROUNDED,
            "Koku rounds the sum of each group of a day to nine decimals.",
            "costs of a day and group of a few 1e-9 and less, or so many of them that a millionth of the sum is lost",
            _SUMMARY,
            "such costs are 0, or 1e-9",
            "docs/contract/clouds.md 8",
        ),
        KnownDeviation(
            "storage_shows_unblended",
            "The storage report shows the unblended cost wherever the chosen cost is 0.",
            "storage of which the chosen cost is 0, as that of savings plans always is",
            _API,
            "reports/aws/storage/ with cost_type=savingsplan_effective_cost shows unblended costs",
            "docs/contract/clouds.md 10",
        ),
        KnownDeviation(
            "ec2_counted_per_tag_set",
            "A resource with several sets of tags or cost categories on its last day is in EC2 compute once for each,"
            " with its whole cost.",
            "an instance whose tags or categories change within its last day, or differ between its line types",
            _SUMMARY,
            "reports/aws/resources/ec2-compute/ shows a multiple of its usage and cost",
            "docs/contract/clouds.md 19",
        ),
        KnownDeviation(
            "ec2_covered_usage_is_zero",
            "EC2 compute counts 0 for the unblended and blended cost of usage that a savings plan covers, and its"
            " negation in full.",
            "instances with SavingsPlanCoveredUsage",
            _SUMMARY,
            "reports/aws/resources/ec2-compute/ shows less than the costs report, down to negative costs",
            "docs/contract/clouds.md 8, 10",
        ),
        KnownDeviation(
            UNEXPLAINED,
            "The figures that follow from Koku's rules are not what the data say, and no known deviation explains it.",
            "data of a kind that is not examined yet",
            "unknown",
            "see the table of figures",
            "to be reported with the files; it cannot be accepted",
        ),
    )
}
