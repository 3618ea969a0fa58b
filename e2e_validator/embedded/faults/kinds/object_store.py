"""An object store that refuses, stalls, or has lost a bucket: the real one, so that the whole stack feels it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Happening, Release
from e2e_validator.embedded.faults.plant import Plant, until
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.slowness import scaled

_WITHIN_S = 10
_PROBE = ".fault-probe"
_PART = "object_store"


def _bucket(plant: Plant, armed: Armed) -> str:
    names = {
        "ingress": plant.config.bucket_ingress,
        "archive": plant.config.bucket_archive,
        "ros": plant.config.bucket_ros,
    }
    if armed.options["bucket"] not in names:
        raise ValueError(f"bucket is one of {', '.join(names)}")
    return names[armed.options["bucket"]]


def _works(plant: Plant, bucket: str) -> bool:
    store = ObjectStore(plant.config, retries=0)
    try:
        store.put(bucket, _PROBE, b"x")
        store.remove(bucket, [_PROBE])
    except (MinioException, HTTPError, RuntimeError):
        return False
    return True


def refuse_all(plant: Plant, armed: Armed) -> Release:
    """Switch the store's own circuit breaker: no simultaneous request is allowed, so each is one too many."""
    bucket = _bucket(plant, armed)
    limits = "-type Count -actions Read,Write,List -values"
    # Limits of a bucket count only where there are some for all.
    _tell(plant, f"s3.circuitBreaker -global {limits} 1000,1000,1000 -apply")
    _tell(plant, f"s3.circuitBreaker -buckets {bucket} {limits} 0,0,0 -apply")
    until(lambda: not _works(plant, bucket), _WITHIN_S)

    def release() -> None:
        _tell(plant, "s3.circuitBreaker -delete -apply")
        until(lambda: _works(plant, bucket), _WITHIN_S)

    return release


def _tell(plant: Plant, command: str) -> None:
    subprocess.run(
        plant.control.object_store_shell, input=f"{command}\nexit\n", text=True, capture_output=True, check=True,
        timeout=scaled(_WITHIN_S),
    )  # fmt: skip


def rotate_secret(plant: Plant, _armed: Armed) -> Release:
    """Change the secret key that the store knows; clients that go on with the old one are refused."""
    path = plant.control.stack / "s3" / "s3.json"
    before = path.read_text()
    identities: dict[str, Any] = json.loads(before)
    for identity in identities["identities"]:
        for pair in identity["credentials"]:
            pair["secretKey"] = f"{pair['secretKey']}-rotated"

    def write(text: str, done: Callable[[], bool]) -> None:
        path.write_text(text)
        os.kill(plant.server_pid(_PART), signal.SIGHUP)
        until(done, _WITHIN_S)

    bucket = plant.config.bucket_ingress
    write(json.dumps(identities), lambda: not _works(plant, bucket))
    return lambda: write(before, lambda: _works(plant, bucket))


def stall(plant: Plant, _armed: Armed) -> Release:
    """Stop the store's process: connections are made and nothing is answered."""
    pid = plant.server_pid(_PART)
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


def remove_bucket(plant: Plant, armed: Armed) -> Release:
    """Delete the bucket with all that is in it; released, it is made again, empty."""
    store, bucket = ObjectStore(plant.config, retries=0), _bucket(plant, armed)
    store.remove_bucket(bucket)

    def make_again() -> bool:
        try:
            store.make_bucket(bucket)
        except S3Error:
            return False
        return _works(plant, bucket)

    return lambda: until(make_again, _WITHIN_S)


def use_wrong_secret(now: Happening) -> bool:
    """Give the listener's client another secret for the length of this payload."""
    now.afterwards(now.facts["store"].sign_with("not-the-secret"))
    return False


FAULTS = (
    Fault(
        "s3_unavailable", "The store answers 503 to requests for `bucket` (its own circuit breaker at 0).", "7.1",
        (
            "503 ErrTooManyRequest", "Unable to download file. Error", "unable to copy data to bucket",
            "Unable to extract payload. Error: UploadError",
        ),
        scope="stack", begin=refuse_all, options={"bucket": "ingress", "seconds": None},
    ),
    Fault(
        "s3_slow", "The store's process is stopped for `seconds` (SIGSTOP): it accepts and does not answer.", "7.1",
        ("no answer, then as if nothing had been",), scope="stack", begin=stall, options={"seconds": 2.0},
    ),
    Fault(
        "s3_credentials_refused", "The store's secret key is changed while its clients go on with the old one.", "7.1",
        ("403 SignatureDoesNotMatch", "Unable to download file. Error", "unable to copy data to bucket"),
        scope="stack", begin=rotate_secret, options={"seconds": None},
    ),
    Fault(
        "s3_bucket_gone", "`bucket` (ingress, archive or ros) is deleted with its objects; cleared, it is made anew.",
        "7.1", ("404 NoSuchBucket", "Unable to download file. Error", "unable to copy data to bucket"), scope="stack",
        begin=remove_bucket, options={"bucket": "ingress", "seconds": None},
    ),
    Fault(
        "koku_s3_secret_wrong", "Koku signs with a wrong secret while it archives this payload, or, at"
        " listener.announced, while it downloads it; others are served.", "7.1",
        (
            "unable to copy data to bucket", "Unable to extract payload. Error: UploadError",
            "rows 3, state download: start", "Unable to download file. Error (at listener.announced: no manifest row)",
        ),
        points=(Point.SOURCE_FOUND, Point.ANNOUNCED), act=use_wrong_secret,
    ),
)  # fmt: skip
