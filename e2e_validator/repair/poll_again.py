"""A poll that never came to the source, or that came to nothing: Koku is asked once more, with the source's uuid."""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.repair.polled import unlock
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Ask again; a poll of what is known already changes nothing."""
    tools.transport.announce(case.expected.object_key, case.expected.tarball)
    return RepairResult("asked Koku to poll the source again", "nothing was written")


def apply_unlocked(case: Case, tools: Tools) -> RepairResult:
    """Set the time of the last poll back, so that the next one is not refused, and ask again."""
    with tools.writing.transaction() as transaction:
        undo = unlock(case, transaction)
        if not undo:
            raise LookupError("the provider is not locked any more")
        result = RepairResult("set polling_timestamp back", "\n".join(undo))
        tools.keep(result)
    tools.transport.announce(case.expected.object_key, case.expected.tarball)
    return RepairResult(f"{result.did}, then asked Koku to poll the source again", result.undo)


POLL_AGAIN = Repair(
    name="poll_again",
    phases=("download",),
    causes=("poll_unheard", "poll_without_result"),
    action="asks masu to poll the source again, by its uuid",
    writes="nothing",
    undo="not needed",
    contract="docs/contract/clouds.md 3, 13",
    apply=apply,
)
POLLING_UNLOCKED = Repair(
    name="polling_unlocked",
    phases=("download",),
    causes=("polling_locked",),
    action="sets polling_timestamp one second below data_updated_timestamp, if both are still those that were seen;"
    " then asks masu to poll the source again",
    writes="polling_timestamp of the provider",
    undo="an UPDATE that puts it back",
    contract="docs/contract/clouds.md 13; docs/contract/koku.md 2.3",
    apply=apply_unlocked,
)
