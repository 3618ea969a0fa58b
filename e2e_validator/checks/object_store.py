"""The object store: that a bucket is there does not mean that one may write into it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from minio.error import S3Error

from e2e_validator.access.objects_as_koku import RefusedAsKokuError
from e2e_validator.checks.check import Check, Issue, error, warning
from e2e_validator.checks.look import Look
from e2e_validator.engine.provider import provider_of


def _write(look: Look) -> Iterator[Issue]:
    """An object of our own in the bucket that payloads go to, read again and removed."""
    objects = look.clients.objects
    key = f"{look.context.source_key}/preflight"
    content = f"written by preflight of run {look.context.run.id}\n".encode()
    where = f"s3://{objects.ingress}/{key}"
    doing = "write"
    try:
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "preflight"
                path.write_bytes(content)
                objects.put(key, path)
            doing = "read"
            if objects.read(objects.ingress, key) != content:
                yield error(f"{where} does not hold what was just written", "check what stands before the object store")
            else:
                yield from _as_koku(look, key, where)
        finally:
            objects.remove(objects.ingress, key)
    except S3Error as refusal:
        yield error(
            f"the store does not let us {doing} {where} ({refusal.code})",
            "give the access key of the storage secret read, write and delete in that bucket",
        )


def _make(look: Look) -> Iterator[Issue]:
    """The bucket that the source will have, with an object in it; removed, unless it was there: a run goes on there."""
    objects, bucket = look.clients.objects, look.context.source_key
    key, where = "preflight", f"s3://{look.context.source_key}"
    content = f"written by preflight of run {look.context.run.id}\n".encode()
    doing, made = "make", False
    try:
        try:
            made = objects.make_bucket(bucket)
            doing = "write into"
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / key
                path.write_bytes(content)
                objects.put(key, path, bucket)
            doing = "read from"
            if objects.read(bucket, key) != content:
                yield error(f"{where} does not hold what was just written", "check what stands before the object store")
        finally:
            if made:
                objects.remove_bucket(bucket)
            elif doing != "make":
                objects.remove(bucket, key)
    except S3Error as refusal:
        yield error(
            f"the store does not let us {doing} {where} ({refusal.code}), where the source's files are to stand",
            "give the access key of the storage secret the right to make buckets, and all rights in them",
        )


def _as_koku(look: Look, key: str, where: str) -> Iterator[Issue]:
    """The same once more with the client that Koku has; what it cannot do, Koku probably cannot do either."""
    content = f"written by preflight of run {look.context.run.id} with boto3\n".encode()
    try:
        got = look.clients.objects_as_koku.put_and_read(look.clients.objects.ingress, key, content)
    except RefusedAsKokuError as refusal:
        yield warning(
            f"boto3, with which Koku writes its archive, cannot write and read {where} ({refusal})",
            "see whether the store takes the checksums that boto3 sends since 1.36",
        )
        return
    if got != content:
        yield error(f"{where} does not hold what boto3 has just written", "check what stands before the object store")


def _own_bucket(look: Look) -> bool:
    return provider_of(look.context).delivery.own_bucket


CHECKS = (
    Check(
        "writing to the bucket",
        "an object was written, read and removed",
        _write,
        applies=lambda look: not _own_bucket(look),
    ),
    Check(
        "bucket of the source",
        "it was made, written to, read and removed",
        _make,
        of_scenario=True,
        applies=_own_bucket,
    ),
)
