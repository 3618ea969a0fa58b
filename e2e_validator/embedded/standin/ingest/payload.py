"""The tarball: opened, its manifest read, its files taken out (docs/contract/koku.md 3.3)."""

from __future__ import annotations

import io
import logging
import posixpath
import tarfile

from e2e_validator.embedded.standin.ingest.manifest import MANIFEST_NAME, MAX_MANIFEST_BYTES, Manifest
from e2e_validator.embedded.standin.logs import log


class KafkaMsgHandlerError(Exception):
    """The payload cannot be taken; its name appears in Koku's log, so it keeps it."""


def read_manifest(request_id: str, data: bytes) -> Manifest:
    """The manifest of a gzipped tarball, which must be a member named ``manifest.json``.

    Raises:
        KafkaMsgHandlerError: no archive, cut short, no such member, too large, or a wrong content.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            return Manifest.model_validate_json(_manifest_text(archive))
    except (tarfile.ReadError, EOFError, OSError, ValueError) as error:
        reason = f"Unable to read manifest from tar file {request_id}.tar.gz. Reason: {error}"
        log(reason, tracing_id=request_id, level=logging.WARNING)
        raise KafkaMsgHandlerError("Extraction failure.") from error


def _manifest_text(archive: tarfile.TarFile) -> bytes:
    # The name must fit exactly: "./manifest.json" is another one, and Koku does not find it.
    member = archive.extractfile(MANIFEST_NAME) if MANIFEST_NAME in archive.getnames() else None
    if member is None:
        raise ValueError("No manifest found in payload")
    text = member.read(MAX_MANIFEST_BYTES + 1)
    if len(text) > MAX_MANIFEST_BYTES:
        raise ValueError(f"manifest.json exceeds maximum allowed size of {MAX_MANIFEST_BYTES} bytes")
    return text


def extract(request_id: str, data: bytes) -> dict[str, bytes]:
    """The regular files at the archive's root, by name.

    Raises:
        KafkaMsgHandlerError: the archive is damaged or a member points outside of it.
    """
    files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            for member in archive:
                name = _inside(member.name)
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    files[name] = content.read()
    except (tarfile.ReadError, EOFError, OSError) as error:
        reason = f"Unable to untar file {request_id}.tar.gz. Reason: {error}"
        log(reason, tracing_id=request_id, level=logging.WARNING)
        raise KafkaMsgHandlerError("Extraction failure.") from error
    return files


def _inside(name: str) -> str:
    path = posixpath.normpath(name)
    if path.startswith(("/", "..")):
        raise tarfile.ReadError(f"{name!r} would be extracted outside the destination")
    return path
