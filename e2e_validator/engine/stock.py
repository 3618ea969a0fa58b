"""What is there of a scenario: things with the commands that remove them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target

# What a name tells the kind of; everything else is a row or an object.
KINDS = ("source", "cost model", "price list", "tag key")
# Our names begin so: the keys of sources and of payloads, and buckets.
OURS = "e2e-"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is there: what, how many of it, and the command that removes it.

    ``reason`` is set for what is told as information only, and says why.
    """

    what: str
    count: int
    command: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there."""

    items: tuple[Item, ...] = ()

    @property
    def left(self) -> tuple[Item, ...]:
        """What must not be there once everything was removed."""
        return tuple(item for item in self.items if not item.reason)

    @property
    def known(self) -> tuple[Item, ...]:
        """What is told as information only."""
        return tuple(item for item in self.items if item.reason)

    def counts(self) -> dict[str, int]:
        """How many are left of what."""
        found: Counter[str] = Counter()
        for item in self.left:
            found[item.what] += item.count
        return dict(found)

    def table(self) -> str:
        """A line for each thing with the command that removes it; empty when there is nothing."""
        lines = _lines("left", self.left)
        return "\n".join(lines + _lines("not ours to judge", self.known))

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """As it stands in the files."""
        return {
            "left": [asdict(item) for item in self.left],
            "not_ours_to_judge": [asdict(item) for item in self.known],
        }


def objects_below(objects: Objects, target: Target, bucket: str, prefix: str) -> list[Item]:
    """The objects of a bucket below a prefix, as one thing; nothing where there are none."""
    count = sum(1 for _ in objects.keys(bucket, prefix))
    return [object_item(target, bucket, prefix, count)] if count else []


def object_item(target: Target, bucket: str, key: str, count: int) -> Item:
    """An object, or those below a prefix that ends in ``/``; with an empty one all of the bucket."""
    several = "" if key and not key.endswith("/") else " --recursive"
    where = f"s3://{bucket}/{key}"
    return Item(where, count, f"aws --endpoint-url {target.s3_url} s3 rm{several} {where}")


def _lines(title: str, items: Sequence[Item]) -> list[str]:
    if not items:
        return []
    wide = max(len(item.what) for item in items)
    lines = [f"{title:<{wide}}  count  remove it with"]
    for item in items:
        reason = f"  ({item.reason})" if item.reason else ""
        lines.append(f"{item.what:<{wide}}  {item.count:>5}  {item.command}{reason}")
    return lines
