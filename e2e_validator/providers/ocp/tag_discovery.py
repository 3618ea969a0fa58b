"""Koku is made to know tag keys: it lists a key once it has read a file with it, and the API enables none before.

In production nothing else enables tag keys (docs/contract/koku.md 3.5, 5.1). So the control source is
sent a payload that has the keys; it is seen through, and removed with everything else by the scenario's cleanup. A key
that is known once stays known, so this happens at most once for each key of an organisation.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.introducing import keys_known
from e2e_validator.engine.made_source import create
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.sending import deliver, send
from e2e_validator.errors import plural
from e2e_validator.providers.ocp.generate.tarball import pack
from e2e_validator.providers.ocp.made_payload import control_payload
from e2e_validator.waiting import Reading

_ON_THE_WAY = ("download", "convert", "summary", "cost", "manifest")


def introduce(context: Context, keys: Sequence[str]) -> str:
    """Send a payload with these keys, and wait until Koku knows them and is through with it; a fact.

    Raises:
        GaveUp: Koku could not read the payload.
        PhaseTimeout: it did not, in the time that the scenario gives its own.
    """
    source, _ = create(context, context.control_key, "control_source")
    sent = context.state.control
    if sent is None:
        # A nise that was killed with its run may still write where it was told to.
        sent = control_payload(context, context.folder / f"introduction-{uuid.uuid4().hex[:8]}", keys)
        context.state.payloads = [sent]
        context.state.save()
    pack(Path(sent.payload_folder), Path(sent.tarball), None)
    if context.clients.transport.needs_object:
        send(context, sent)
    deliver(context, sent, context.state.control_source)

    limit = float(sum(context.plan.limits[phase] for phase in _ON_THE_WAY))
    what = f"Koku to know the {plural(len(keys), 'tag key')} {', '.join(keys)}"
    context.waiter(limit_seconds=limit).wait_for(what, lambda: look(context, source.uuid, sent, keys))
    context.clients.objects.remove(context.clients.objects.ingress, sent.object_key)
    context.state.payloads = []
    context.state.save()
    return f"made known to Koku by a payload of source {source.id}"


def look(context: Context, source_uuid: str, sent: SentPayload, keys: Sequence[str]) -> Reading:
    """Whether Koku knows the keys, and is through with the payload that has them."""
    return keys_known(context, source_uuid, sent, keys, "the payload with the tag keys")
