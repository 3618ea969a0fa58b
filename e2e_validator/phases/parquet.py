"""parquet: every file is DONE, and its rows stand in the parquet objects, whole and once.

DONE alone proves nothing (docs/contract/clouds.md 13); the objects do: where they lie, their columns, rows and sums.
Where the target names a Trino, its tables over them must hold the same.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life import looking
from e2e_validator.life.early import unless_early
from e2e_validator.phases.convert import look


def run(context: Context) -> Outcome:
    """Wait until every file is done, then compare what was made of it."""
    reading = context.waiter().wait_for("parquet", StallMonitor(context, unless_early(look)))
    compared = provider_of(context).compare(context)
    looking.check(context, looking.after_conversion)
    facts = f"{reading.seen}, {compared.facts}"
    return Outcome(facts, {**reading.facts, **compared.data}, {"ledger.txt": compared.lines})
