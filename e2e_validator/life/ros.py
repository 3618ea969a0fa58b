"""The bucket for resource optimisation: it holds the files that the payloads name for it, and no others.

Koku copies them there when it unpacks a payload (docs/contract/koku.md 3.3), and leaves them there when the source is
deleted.
"""

from __future__ import annotations

from pathlib import Path

from e2e_validator.access.ros import ros_keys
from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import WrongLife
from e2e_validator.life.declared import declared_by


def sent_so_far(context: Context) -> list[SentPayload]:
    """The payloads that were announced by now."""
    return [sent for sent in context.state.payloads if not sent.control and sent.index <= context.payload_index]


def check(context: Context) -> None:
    """Compare the names of the files.

    Raises:
        WrongLife: the bucket lacks a file that a payload names for it, or has one that none does.
    """
    keys = ros_keys(context.clients.objects, context.target, context.provider_uuid)
    if keys is None:
        return
    there = sorted(key.rpartition("/")[2] for key in keys)
    wanted = sorted(name for sent in sent_so_far(context) for name in declared_by(Path(sent.payload_folder)).ros_files)
    if there != wanted:
        odd = next(name for name in (*there, *wanted) if there.count(name) != wanted.count(name))
        raise WrongLife(
            f"the bucket {context.clients.objects.ros} has {len(there)} files of the source, its payloads name"
            f" {len(wanted)}: {odd}",
            detail="\n".join(keys),
        )
