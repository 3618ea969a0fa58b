"""One payload in several tarballs: a part may hold a file without rows alone, a whole payload may not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from e2e_validator.engine.context import Context
from e2e_validator.errors import HarnessError
from e2e_validator.phases import convert
from e2e_validator.providers.ocp import comparing
from e2e_validator.providers.ocp.stages import stage
from e2e_validator.scenario.model import Source
from e2e_validator.waiting import done


def converting(monkeypatch: pytest.MonkeyPatch, *, rest_comes_later: bool) -> Context:
    """A conversion that has ended, with no row anywhere and none expected."""
    monkeypatch.setattr(convert, "StallMonitor", lambda *_parts: None)
    for name in ("archive_stages", "line_item_stages", "text_stages"):
        monkeypatch.setattr(comparing, name, lambda *_looked, name=name: [stage(name, {}, {})])
    monkeypatch.setattr(comparing, "other_keys", lambda _context: frozenset())
    monkeypatch.setattr("e2e_validator.life.looking.check", lambda *_looked: None)
    monkeypatch.setattr("e2e_validator.providers.ocp.ros.check", lambda *_looked: None)
    waiter = SimpleNamespace(wait_for=lambda *_what: done("1 of 1 files done"))
    sent = SimpleNamespace(rest_comes_later=rest_comes_later)
    return cast(
        "Context",
        SimpleNamespace(
            waiter=lambda: waiter,
            observe=lambda: None,
            base="convert",
            loaded=SimpleNamespace(scenario=SimpleNamespace(source=Source())),
            manifest=lambda _state: SimpleNamespace(id=1),
            sent=sent,
            payload_index=1,
        ),
    )


def test_a_part_without_rows_compares_that_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert convert.run(converting(monkeypatch, rest_comes_later=True)).facts == "1 of 1 files done, 0 line items"


def test_a_whole_payload_without_rows_compares_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HarnessError, match="nothing was compared"):
        convert.run(converting(monkeypatch, rest_comes_later=False))
