"""Tasks that wait and are not taken."""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.finding import Finding


def not_taken(case: Case) -> Finding | None:
    """A task of this source waits in its queue: no fault of its own, the worker will take it when it comes back."""
    if case.dead or not case.queued:
        return None
    return Finding(
        "not_taken",
        f"{case.queued[0]} waits in its queue and no worker takes it",
        {"queued": list(case.queued)},
        "start or scale the worker of that queue; the task is not lost",
        final=False,
    )
