"""Waiting until Koku knows keys that it was sent ahead, whatever the type of the source that sent them."""

from __future__ import annotations

from collections.abc import Sequence

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.waiting import Reading, dead, done, pending


def keys_known(context: Context, source_uuid: str, sent: SentPayload, keys: Sequence[str], what: str) -> Reading:
    """Whether Koku knows the keys, and is through with what has them; ``what`` calls that, with its keys."""
    manifest = context.clients.database.observe(source_uuid).manifest(sent.uuid)
    if manifest is None:
        return pending("no manifest row yet")
    if any(report.status == "FAILED" for report in manifest.reports):
        return dead("a file of it FAILED", f"Koku could not read {what}")
    unknown = context.clients.tags.unknown_tags(keys)
    if unknown:
        return pending(f"not known yet: {', '.join(unknown)}")
    return done("known") if manifest.completed else pending("known; its manifest is not completed yet")
