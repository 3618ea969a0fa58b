"""parquet: every file is DONE, its bill is there, and its rows stand in the parquet objects, whole and once.

DONE alone proves nothing (docs/contract/clouds.md 13); the objects do: where they lie, their columns, rows and sums.
Where the target names a Trino, its tables over them must hold the same.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.polled_source import archived_of
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life import looking
from e2e_validator.life.early import unless_early
from e2e_validator.phases import convert
from e2e_validator.waiting import Reading, pending
from e2e_validator.waiting.reading import Progress


def run(context: Context) -> Outcome:
    """Wait until every file is done and left its objects, then compare what was made of it."""
    reading = context.waiter().wait_for("parquet", StallMonitor(context, unless_early(look)))
    compared = provider_of(context).compare(context)
    looking.check(context, looking.after_conversion)
    facts = f"{reading.seen}, {compared.facts}"
    return Outcome(facts, {**reading.facts, **compared.data}, {"ledger.txt": compared.lines})


def look(context: Context) -> Reading:
    """Where the conversion stands: files that say DONE, then what there must be of them.

    Bill and objects are written before a file is DONE (docs/contract/clouds.md 4), so what is not there then is not
    late but missing; it is waited for all the same, because it may be made anew.
    """
    reading = convert.look(context)
    if reading.progress is not Progress.DONE or not context.months:
        return reading
    state = context.observe()
    manifest = context.manifest(state)
    billed = [month for month in context.months if state.period(month) is not None]
    if manifest is None or not billed:
        return pending(f"{reading.seen}, and no bill of {context.months[0]}", **reading.facts)
    archived = archived_of(context)
    if archived is None:
        return pending(f"{reading.seen}, and the archive does not answer", **reading.facts)
    lacking = [*archived.missing(manifest.id), *archived.broken(manifest.id)]
    if lacking or not archived.has_parquet(manifest.id):
        what = lacking[0] if lacking else "any parquet"
        return pending(f"{reading.seen}, without {what}", **reading.facts)
    return reading
