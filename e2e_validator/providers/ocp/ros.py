"""The bucket for resource optimisation: it holds the files that the payloads name for it, and no others.

Koku copies them there when it unpacks a payload (docs/contract/koku.md 3.3), and leaves them there when the source is
deleted.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from minio.error import S3Error

from e2e_validator.access.objects import Objects
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import FilesBeside
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import WrongLife
from e2e_validator.providers.ocp.declared import declared_by

_SHUT = {"AccessDenied", "NoSuchBucket"}


def files_beside(context: Context, provider_uuid: str) -> FilesBeside | None:
    """The files of a source, below its folder one for each day on which they came.

    None where the target names no such bucket, or does not let us look.
    """
    objects = context.clients.objects
    if objects.ros is None:
        return None
    prefix = f"{context.target.schema_name}/source={provider_uuid}/"
    with suppress(S3Error):
        return FilesBeside(objects.ros, prefix, tuple(_listed(objects, objects.ros, prefix)))
    return None


def sent_so_far(context: Context) -> list[SentPayload]:
    """The payloads that were announced by now."""
    return [sent for sent in context.state.payloads if not sent.control and sent.index <= context.payload_index]


def check(context: Context) -> None:
    """Compare the names of the files.

    Raises:
        WrongLife: the bucket lacks a file that a payload names for it, or has one that none does.
    """
    found = files_beside(context, context.provider_uuid)
    if found is None:
        return
    there = sorted(key.rpartition("/")[2] for key in found.keys)
    wanted = sorted(name for sent in sent_so_far(context) for name in declared_by(Path(sent.payload_folder)).ros_files)
    if there != wanted:
        odd = next(name for name in (*there, *wanted) if there.count(name) != wanted.count(name))
        raise WrongLife(
            f"the bucket {found.bucket} has {len(there)} files of the source, its payloads name {len(wanted)}: {odd}",
            detail="\n".join(found.keys),
        )


def _listed(objects: Objects, bucket: str, prefix: str) -> list[str]:
    """The keys; a store that refuses for another reason than that we may not look is told."""
    try:
        return sorted(objects.keys(bucket, prefix))
    except S3Error as error:
        if error.code in _SHUT:
            raise
        raise WrongLife(f"the bucket {bucket} cannot be listed: {error.code}") from error
