"""A payload that was lost between its announcement and the manifest row (a listener killed, a message lost)."""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Announce the same object: under the same uuid a second delivery changes nothing that is done."""
    tools.transport.announce(case.expected.object_key, case.expected.tarball)
    return RepairResult("announced the payload again, under the same uuid", "nothing was written")


REPAIR = Repair(
    name="payload_lost",
    phases=("download",),
    causes=("payload_lost",),
    action="announces the same payload again, under the same uuid",
    writes="nothing",
    undo="not needed",
    contract="docs/contract/koku.md 3.1, 7.1",
    limit=1,
    apply=apply,
)
