"""What the CSV files say, added up: each row of the last assembly of a month is in exactly one place."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.aws.cost_file.reading import UnreadableFileError, lines_of
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES, UNDECIDED, costs, usage

# The parts of a key: where a row stands. ``kinds`` are those of ``storage``, ``compute`` and ``instance`` (of EC2) that
# it is of, with a blank between them; ``resource`` is that of an instance.
PARTS = ("day", "account", "service", "kinds", "resource")
STORAGE, INSTANCE, COMPUTE = "storage", "instance", "compute"
NO_DAY = ""
# Beside the sums of rows that are of several currencies: how many.
CURRENCIES = "currencies"


@exactly
def facts(manifests: Sequence[Path]) -> Measures:
    """The sums of each (day of use, account, service, kinds, resource): the four costs, and ``usage``.

    A month is what the last assembly of it says, all of it. Of what a row does not say the sum is undecided (NaN), and
    so are costs of several currencies. A file that cannot be read adds nothing.
    """
    last: dict[str, tuple[Path, list[str]]] = {}
    for manifest in manifests:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        folder = manifest.parent / content["assemblyId"]
        names = [str(key).rpartition("/")[2] for key in content["reportKeys"]]
        last[content["billingPeriod"]["start"]] = (folder, names)
    found: Measures = {}
    currencies: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for folder, names in last.values():
        for name in names:
            for cells in _rows(folder / name):
                where = _where(cells)
                currencies[where].add(cells.get("lineItem/CurrencyCode", ""))
                add(found, where, {**costs(cells), "usage": usage(cells)})
    for where, names_of in currencies.items():
        if len(names_of) > 1:
            found[where] = {**found[where], **dict.fromkeys(COST_TYPES, UNDECIDED), CURRENCIES: Decimal(len(names_of))}
    return found


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    try:
        for line in lines_of(path):
            yield line.cells
    except UnreadableFileError:
        return


def _where(cells: Mapping[str, str]) -> tuple[str, ...]:
    family, code = cells.get("product/productFamily", ""), cells.get("lineItem/ProductCode", "")
    service = code
    if cells.get("bill/BillingEntity") == "AWS Marketplace":
        service = cells.get("product/ProductName") or code
    instance = code == "AmazonEC2" and "Compute Instance" in family and bool(cells.get("lineItem/ResourceId"))
    there = {
        STORAGE: "Storage" in family and cells.get("pricing/unit") == "GB-Mo",
        COMPUTE: bool(cells.get("product/instanceType")),
        INSTANCE: instance,
    }
    kinds = " ".join(kind for kind, is_one in there.items() if is_one)
    resource = cells["lineItem/ResourceId"] if instance else ""
    return _day(cells), cells.get("lineItem/UsageAccountId", ""), service, kinds, resource


def _day(cells: Mapping[str, str]) -> str:
    """The day of use in UTC; of a row that has none, the day on which its interval begins."""
    for text in (cells.get("lineItem/UsageStartDate", ""), cells.get("identity/TimeInterval", "").partition("/")[0]):
        try:
            when = datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        return (when.astimezone(UTC) if when.tzinfo else when).date().isoformat()
    return NO_DAY


def undecided(row: Mapping[str, Decimal]) -> tuple[str, ...]:
    """The fields of a row that the data do not say."""
    return tuple(name for name, value in row.items() if value.is_nan())
