"""What phases meet of money without servers: an API with cost models and price lists, and masu with tag keys."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.access.http import Unreachable

MODEL, LIST = "model-1", "list-1"


def as_it_is(_answer: dict[str, Any]) -> None:
    """Change nothing."""


@dataclass
class PricedKoku:
    """Keeps one cost model; ``change`` is done to it before it is answered, ``stuck`` things cannot be deleted."""

    change: Callable[[dict[str, Any]], None] = as_it_is
    gone: bool = False
    stuck: frozenset[str] = frozenset()
    unmoved: bool = False
    sent: list[dict[str, Any]] = field(default_factory=list)
    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def create_cost_model(self, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(body)
        answer = copy.deepcopy(body) | {"uuid": MODEL}
        answer["sources"] = [{"uuid": uuid} for uuid in answer.pop("source_uuids")]
        answer["price_lists"] = [{"uuid": LIST}] if body["rates"] else []
        self.there = {MODEL: answer, LIST: {"uuid": LIST, "name": "prices", "rates": body["rates"]}}
        self.change(answer)
        return {"uuid": MODEL}

    def cost_model(self, uuid: str) -> dict[str, Any] | None:
        if self.gone:
            raise Unreachable("the API did not answer")
        return self.there.get(uuid)

    def move_price_list(self, uuid: str, start: str, end: str) -> dict[str, Any]:
        days = {"effective_start_date": start, "effective_end_date": end}
        if not self.unmoved:
            self.there[uuid] |= days
        return {"effective_start_date": "2026-03-01", "effective_end_date": "2099-12-31"} | self.there[uuid]

    def price_list_exists(self, uuid: str) -> bool:
        return uuid in self.there

    def delete_cost_model(self, uuid: str) -> None:
        self._delete(uuid)

    def delete_price_list(self, uuid: str) -> None:
        self._delete(uuid)

    def delete_source(self, source_id: str) -> None:
        self._delete(source_id)

    def _delete(self, uuid: str) -> None:
        self.deleted.append(uuid)
        if uuid not in self.stuck:
            self.there.pop(uuid, None)


@dataclass
class TagKeys:
    """The tag keys of an organisation; ``stuck`` ones stay as they are."""

    title = "masu"
    enabled: set[str] = field(default_factory=set)
    stuck: frozenset[str] = frozenset()

    def unknown_tags(self, _keys: list[str]) -> list[str]:
        return []

    def enabled_among(self, keys: list[str]) -> set[str]:
        return set(keys) & set(self.enabled_tags())

    def command(self, action: str, key: str) -> str:
        return f"{'disable' if action == 'delete' else 'enable'} {key}"

    def enabled_tags(self) -> list[str]:
        return sorted(self.enabled)

    def change_tags(self, action: str, keys: list[str]) -> None:
        changed = set(keys) - self.stuck
        self.enabled = self.enabled | changed if action == "create" else self.enabled - changed
