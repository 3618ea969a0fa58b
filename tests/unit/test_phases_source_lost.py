"""source: an answer that got lost on its way is no reason to give up, and none to make a second source."""

from __future__ import annotations

from pathlib import Path

import pytest
from phase_context import PROVIDER, context, koku, source_state

from e2e_validator.access.http import Unreachable
from e2e_validator.access.koku import Source
from e2e_validator.engine import made_source
from e2e_validator.engine.context import Context
from e2e_validator.phases import source


@pytest.fixture
def creating(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    the_context = context(tmp_path, "source", shows=source_state())
    the_context.state.source = the_context.state.control_source = None
    koku(the_context).there[PROVIDER] = {"provider_linked": True, "name": "another"}
    monkeypatch.setattr(made_source, "APPEARANCE_SECONDS", 0.01)
    return the_context


@pytest.mark.parametrize("made", [True, False])
def test_a_lost_answer_costs_a_look_and_never_a_second_source(creating: Context, made: bool) -> None:
    asked: list[str] = []

    def lost_once(name: str) -> Source:
        asked.append(name)
        if len(asked) == 1:
            if made:
                koku(creating).there[PROVIDER] |= {"id": 7, "uuid": PROVIDER, "name": name}
            raise Unreachable("Remote end closed connection without response")
        return Source("8", PROVIDER, name, name)

    koku(creating).on_create = lost_once
    assert f"source {7 if made else 8} linked" in source.run(creating).facts
    assert len(asked) == (1 if made else 2)
