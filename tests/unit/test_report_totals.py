"""The verified totals as a person reads them."""

from __future__ import annotations

from e2e_validator.report.totals import totals_table


def test_a_line_per_report_with_expected_and_actual() -> None:
    table = totals_table(
        {
            "compute": {"usage": ("720", "720"), "capacity": ("2880", "2880.00001")},
            "costs": {"total": ("0", "0.01")},
        }
    )
    assert table == (
        "          EXPECTED / ACTUAL     usage      capacity       total\n"
        "          compute (core-hours)  720 / 720  2,880 / 2,880\n"
        "          costs (USD)                                     0 / 0.01"
    )


def test_nothing_is_printed_without_totals() -> None:
    assert totals_table({}) == ""
