"""source: a source of this run exists, is linked to a provider, and has its copy in the tenant's schema.

What a run made before it was interrupted is taken up, never made twice.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.made_source import create
from e2e_validator.engine.outcome import Outcome
from e2e_validator.life import looking
from e2e_validator.providers.ocp.prices import set_prices
from e2e_validator.providers.ocp.reports import look_before


def run(context: Context) -> Outcome:
    """Create the source (and, in a negative scenario, the witness's) and wait until both are usable."""
    facts = []
    if context.loaded.scenario.source.create:
        before = context.state.source is not None
        source, tries = create(context, context.cluster_id, "source")
        looking.check(context, looking.after_source)
        facts.append(f"source {source.id} linked, tenant copy there")
        if tries > 1:
            facts.append(f"made at try {tries}, Koku answered 500 before")
        elif not tries:
            facts.append("made before the interruption" if before else "the answer to its making was lost")
        facts += set_prices(context, again=not tries)
        if context.loaded.scenario.look_before:
            look_before(context)
            facts.append("no figures in the reports yet")
    else:
        facts.append(f"no source for {context.cluster_id}, as the scenario says")
    if context.plan.negative:
        witness, _ = create(context, context.witness_cluster_id, "witness_source")
        facts.append(f"witness is source {witness.id}")
    return Outcome(", ".join(facts), {"cluster_id": context.cluster_id})
