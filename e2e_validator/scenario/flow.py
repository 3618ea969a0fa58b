"""The phases that a scenario goes through, in order."""

from __future__ import annotations

BEFORE = ("preflight", "source", "generate", "upload")
ACCEPTED = ("ingest", "download", "convert", "summary", "cost", "manifest")
REFUSED = ("ingest", "rejection")
AFTER = ("api", "cleanup")


def phases(parcels: int, *, negative: bool, last: str | None = None) -> tuple[str, ...]:
    """The names of the phases; from the second parcel on they carry its number.

    After ``last``, a phase that must not pass, only the cleanup comes.
    """
    repeated = REFUSED if negative else ACCEPTED
    middle = [name if k == 1 else f"{name}[{k}]" for k in range(1, parcels + 1) for name in repeated]
    whole = (*BEFORE, *middle, *AFTER)
    return whole if last is None else (*whole[: whole.index(last) + 1], AFTER[-1])


def base(phase: str) -> str:
    """``summary`` for ``summary[2]``."""
    return phase.partition("[")[0]
