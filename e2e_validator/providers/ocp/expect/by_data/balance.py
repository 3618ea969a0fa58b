"""What some payloads come to by the data: kept with the expectation, asked for its figures at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from e2e_validator.expect.measures import Measures, from_json, to_json
from e2e_validator.providers.ocp.expect.by_data.facts import Counted, Facts, facts
from e2e_validator.providers.ocp.expect.by_data.figures import figures
from e2e_validator.providers.ocp.expect.by_data.money import costs
from e2e_validator.providers.ocp.expect.by_data.roles import Owners, owners
from e2e_validator.providers.ocp.expect.by_data.tags import tag_charges
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.payload import PayloadData


@dataclass(frozen=True)
class Balance:
    """The sums of the rows that count, and the ``bill`` for them (see ``by_data.money``)."""

    facts: Facts = field(default_factory=Facts)
    bill: Measures = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        payloads: Sequence[PayloadData],
        counted: Counted,
        cost_model: CostModel | None,
        enabled_tags: Collection[str] = (),
    ) -> tuple[Balance, Owners]:
        """The balance of ``payloads``, and whose the idle capacity of each node is."""
        found, whose = facts(payloads, counted), owners(payloads, counted)
        by_label = tag_charges(payloads, counted, found, cost_model, enabled_tags)
        return cls(found, costs(found, whose, cost_model, by_label)), whose

    def figures(self, cluster_id: str, start: date, end: date, *, groupings: Sequence[str]) -> Measures:
        """The figures that the data decide; see ``by_data.figures``."""
        return figures(self.facts, self.bill, cluster_id, start, end, groupings=groupings)

    def as_json(self) -> dict[str, Any]:
        """To be kept on disk."""
        return {"facts": self.facts.as_json(), "bill": to_json(self.bill)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Balance:
        """The inverse of ``as_json``."""
        return cls(Facts.from_json(content["facts"]), from_json(content["bill"]))
