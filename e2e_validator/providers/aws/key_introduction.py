"""Koku is made to know keys before it is to have them disabled: it enables a new one when it first reads a value.

Nothing disables a key that Koku does not know, and what it reads it summarises at once (docs/contract/clouds.md 11). So
the control source is sent a bill that has the keys; it is seen through, and removed with everything else by the
scenario's cleanup. A key that is known once stays known, so this happens at most once for each key of an organisation.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from e2e_validator.engine.context import Context
from e2e_validator.engine.introducing import keys_known
from e2e_validator.engine.made_source import create
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.sending import deliver, send
from e2e_validator.errors import plural
from e2e_validator.providers.aws.made import control_package
from e2e_validator.providers.aws.noted import note
from e2e_validator.waiting import Reading

_ON_THE_WAY = ("download", "parquet", "summary", "manifest")


def introduce(context: Context, keys: Sequence[str]) -> str:
    """Send a bill with these keys, and wait until Koku knows them and is through with it; a fact.

    Raises:
        GaveUp: Koku could not read the bill.
        PhaseTimeout: it did not, in the time that the scenario gives its own.
    """
    source, _ = create(context, context.control_key, "control_source")
    sent = context.state.control
    if sent is None:
        work = context.folder / f"introduction-{uuid.uuid4().hex[:8]}"
        key, token = context.control_key, context.state.token
        made = control_package(context.plan, work, key=key, token=token, today=context.today, keys=keys)
        sent = note(context, made, control=True)
        context.state.payloads = [sent]
        context.state.save()
    send(context, sent)
    deliver(context, sent, context.state.control_source)

    limit = float(sum(context.plan.limits[phase] for phase in _ON_THE_WAY))
    what = f"Koku to know the {plural(len(keys), 'key')} {', '.join(keys)}"
    context.waiter(limit_seconds=limit).wait_for(what, lambda: look(context, source.uuid, sent, keys))
    context.state.payloads = []
    context.state.save()
    return f"{', '.join(keys)} made known to Koku by a bill of source {source.id}"


def look(context: Context, source_uuid: str, sent: SentPayload, keys: Sequence[str]) -> Reading:
    """Whether Koku knows the keys, and is through with the bill that has them."""
    return keys_known(context, source_uuid, sent, keys, "the bill with the keys")
