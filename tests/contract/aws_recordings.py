"""The recordings of a real Koku with AWS sources, and what the judge expects of their files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.package import manifests_in

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings-classic"
TODAY = date(2026, 11, 29)
GOOD = ("aws_files", "aws_growing", "aws_markup", "aws_rich", "aws_rich_again", "aws_simple", "aws_two_months")
WITH_ROWS = ("aws_neg_no_unblended", "aws_neg_text_cost", "aws_neg_wrong_dates")
WITHOUT_ROWS = (
    "aws_neg_empty_file", "aws_neg_header_only", "aws_neg_missing_file", "aws_neg_no_interval", "aws_neg_no_invoice",
    "aws_neg_no_payer", "aws_neg_no_usagestart", "aws_neg_no_usagetype", "aws_neg_truncated",
)  # fmt: skip
TAKEN = (*GOOD, *WITH_ROWS, *WITHOUT_ROWS)
MARKUP = {"aws_markup": Decimal("0.1")}


@cache
def expected(name: str, disabled: tuple[str, ...] = (), categories: tuple[str, ...] = ()) -> Expectation:
    steps = sorted((RECORDINGS / name / "input").iterdir())
    manifests = [manifest for step in steps for manifest in manifests_in(step)]
    markup = MARKUP.get(name, Decimal(0))
    return Expectation.from_manifests(
        manifests, today=TODAY, disabled_tags=disabled, disabled_categories=categories, markup=markup
    )
