"""What nise makes for AWS (docs/contract/nise.md 2.2, 3.1), and how many rows it must write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from e2e_validator.errors import HarnessError
from e2e_validator.generate.month import GeneratedMonth, NiseKind, hours

COST = "cost"
# Without a bucket nise names a file by its month and "None".
NISE = NiseKind(name="aws", key_option="", files={"None": COST}, named="{month}-{part}")
# Blocks of a volume that have rows of their own.
_BESIDE = ("provisioned_throughput", "provisioned_iops")


def planned_rows(report: Mapping[str, Any], start: datetime, end: datetime) -> int:
    """The rows of the hours ``[start, end)``."""
    return rows_an_hour(report) * hours(start, end)


def rows_an_hour(report: Mapping[str, Any]) -> int:
    """One for each generator, and for what is provisioned of a volume."""
    return sum(
        1 + sum(bool(own.get(name)) for name in _BESIDE) for entry in report["generators"] for own in entry.values()
    )


def check_rows(planned: int, month: GeneratedMonth) -> None:
    """Compare what nise wrote with the plan.

    Raises:
        HarnessError: it wrote more or less.
    """
    if month.rows[COST] != planned:
        raise HarnessError(f"nise did not write what was planned: {planned} rows of {month.month}, {month.rows[COST]}.")
