"""source: a source of this run exists, is linked to a provider, and has its copy in the tenant's schema.

What a run made before it was interrupted is taken up, never made twice.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.made_source import create
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of
from e2e_validator.life import looking


def run(context: Context) -> Outcome:
    """Create the source (and, in a negative scenario, the control payload's) and wait until both are usable."""
    facts = []
    if context.loaded.scenario.source.create:
        before = context.state.source is not None
        source, tries = create(context, context.source_key, "source")
        looking.check(context, looking.after_source)
        facts.append(f"source {source.id} linked, tenant copy there")
        if tries > 1:
            facts.append(f"made at try {tries}, Koku answered 500 before")
        elif not tries:
            facts.append("made before the interruption" if before else "the answer to its making was lost")
        facts += provider_of(context).prepare(context, again=not tries)
    else:
        facts.append(f"no source for {context.source_key}, as the scenario says")
    if context.plan.negative:
        control, _ = create(context, context.control_key, "control_source")
        facts.append(f"control payload is source {control.id}")
    return Outcome(", ".join(facts), {"source_key": context.source_key})
