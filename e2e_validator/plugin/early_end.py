"""A run that ends before its time: every scenario still cleans up, in whichever process it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path

from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.engine.runner import INTERRUPTED
from e2e_validator.slowness import expired

# How long the controller waits for the cleanups in its workers; xdist itself would kill them after ten seconds.
PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.1


def needs_cleanup(folder: Path) -> bool:
    """Whether the scenario of this folder made something and has not cleaned up, or was interrupted while it did."""
    if not (folder / "state.json").exists():
        return False
    state = ScenarioState.load(folder)
    made = state.source is not None or state.control_source is not None or bool(state.payloads)
    return made and state.verdicts.get("cleanup") in (None, INTERRUPTED)


def wait_for_cleanups(
    run: Run, scenarios: Collection[str] | None = None, *, workers_left: Callable[[], bool] = lambda: True
) -> None:
    """Stop the run and wait until the workers have cleaned up; nothing to do when all scenarios came to their end.

    ``scenarios`` are those whose turn has come, in a run that goes on; the others are not cleaned up by it.
    ``workers_left`` says whether there is a worker left that could.
    """
    if not run.folder.is_dir():
        return
    began = time.monotonic()
    folders = [folder for folder in run.folder.iterdir() if scenarios is None or folder.name in scenarios]
    while any(needs_cleanup(folder) for folder in folders if folder.is_dir()):
        run.stop("")
        if expired(PATIENCE_SECONDS, began) or not workers_left():
            return
        time.sleep(_POLL_SECONDS)
