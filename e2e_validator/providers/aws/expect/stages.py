"""What each place of the flow must hold after an assembly, as ``expect.ledger`` compares it."""

from __future__ import annotations

from decimal import Decimal

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.aws.expect.columns import SUMMED
from e2e_validator.providers.aws.expect.package import Package
from e2e_validator.providers.aws.expect.replay import Lake, Place

FILES, DAILY_CSV, RAW, DAILY, BILL = "files", "daily_csv", "raw_parquet", "daily_parquet", "bill"
RAW_TEXTS, DAILY_TEXTS = "raw_texts", "daily_texts"
CSV_SUMS, RAW_BY_DAY, DAILY_BY_DAY, PARTITIONS = "daily_csv_sums", "raw_by_day", "daily_by_day", "partitions"
SUMMARY, UI, EC2 = "summary", "ui", "ec2"
# Koku's classic stack has no line items in PostgreSQL, which is where the diagnosis would look for them.
LINE_ITEMS = "line_items"


def _key(place: Place) -> tuple[str, ...]:
    return place.month, place.day, str(place.payload), place.base


@exactly
def files(package: Package) -> Measures:
    """The files of an assembly by (name, day of the interval): rows, and the sums of the numeric columns."""
    return {
        (file.name, day): {"rows": Decimal(content.rows), **content.sums}
        for file in package.files
        for day, content in file.days.items()
    }


def daily_csv(lake: Lake) -> Measures:
    """The day CSVs in S3 by (month, day, position of the assembly that wrote it, file up to its first dot)."""
    return {
        _key(place): {"rows": Decimal(content.rows), "columns": Decimal(lake.columns[place])}
        for place, content in lake.csv.items()
    }


@exactly
def csv_sums(lake: Lake) -> Measures:
    """The day CSVs once more: the sums of the numeric columns."""
    return {_key(place): dict(content.sums) for place, content in lake.csv.items()}


@exactly
def raw_parquet(lake: Lake) -> Measures:
    """The raw parquet files, keyed as ``daily_csv``: rows, and the sums of the numeric columns."""
    return {_key(place): {"rows": Decimal(content.rows), **content.sums} for place, content in lake.parquet.items()}


@exactly
def daily_parquet(lake: Lake) -> Measures:
    """The daily parquet files, keyed as ``daily_csv``: groups, and the sums of the numeric columns."""
    return {
        _key(place): {"rows": Decimal(len(content.daily)), **content.daily_sums()}
        for place, content in lake.parquet.items()
    }


def raw_texts(lake: Lake) -> Measures:
    """The texts of the raw parquet files; see ``texts``."""
    found: Measures = {}
    for place, content in lake.parquet.items():
        found |= content.texts.measures(_key(place))
    return found


def daily_texts(lake: Lake) -> Measures:
    """The texts of the daily parquet files."""
    found: Measures = {}
    for place, content in lake.parquet.items():
        found |= content.daily_texts().measures(_key(place))
    return found


@exactly
def raw_by_day(lake: Lake) -> Measures:
    """The rows of all raw parquet files by (month, day of UsageStartDate): what Trino's table of them must hold."""
    found: Measures = {}
    for place, content in lake.parquet.items():
        for key, row in content.daily.items():
            sums = {name: row.numbers[name] for name in SUMMED}
            add(found, (place.month, key.day), {"rows": Decimal(row.rows), **sums})
    return found


@exactly
def daily_by_day(lake: Lake) -> Measures:
    """The groups of all daily parquet files, keyed as ``raw_by_day``."""
    found: Measures = {}
    for place, content in lake.parquet.items():
        for key, row in content.daily.items():
            add(found, (place.month, key.day), {"rows": Decimal(1), **row.numbers})
    return found


def partitions(lake: Lake) -> Measures:
    """The months that have a parquet file, each of which is a partition of Trino's tables."""
    return {(place.month,): {"rows": Decimal(1)} for place in lake.parquet}


def bills(lake: Lake) -> Measures:
    """The bills by (month, payer)."""
    return {(month, payer): {"rows": Decimal(1)} for month, payer in lake.bills.items()}
