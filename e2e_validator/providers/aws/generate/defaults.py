"""What a column that is not there is filled with, so that Koku takes the file; each is listed where it was used.

A cell that is there stays as it is, empty ones too. The columns are the 51 that Koku reads
(docs/contract/koku.md 4.1); those without a line here are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from e2e_validator.calendar_months import first_of_month, month_after
from e2e_validator.errors import Inconclusive
from e2e_validator.providers.aws.cost_file.columns import INTERVAL, OPTIONAL, PAYER, RECOMMENDED, START
from e2e_validator.providers.aws.cost_file.times import LATER, interval_of, stamp, start_of
from e2e_validator.providers.aws.generate.table import Table

ACCOUNT = "100000000001"
COST, USAGE_ACCOUNT, PRODUCT = "lineItem/UnblendedCost", "lineItem/UsageAccountId", "lineItem/ProductCode"
SERVICE, _END = "product/servicecode", "lineItem/UsageEndDate"
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Default:
    """What a column is filled with: in words, and from the row as far as it is filled and the file's first row."""

    column: str
    words: str
    value: Callable[[Cells, Cells], str]


def _is(text: str) -> Callable[[Cells, Cells], str]:
    return lambda _row, _first: text


def _of(value: Callable[[Cells], str]) -> Callable[[Cells, Cells], str]:
    return lambda row, _first: value(row)


def _payer(row: Cells, first: Cells) -> str:
    return first.get(USAGE_ACCOUNT) or row.get(USAGE_ACCOUNT) or ACCOUNT


def _bill_starts(row: Cells) -> str:
    return stamp(first_of_month(start_of(row)))


def _bill_ends(row: Cells) -> str:
    return stamp(month_after(start_of(row)))


# In this order: a later one may look at those before.
DEFAULTS: tuple[Default, ...] = (
    Default(START, "the beginning of identity/TimeInterval", _of(lambda row: stamp(start_of(row)))),
    Default(_END, "an hour after lineItem/UsageStartDate", _of(lambda row: stamp(start_of(row) + LATER))),
    Default(INTERVAL, "from lineItem/UsageStartDate to lineItem/UsageEndDate", _of(interval_of)),
    Default(
        "bill/BillingPeriodStartDate",
        "the first of the month of the row",
        _of(_bill_starts),
    ),
    Default(
        "bill/BillingPeriodEndDate",
        "the first of the month after it",
        _of(_bill_ends),
    ),
    Default("bill/BillType", "Anniversary", _is("Anniversary")),
    Default("bill/BillingEntity", "AWS", _is("AWS")),
    Default(PAYER, f"the lineItem/UsageAccountId of the first row, or {ACCOUNT}", _payer),
    Default(USAGE_ACCOUNT, "bill/PayerAccountId", _of(lambda row: row[PAYER])),
    Default("lineItem/LineItemType", "Usage", _is("Usage")),
    Default(
        PRODUCT, "product/servicecode, or AmazonEC2", _of(lambda row: row.get("product/servicecode") or "AmazonEC2")
    ),
    Default(SERVICE, "lineItem/ProductCode", _of(lambda row: row[PRODUCT])),
    Default("lineItem/BlendedCost", "lineItem/UnblendedCost", _of(lambda row: row[COST])),
    Default("lineItem/UsageAmount", "1", _is("1")),
    Default("lineItem/CurrencyCode", "USD", _is("USD")),
    Default("lineItem/LegalEntity", "Amazon Web Services, Inc.", _is("Amazon Web Services, Inc.")),
    Default("pricing/term", "OnDemand", _is("OnDemand")),
)
ALL = (*RECOMMENDED, *OPTIONAL)


def complete(table: Table) -> Table:
    """The table with every column that Koku reads.

    Raises:
        Inconclusive: it has no costs or no times, for which nothing can stand.
    """
    have = set(table.header)
    if COST not in have:
        raise Inconclusive(f"The file has no column {COST}: a cost that is not there has no default.")
    if not {START, INTERVAL} & have:
        raise Inconclusive(f"The file has neither {INTERVAL} nor {START}: a time has no default.")
    missing = [default for default in DEFAULTS if default.column not in have]
    header = (*table.header, *(column for column in ALL if column not in have))
    return Table(header, [_completed(row, table.rows[0], missing) for row in table.rows])


def _completed(row: Cells, first: Cells, missing: Sequence[Default]) -> dict[str, str]:
    cells = dict(row)
    for default in missing:
        cells[default.column] = default.value(cells, first)
    return cells
