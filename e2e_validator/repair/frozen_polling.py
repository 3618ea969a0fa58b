"""Frozen polling: ``polling_timestamp`` is later than ``data_updated_timestamp``, so the source is not polled.

Only the classic stack polls (docs/contract/koku.md 0.7, 2.3); it is named here and comes with that stack.
"""

from __future__ import annotations

from e2e_validator.repair.repair import Repair

REPAIR = Repair(
    name="frozen_polling",
    phases=("download",),
    detection="classic stack: polling_timestamp later than data_updated_timestamp, and nothing of the source in work",
    action="sets data_updated_timestamp to polling_timestamp, so that the next poll is not skipped",
    writes="data_updated_timestamp of the provider",
    undo="an UPDATE that puts it back",
    contract="docs/contract/koku.md 2.3, 7.5",
    classic_only=True,
)
