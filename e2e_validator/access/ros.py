"""The objects of a source in the bucket for resource optimisation."""

from __future__ import annotations

from contextlib import suppress

from minio.error import S3Error

from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target
from e2e_validator.errors import WrongLife

_SHUT = {"AccessDenied", "NoSuchBucket"}


def ros_prefix(target: Target, provider_uuid: str) -> str:
    """Where the files of a source stand; below it a folder for each day on which they came."""
    return f"{target.schema_name}/source={provider_uuid}/"


def ros_keys(objects: Objects, target: Target, provider_uuid: str) -> list[str] | None:
    """The keys of a source; None where the target names no such bucket, or does not let us look."""
    if objects.ros is None:
        return None
    with suppress(S3Error):
        return _listed(objects, objects.ros, ros_prefix(target, provider_uuid))
    return None


def _listed(objects: Objects, bucket: str, prefix: str) -> list[str]:
    """The keys; a store that refuses for another reason than that we may not look is told."""
    try:
        return sorted(objects.keys(bucket, prefix))
    except S3Error as error:
        if error.code in _SHUT:
            raise
        raise WrongLife(f"the bucket {bucket} cannot be listed: {error.code}") from error
