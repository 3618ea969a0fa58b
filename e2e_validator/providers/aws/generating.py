"""The assemblies of a scenario, and the expectation that follows from them.

The expectation is written here, once, from the CSV files alone; whatever happens to the data later, it stays.
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import Contradicts
from e2e_validator.expect.deviation_text import foretold
from e2e_validator.providers.aws import hand_figures
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.key_switching import disabled_keys
from e2e_validator.providers.aws.made import control_package, make_packages
from e2e_validator.providers.aws.noted import note
from e2e_validator.providers.aws.own import note_accounts
from e2e_validator.providers.aws.prices import markup_of


def generate(context: Context) -> Outcome:
    """Make every assembly and the expectation; costs that were worked out by hand must follow from them.

    Raises:
        Contradicts: one of those costs does not.
    """
    outcome = make(context)
    if problems := hand_figures.contradictions(context):
        one = problems[0]
        raise Contradicts(f"{one.what} ({context.loaded.path.name}:{one.line})", detail="\n".join(map(str, problems)))
    return outcome


def make(context: Context) -> Outcome:
    """Make every assembly, and the expectation; note both in the state."""
    work = _fresh_folder(context)
    made = make_packages(
        context.loaded,
        context.plan,
        work,
        key=context.source_key,
        token=context.state.token,
        limit_seconds=context.plan.limits["generate"],
        today=context.today,
        accepted=context.accepted,
    )
    # Of what Koku refuses nothing comes.
    healthy = [] if context.plan.negative else [one.manifest for one in made]
    disabled_tags, disabled_categories = disabled_keys(context.loaded)
    expectation = Expectation.from_manifests(
        healthy,
        today=context.today,
        disabled_tags=disabled_tags,
        disabled_categories=disabled_categories,
        markup=markup_of(context.loaded),
    )
    expectation.write(context.expectation_file)
    note_accounts(context.folder, made[0].accounts)
    sent = [note(context, one) for one in made]
    for position, payload in enumerate(sent if healthy else ()):
        payload.months = list(expectation.months(position))
    if context.plan.negative:
        sent.append(_control(context, work))
    # Whole or not at all, and last: until now the state names what may stand in the bucket from the time before.
    context.state.payloads = sent
    context.state.save()
    size = sum(file.stat().st_size for one in made for file in one.folder.rglob("*.gz"))
    rows = sum(one.rows for one in made)
    assemblies = f" in {len(made)} assemblies" if len(made) > 1 else ""
    found = expectation.deviations()
    facts = f"{rows:,} CSV rows{assemblies}, {size / 1024:,.0f} KiB"
    if expectation.obstacles:
        file, reason = expectation.obstacles[0]
        facts += f"; Koku cannot load {file}: {reason}"
    if found:
        facts += f"; Koku will deviate: {', '.join(one.name for one in found)}"
    return Outcome(facts, {"payloads": len(made), "rows": rows, "said": foretold(found)})


def _control(context: Context, work: Path) -> SentPayload:
    """A healthy assembly, which proves that Koku was at work when it refused the other."""
    made = control_package(context.plan, work, key=context.control_key, token=context.state.token, today=context.today)
    return note(context, made, control=True)


def _fresh_folder(context: Context) -> Path:
    """An empty folder for the data; what a killed process may still write goes to a place that is never read."""
    work = context.folder / "generated"
    if work.exists():
        left = work.rename(context.folder / f".generated-{uuid.uuid4().hex[:8]}")
        shutil.rmtree(left, ignore_errors=True)
    return work
