"""The data of a scenario, made or taken, counted against the plan; and the expectation that follows from them.

The expectation is written here, once, from the CSV files alone; whatever happens to the data later, it stays. Done
again after an interruption, everything is made anew: a uuid never belongs to two contents.
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import HarnessError
from e2e_validator.providers.ocp.expect.deviations.text import foretold
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.foreign_nodes import expectation_of, foreign_roles
from e2e_validator.providers.ocp.generate.payload import recorded_payload, write_payload
from e2e_validator.providers.ocp.generate.scale import Scale
from e2e_validator.providers.ocp.hand_figures import refuse_contradictions
from e2e_validator.providers.ocp.hourly_rows import written_by_the_hour
from e2e_validator.providers.ocp.made_payload import control_payload, nise_months, note
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.scenario.scale_rules import ScaleFactors


def generate(context: Context) -> Outcome:
    """Make the data and their expectation; costs that were worked out by hand must follow from them.

    Raises:
        Contradicts: one of those costs does not.
    """
    outcome = make(context)
    if not context.plan.negative:
        refuse_contradictions(context.loaded, own_expectation(context), context.plan.first_day, context.plan.last_day)
    return outcome


def make(context: Context) -> Outcome:
    """Make every payload's folder folder (and, in a negative scenario, the control payload's), and the expectation."""
    work = _fresh_folder(context)
    made: list[SentPayload] = []
    rows = 0
    if context.plan.payloads[0].recorded is not None:
        made += _recorded(context, work)
    elif context.loaded.rows:
        rows = written_by_the_hour(context, work, made)
    else:
        rows = _generated(context, work, made)
    if context.plan.negative:
        made.append(control_payload(context, work))
    own = [Path(payload.payload_folder) for payload in made if not payload.control]
    healthy = [] if context.plan.negative else own
    expectation = expectation_of(context, healthy)
    # A rehearsal has no source, and no deployment to ask.
    if healthy and context.state.source is not None and (foreign := foreign_roles(context, expectation.nodes())):
        expectation = expectation_of(context, healthy, foreign)
    expectation.write(context.expectation_file)
    for number, sent in enumerate(made if healthy else ()):
        sent.months = list(expectation.months(number))
    # Whole or not at all, and last: until now the state names what may stand in the bucket from the time before.
    context.state.payloads = made
    context.state.save()
    size = sum(file.stat().st_size for folder in own for file in folder.iterdir())
    counted = f"{rows:,} CSV rows as planned" if rows else "recorded CSV files"
    payloads = f" in {len(own)} payloads" if len(own) > 1 else ""
    found = [] if context.plan.negative else expectation.deviations(context.plan.first_day, context.plan.last_day)
    facts = f"{counted}{payloads}, {size / 1024:,.0f} KiB{_said(expectation)}"
    if found:
        facts += f"; Koku will deviate: {', '.join(one.name for one in found)}"
    unread = {"unread.txt": "\n".join(expectation.unread)} if expectation.unread else {}
    return Outcome(facts, {"payloads": len(own), "rows": rows, "said": foretold(found)}, unread)


def _said(expectation: Expectation) -> str:
    """What of the data Koku will not take as it is written, in few words; all of it stands in ``unread.txt``."""
    said = []
    if expectation.obstacles:
        file, reason = expectation.obstacles[0]
        said.append(f"Koku cannot load {file}: it {reason}")
    if expectation.unread:
        more = f" (and {len(expectation.unread) - 1} more)" if len(expectation.unread) > 1 else ""
        said.append(f"{expectation.unread[0]}{more}")
    return "".join(f"; {one}" for one in said)


def _fresh_folder(context: Context) -> Path:
    """An empty folder for the data; what a killed nise may still write goes to a place that is never read."""
    work = context.folder / "generated"
    if work.exists():
        left = work.rename(context.folder / f".generated-{uuid.uuid4().hex[:8]}")
        shutil.rmtree(left, ignore_errors=True)
    return work


def _generated(context: Context, work: Path, made: list[SentPayload]) -> int:
    """Run nise once per upload; the number of rows."""
    if context.loaded.report is None:
        raise HarnessError(f"The scenario {context.plan.name} has neither a nise report nor recorded payloads.")
    generators: list[dict[str, Any]] = context.loaded.report["generators"]
    rows, limit = 0, context.plan.limits["generate"]
    factors = context.loaded.scale
    scale = Scale(factors.nodes, factors.pods) if isinstance(factors, ScaleFactors) else None
    for upload in sorted({payload.upload for payload in context.plan.payloads}):
        payloads = [payload for payload in context.plan.payloads if payload.upload == upload]
        start, end = min(payload.start for payload in payloads), max(payload.end for payload in payloads)
        months = nise_months(generators, context.source_key, start, end, work / f"upload-{upload + 1}", limit, scale)
        rows += sum(sum(month.rows.values()) for month in months.values())
        for payload in payloads:
            manifest_uuid = str(uuid.uuid4())
            folder = write_payload(
                months[payload.month],
                work / f"payload-{payload.index}",
                cluster_id=context.source_key,
                manifest_uuid=manifest_uuid,
                daily_reports=payload.daily_reports,
            )
            made.append(note(context, payload.index, manifest_uuid, folder))
    return rows


def _recorded(context: Context, work: Path) -> list[SentPayload]:
    """The recorded payloads, addressed to this run's cluster under new uuids.

    One payload may come in several tarballs, which have one uuid and one manifest: they share a new one.
    """
    uuids: dict[str, str] = {}
    brought: dict[str, set[str]] = {}
    made = []
    for payload in context.plan.payloads:
        if payload.recorded is None:
            raise HarnessError(f"Payload {payload.index} of {context.plan.name} is not recorded.")
        manifest_uuid = uuids.setdefault(payload.recorded_uuid, str(uuid.uuid4()))
        folder = recorded_payload(
            payload.recorded,
            work / f"payload-{payload.index}",
            cluster_id=context.source_key,
            manifest_uuid=manifest_uuid,
            daily_reports=payload.daily_reports,
        )
        made.append(note(context, payload.index, manifest_uuid, folder, brought.setdefault(manifest_uuid, set())))
    return made
