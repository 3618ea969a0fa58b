"""The rows of ``reporting_awscostentrylineitem_daily_summary`` (docs/contract/clouds.md 8)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.measures import Key, Measures, exactly, numbered
from e2e_validator.providers.aws.expect.columns import (
    BLENDED,
    BLENDED_RATE,
    EFFECTIVE,
    FACTOR,
    NORMALIZED,
    PUBLIC,
    PUBLIC_RATE,
    UNBLENDED,
    UNBLENDED_RATE,
    USAGE,
)
from e2e_validator.providers.aws.expect.daily import DailyKey, DailyRow
from e2e_validator.providers.aws.expect.doubles import rounded, shortest

MARKETPLACE = "AWS Marketplace"
COVERED, NEGATION = "SavingsPlanCoveredUsage", "SavingsPlanNegation"
PLANNED = frozenset({COVERED, NEGATION, "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee"})

# The four costs a report can show, each with its markup and the decimals that the markup is kept with.
MARKUPS = {
    "unblended_cost": ("markup_cost", 9),
    "blended_cost": ("markup_cost_blended", 15),
    "savingsplan_effective_cost": ("markup_cost_savingsplan", 15),
    "calculated_amortized_cost": ("markup_cost_amortized", 9),
}
COSTS = tuple(MARKUPS)
MONEY = (*COSTS, *(name for name, _ in MARKUPS.values()))
NAMES = (
    "day", "account", "product_code", "product_family", "az", "region", "instance_type", "unit", "currency",
    "tags", "categories", "resources",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A row of the daily summary; '' is NULL. ``tags`` and ``categories`` are JSON texts, ``values`` its numbers."""

    day: str
    account: str
    product_code: str
    product_family: str
    az: str
    region: str
    instance_type: str
    unit: str
    currency: str
    tags: str
    categories: str
    resources: tuple[str, ...]
    values: Mapping[str, Decimal]

    def key(self) -> Key:
        """All its texts, in the order of ``NAMES``."""
        texts = (str(getattr(self, name)) for name in NAMES[:-1])
        return (*texts, json.dumps(list(self.resources), ensure_ascii=False))


@dataclass(slots=True)
class Group:
    """What the daily rows of one group come to, before anything is rounded."""

    numbers: dict[str, Decimal]
    resources: set[str]
    currency: str = ""

    @classmethod
    def empty(cls) -> Group:
        """A group without rows."""
        return cls({}, set())

    def add(self, key: DailyKey, row: DailyRow, *, covered_counts: bool = True) -> None:
        """One daily row more; ``covered_counts``: the costs of covered usage are counted too."""
        line_type = key.text("lineitem_lineitemtype")
        numbers = row.numbers
        none = Decimal(0)
        shown = covered_counts or line_type != COVERED
        summed = {
            "usage_amount": none if line_type == NEGATION else numbers[USAGE],
            "normalized_usage_amount": numbers[NORMALIZED],
            "unblended_cost": numbers[UNBLENDED] if shown else none,
            "blended_cost": numbers[BLENDED] if shown else none,
            "savingsplan_effective_cost": numbers[EFFECTIVE],
            "public_on_demand_cost": numbers[PUBLIC],
            "calculated_amortized_cost": numbers[EFFECTIVE] if line_type in PLANNED else numbers[UNBLENDED],
        }
        highest = {
            "normalization_factor": numbers[FACTOR],
            "unblended_rate": numbers[UNBLENDED_RATE],
            "blended_rate": numbers[BLENDED_RATE],
            "public_on_demand_rate": numbers[PUBLIC_RATE],
        }
        for name, value in summed.items():
            self.numbers[name] = self.numbers.get(name, none) + value
        for name, value in highest.items():
            self.numbers[name] = max(self.numbers.get(name, value), value)
        self.resources.add(key.text("lineitem_resourceid"))
        self.currency = max(self.currency, row.texts["lineitem_currencycode"])

    def values(self, markup: Decimal) -> dict[str, Decimal]:
        """The numbers of the row that Koku writes, with the markup (a fraction, as 0.1)."""
        found = {name: rounded(value) for name, value in self.numbers.items()}
        for name in ("normalization_factor", "normalized_usage_amount"):
            found[name] = shortest(self.numbers[name])
        for cost, (name, places) in MARKUPS.items():
            found[name] = rounded(self.numbers[cost] * markup, places)
        return found


def product_code(key: DailyKey, row: DailyRow) -> str:
    """The service that a row is shown under: of the marketplace the product's name, else its code."""
    code = key.text("lineitem_productcode")
    if key.text("bill_billingentity") == MARKETPLACE:
        return row.texts["product_productname"] or code
    return code


@lru_cache(maxsize=65536)
def enabled_part(tags: str, disabled: frozenset[str]) -> str:
    """The tags whose key is enabled."""
    if not disabled:
        return tags
    return json.dumps(
        {key: value for key, value in json.loads(tags).items() if key not in disabled}, ensure_ascii=False
    )


@exactly
def summary_rows(
    daily: Iterable[tuple[DailyKey, DailyRow]],
    window: tuple[str, str],
    *,
    disabled: Collection[str] = (),
    markup: Decimal = Decimal(0),
) -> list[SummaryRow]:
    """The rows of the days ``window`` (both included), of the daily parquet files of one month.

    ``disabled`` are the keys of tags that are disabled now.

    Raises:
        Inconclusive: a row has no product code; it was never seen what Koku does then.
    """
    groups: dict[tuple[str, ...], Group] = defaultdict(Group.empty)
    for key, row in daily:
        if not window[0] <= key.day <= window[1]:
            continue
        if not product_code(key, row):
            raise Inconclusive(f"A row of {key.day} has no lineItem/ProductCode: nothing can be expected of its month.")
        groups[_group(key, row)].add(key, row)
    keys = frozenset(disabled)
    return [
        SummaryRow(
            day, account, code, family, zone, region, instance, unit, group.currency,
            enabled_part(tags, keys), categories, tuple(sorted(group.resources)),
            group.values(markup) | {"resource_count": Decimal(len(group.resources))},
        )
        for (day, _, code, _, account, zone, family, region, tags, categories, instance, unit), group in groups.items()
    ]  # fmt: skip


def _group(key: DailyKey, row: DailyRow) -> tuple[str, ...]:
    return (
        key.day,
        key.text("bill_billingentity"),
        product_code(key, row),
        f"{key.text('lineitem_productcode')}\0{row.texts['product_productname']}",
        key.text("lineitem_usageaccountid"),
        key.text("lineitem_availabilityzone"),
        key.text("product_productfamily"),
        key.text("product_region"),
        key.tags,
        key.categories,
        key.text("product_instancetype"),
        key.text("pricing_unit"),
    )


def measured(rows: Iterable[SummaryRow]) -> Measures:
    """The rows keyed by all their texts; of several that look alike each is there."""
    twins: dict[Key, list[dict[str, Decimal]]] = defaultdict(list)
    for row in rows:
        twins[row.key()].append(dict(row.values))
    return numbered(twins)
