"""The line item tables after some payloads were ingested: raw, and the daily ones (docs/contract/koku.md 3.5, 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.ocp.expect.days import Counted
from e2e_validator.providers.ocp.expect.digest import Digest
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES


@exactly
def raw(digests: Sequence[Digest], counted: Counted) -> Measures:
    """By (report type, day): ``rows`` and the sum of each numeric column of the raw table, effective ones included."""
    measures: Measures = {}
    for key, positions in counted.items():
        for position in positions:
            if values := digests[position].raw.get(key):
                add(measures, key, values)
    return measures


@exactly
def daily(digests: Sequence[Digest], counted: Counted) -> Measures:
    """By (report type, day): ``rows`` and the sum of each numeric column of the daily table.

    The table holds one row for each group of a CSV file's rows; of capacities in cores and bytes that is the
    group's maximum, so that their sum differs from the raw table's.
    """
    measures: Measures = {}
    for key, positions in counted.items():
        columns = REPORT_TYPES[key[0]].line_item_numbers
        for position in positions:
            for group in digests[position].groups.get(key, []):
                add(measures, key, {"rows": Decimal(1)} | {column: group[column] for column in columns})
    return measures
