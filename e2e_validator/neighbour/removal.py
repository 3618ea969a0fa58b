"""The end of the neighbour: removed as a scenario's source is, when the run's last scenario has cleaned up."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.neighbour import control
from e2e_validator.neighbour.marks import WHOLE, marks
from e2e_validator.phases import cleanup


def remove(context: Context) -> Outcome | None:
    """Remove the neighbour and everything of it; None where the run has none.

    An embedded stack ends with its run, and everything on it.

    Raises:
        PhaseSkipped: it is to be kept; says what removes it.
        CleanupIncomplete: something of it is left.
    """
    if context.target.kind == "embedded" or not control.is_there(context.run):
        return None
    own = control.of(context)
    own.phase = "cleanup"
    # What Koku may still be writing of it has to be waited out, as with a scenario that was cut short.
    own.state.verdicts = {"ingest": "PASSED", "manifest": "PASSED" if WHOLE in marks(context.run) else "INTERRUPTED"}
    outcome = cleanup.run(own)
    control.forget(own)
    return outcome
