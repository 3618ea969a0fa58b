"""Tag keys are known to Koku when it says so and is through with the payload that has them, and not before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from phase_context import NOTHING, PROVIDER, context, file, manifest, sent, source_state

from e2e_validator.access.source_state import SourceState
from e2e_validator.providers.ocp.control.generators import control_generators
from e2e_validator.providers.ocp.tag_discovery import look
from e2e_validator.waiting import Reading
from e2e_validator.waiting.reading import Progress

KEYS = ["environment", "team"]


def read(folder: Path, shows: SourceState, *unknown: str) -> Reading:
    the_context: Any = context(folder, "source", shows=shows)
    the_context.clients.tags = SimpleNamespace(unknown_tags=lambda keys: [key for key in keys if key in unknown])
    return look(the_context, PROVIDER, sent(control=True), KEYS)


def through(**change: Any) -> SourceState:
    return source_state(manifest(uuid="uuid-w", **change))


@pytest.mark.parametrize(
    ("shows", "unknown", "progress", "seen"),
    [
        (through(), (), Progress.DONE, "known"),
        (through(), ("team",), Progress.PENDING, "not known yet: team"),
        (through(completed=None), (), Progress.PENDING, "known; its manifest is not completed yet"),
        (through(completed=None), ("team", "environment"), Progress.PENDING, "not known yet: environment, team"),
        (NOTHING, (), Progress.PENDING, "no manifest row yet"),
        (source_state(manifest(uuid="another")), (), Progress.PENDING, "no manifest row yet"),
        (through(reports=(file(), file("FAILED"))), (), Progress.DEAD, "a file of it FAILED"),
    ],
)
def test_where_the_introduction_stands(
    tmp_path: Path, shows: SourceState, unknown: tuple[str, ...], progress: Progress, seen: str
) -> None:
    reading = read(tmp_path, shows, *unknown)
    assert (reading.progress, reading.seen) == (progress, seen)


def test_the_payload_has_a_label_for_each_key() -> None:
    (generator,) = (one["OCPGenerator"] for one in control_generators(KEYS))
    (pod,) = generator["nodes"][0]["namespaces"]["control"]["pods"]
    assert pod["labels"] == "label_app:control payload|label_environment:control payload|label_team:control payload"
