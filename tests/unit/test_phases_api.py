"""api: the ledger is read once more at the end, of every payload and up to what the API reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import context, sent

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.providers.ocp import showing as api
from e2e_validator.providers.ocp.stages import stage


def test_at_the_end_every_payload_and_its_rest_is_read_afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []

    def reader(name: str, *, several: bool = False) -> Any:
        def read(_context: Context, which: Any) -> Any:
            asked.append((name, which.index if isinstance(which, SentPayload) else which))
            one = stage(name, {}, {})
            return [one, one] if several else one

        return read

    for name in ("payload_stage", "summary_stage", "label_stage", "rate_stage", "ui_stage"):
        monkeypatch.setattr(api, name, reader(name))
    monkeypatch.setattr(api, "line_item_stages", reader("line_item_stages", several=True))
    the_context = context(tmp_path, "api")
    payload = the_context.plan.payloads[0]
    payloads = tuple(replace(payload, index=number) for number in (1, 2, 3))
    the_context.plan = replace(the_context.plan, payloads=payloads)
    the_context.state.payloads = [sent(index=number) for number in (1, 2, 3)]
    stages = api._stages_before(the_context)
    assert asked == [
        ("payload_stage", 1),
        ("payload_stage", 2),
        ("payload_stage", 3),
        # What is read of all the source must be what all payloads left.
        ("line_item_stages", 3),
        ("summary_stage", 3),
        ("label_stage", 3),
        ("rate_stage", 3),
        ("ui_stage", 3),
    ]
    assert len(stages) == 9
