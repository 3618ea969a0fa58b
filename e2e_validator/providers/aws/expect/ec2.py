"""The EC2 compute table: instances of a month (docs/contract/clouds.md 8, 19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from e2e_validator.expect.measures import Key, Measures, exactly, numbered
from e2e_validator.providers.aws.expect.daily import DailyKey, DailyRow
from e2e_validator.providers.aws.expect.summary import Group, enabled_part

_TEXTS = {
    "account": "lineitem_usageaccountid",
    "instance_type": "product_instancetype",
    "operating_system": "product_operatingsystem",
    "region": "product_region",
    "unit": "pricing_unit",
}
NAMES = (
    "first_day", "last_day", "resource", "account", "instance_type", "operating_system", "region", "vcpu", "memory",
    "unit", "currency", "tags", "categories",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instance:
    """A row of the table: one resource with one set of tags and categories, and what it came to in the month."""

    first_day: str
    last_day: str
    resource: str
    account: str
    instance_type: str
    operating_system: str
    region: str
    vcpu: str
    memory: str
    unit: str
    currency: str
    tags: str
    categories: str
    values: Mapping[str, Decimal]

    def key(self) -> Key:
        """All its texts, in the order of ``NAMES``."""
        return tuple(str(getattr(self, name)) for name in NAMES)


def is_instance(key: DailyKey) -> bool:
    """Whether a row is of an EC2 instance."""
    return (
        key.text("lineitem_productcode") == "AmazonEC2"
        and "Compute Instance" in key.text("product_productfamily")
        and bool(key.text("lineitem_resourceid"))
    )


@exactly
def instances(
    daily: Iterable[tuple[DailyKey, DailyRow]],
    *,
    disabled: Collection[str] = (),
    markup: Decimal = Decimal(0),
) -> list[Instance]:
    """The rows of one month: a resource has one for each set of tags and categories of its last day.

    Each has the resource's whole cost; costs of usage that a savings plan covers count 0.
    """
    resources: dict[str, list[tuple[DailyKey, DailyRow]]] = defaultdict(list)
    for key, row in daily:
        if is_instance(key):
            resources[key.text("lineitem_resourceid")].append((key, row))
    keys = frozenset(disabled)
    found = []
    for resource, rows in resources.items():
        group = Group.empty()
        for key, row in rows:
            group.add(key, row, covered_counts=False)
        first, last = min(key.day for key, _ in rows), max(key.day for key, _ in rows)
        texts = {name: max(key.text(column) for key, _ in rows) for name, column in _TEXTS.items()}
        texts["vcpu"] = max(row.texts["product_vcpu"] for _, row in rows)
        texts["memory"] = max(row.texts["product_memory"] for _, row in rows)
        for tags, categories in sorted({(key.tags, key.categories) for key, _ in rows if key.day == last}):
            found.append(
                Instance(
                    first_day=first,
                    last_day=last,
                    resource=resource,
                    currency=group.currency,
                    tags=enabled_part(tags, keys),
                    categories=categories,
                    values=group.values(markup),
                    **texts,
                )
            )
    return found


def measured(rows: Iterable[Instance]) -> Measures:
    """The rows keyed by all their texts; of several that look alike each is there."""
    twins: dict[Key, list[dict[str, Decimal]]] = defaultdict(list)
    for row in rows:
        twins[row.key()].append(dict(row.values))
    return numbered(twins)
