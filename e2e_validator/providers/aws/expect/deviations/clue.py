"""Why a figure may be another one than the data say: a known deviation, and what it affects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Key


@dataclass(frozen=True, slots=True)
class Clue:
    """A known deviation ``name`` in these data, as one ``sentence``.

    It changes figures of these ``days``; of each of the other parts only those named, all of them if it names none.
    ``most`` is the most by which it can change a figure, None if there is no limit.
    """

    name: str
    sentence: str
    days: tuple[str, ...]
    reports: tuple[str, ...] = ()
    cost_types: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    most: Decimal | None = None

    def covers(self, key: Key, field: str, size: Decimal | None = None) -> bool:
        """Whether it may change a figure of the row ``key``, keyed as ``by_data.figures``, by ``size``."""
        report, cost_type, grouping, group, period = key
        if size is not None and self.most is not None and size > self.most:
            return False
        groups = {"account": self.accounts, "service": self.services, "resource": self.resources}.get(grouping, ())
        # What depends on the cost alone leaves usage as it is, and usage is the same for each of the costs.
        return (
            (not self.reports or report in self.reports)
            and (field == "usage" or not self.cost_types or cost_type in self.cost_types)
            and (not self.fields or field in self.fields)
            and (not groups or group in groups)
            and any(day.startswith(period) for day in self.days)
        )

    def as_json(self) -> dict[str, Any]:
        """To be kept on disk."""
        names = ("days", "reports", "cost_types", "fields", "accounts", "services", "resources")
        most = None if self.most is None else str(self.most)
        texts = {"name": self.name, "sentence": self.sentence, "most": most}
        return texts | {name: list(getattr(self, name)) for name in names}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Clue:
        """The inverse of ``as_json``."""
        most = None if content["most"] is None else Decimal(content["most"])
        parts = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
        return cls(name=content["name"], sentence=content["sentence"], most=most, **parts)
