"""What the processes of a run tell each other of the neighbour: small texts in a file of the run's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from e2e_validator.engine.run_state import Run
from e2e_validator.whole_file import write_whole

# No scenario can have this name.
FOLDER, MARKS = "neighbour-source", "marks.json"

MADE = "made"
"""It was made, and its payloads are on their way."""
TROUBLE = "trouble"
"""Why it could not be made."""
WHOLE = "whole"
"""Its payloads came through."""
WAITED = "waited"
"""A scenario has waited for it to be whole; the next need not."""
ASKED = "asked"
"""It was asked for anew: the times of its summaries before, as JSON."""
CHANGED = "changed"
"""The scenario beside which it changed."""


@contextmanager
def locked(run: Run) -> Iterator[None]:
    """Alone with the neighbour among the processes of the run."""
    with FileLock(run.scenario_folder(FOLDER) / "lock"):
        yield


def marks(run: Run) -> dict[str, str]:
    """All of them; none before the neighbour is begun."""
    path = _path(run)
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def mark(run: Run, **told: str | None) -> None:
    """Set marks; None takes one away."""
    kept = {name: text for name, text in (marks(run) | told).items() if text is not None}
    write_whole(_path(run), json.dumps(kept, indent=1))


def _path(run: Run) -> Path:
    return run.folder / FOLDER / MARKS
