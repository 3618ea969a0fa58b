"""What the controller and the workers of a run tell each other; without workers nothing is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from e2e_validator.errors import Blocked
from e2e_validator.plugin import handover
from e2e_validator.plugin.run_record import ScenarioRecord

# The notes in which workers tell which of the collected items are phases, what their scenarios are, and which of
# these cannot be run.
_PHASES, _RECORDS, _LEFT_OUT = "phases", "scenarios", "without-"


class Exchange:
    """One process's end of the folder that the run's processes share; ``worker`` is None in the controller."""

    def __init__(self, path: Path, worker: str | None) -> None:
        """Nothing is made yet: a controller without workers needs no folder."""
        self._path = path
        self._worker = worker
        self._folder: handover.Folder | None = None

    def open(self) -> None:
        """Make the folder or join it; it stays until the controller closes it.

        Raises:
            OSError: it cannot be made.
        """
        if self._folder is None:
            self._folder = handover.Folder.at(self._path)

    def close(self) -> None:
        """Remove the folder, with the secrets in it; a worker leaves it to its controller."""
        if self._folder is not None and self._worker is None:
            self._folder.remove()

    def leave_scenarios(self, phases: Sequence[str], records: Mapping[str, ScenarioRecord]) -> None:
        """As a worker: tell the controller, which collects nothing, the node ids of the phases, and their scenarios."""
        if self._worker is not None:
            self.open()
            handover.leave_note(self._path, _RECORDS, [record.as_json(name) for name, record in records.items()])
            handover.leave_note(self._path, _PHASES, list(phases))

    def phases(self) -> frozenset[str]:
        """The node ids that workers have left."""
        return frozenset(handover.note(self._path, _PHASES))

    def records(self) -> dict[str, ScenarioRecord]:
        """The scenarios that workers have left."""
        return dict(map(ScenarioRecord.from_json, handover.note(self._path, _RECORDS)))

    def leave_left_out(self, why: str, scenarios: list[str]) -> None:
        """As a worker: tell the controller which scenarios were selected and cannot be run."""
        if self._worker is not None:
            self.open()
            handover.leave_note(self._path, f"{_LEFT_OUT}{why}", scenarios)

    def left_out(self) -> dict[str, list[str]]:
        """The scenarios that workers have left out, by the reason."""
        notes = sorted(self._path.glob(f"{_LEFT_OUT}*"))
        return {note.name.removeprefix(_LEFT_OUT): handover.note(self._path, note.name) for note in notes}

    def leave_secrets(self, scenario: str, found: list[str]) -> None:
        """As a worker: tell the controller what it must mask too."""
        if self._worker is not None:
            self.open()
            handover.leave_secrets(self._path, f"{self._worker}-{scenario}", found)

    def secrets(self) -> list[str]:
        """As the controller: what workers have left to be masked."""
        return handover.secrets_of_workers(self._path) if self._worker is None else []

    def leave_target(self, word: handover.Word) -> None:
        """As the controller: tell the workers the target, or why there is none."""
        if self._folder is not None:
            handover.leave(self._path, word)

    def target(self) -> handover.Word:
        """As a worker: what the controller says of the target, as soon as it does.

        Raises:
            Blocked: it says nothing, or there is no controller.
        """
        if self._worker is None:
            raise Blocked("The run has not begun.")
        return handover.fetch(self._path)
