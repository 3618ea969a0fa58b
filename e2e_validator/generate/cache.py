"""What was generated before, by content: a folder of files, each with all that one request led to.

An entry is a gzip file: a line of JSON with the request and the size and digest of each file, and then the files. It is
there whole or not at all, and what is not as its digest says is no entry. The folder is kept below ``MOST_BYTES``; what
was not used for longest goes first.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.whole_file import replacing

VARIABLE = "E2E_NISE_CACHE"
OFF = "off"
MOST_BYTES = 512 * 1024 * 1024
# Above this an entry would push most others out, for data that a scenario of its own asks for.
MOST_BYTES_OF_ENTRY = 256 * 1024 * 1024
_BLOCK = 1 << 20
_LONGEST_LINE = 64 * 1024 * 1024
_SUFFIX = ".gz"
# A draft this old belongs to no process that is still at work.
_DRAFT_SECONDS = 3600


class _DamagedError(Exception):
    """The entry is not what was written."""


@dataclass(frozen=True, slots=True)
class GeneratedCache:
    """The entries in ``folder``. What cannot be read or written is generated; nothing here ends a run."""

    folder: Path
    most_bytes: int = MOST_BYTES

    def take(self, request: str, targets: Mapping[str, Path]) -> bool:
        """Write the files that ``request`` led to before to ``targets``; False when there is no such entry.

        A damaged entry is removed. The folders of the targets exist; on False nothing of them is left.
        """
        entry = self._entry(request)
        try:
            with gzip.open(entry, "rb") as stream:
                _unpack(stream, request, targets)
            os.utime(entry)
        except FileNotFoundError:
            return self._nothing(targets)
        except (_DamagedError, OSError, EOFError, zlib.error, ValueError):
            with suppress(OSError):
                entry.unlink()
            return self._nothing(targets)
        return True

    def keep(self, request: str, files: Mapping[str, Path]) -> None:
        """Keep what ``request`` led to, if there is room for it."""
        if sum(path.stat().st_size for path in files.values()) > min(MOST_BYTES_OF_ENTRY, self.most_bytes):
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            entry = self._entry(request)
            with replacing(entry, private=True) as draft, gzip.open(draft, "wb", compresslevel=1) as stream:
                _pack(stream, request, files)
            self._shrink()

    def _entry(self, request: str) -> Path:
        return self.folder / f"{hashlib.sha256(request.encode()).hexdigest()}{_SUFFIX}"

    @staticmethod
    def _nothing(targets: Mapping[str, Path]) -> bool:
        for path in targets.values():
            path.unlink(missing_ok=True)
        return False

    def _shrink(self) -> None:
        """Remove what was not used for longest, and what a killed process left half-written."""
        found = sorted(self._files())
        now, total = time.time(), sum(size for _, size, _ in found)
        for used, size, path in found:
            if total > self.most_bytes or (path.suffix != _SUFFIX and now - used > _DRAFT_SECONDS):
                with suppress(OSError):
                    path.unlink()
                total -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                at = path.stat()
                yield at.st_mtime, at.st_size, path


def cache_of(environ: Mapping[str, str] = os.environ) -> GeneratedCache | None:
    """The cache of this user, or the folder that ``E2E_NISE_CACHE`` names; None where that is ``off``."""
    named = environ.get(VARIABLE, "").strip()
    if named.lower() == OFF:
        return None
    if named:
        return GeneratedCache(Path(named).expanduser())
    base = environ.get("XDG_CACHE_HOME", "")
    try:
        return GeneratedCache((Path(base) if base else Path.home() / ".cache") / "e2e-validator" / "nise")
    except RuntimeError:
        return None  # a user without a home


def turn_off() -> None:
    """Let this process and all that it starts generate everything anew."""
    os.environ[VARIABLE] = OFF


def _pack(stream: gzip.GzipFile, request: str, files: Mapping[str, Path]) -> None:
    kept = {name: {"size": path.stat().st_size, "sha256": _digest(path)} for name, path in files.items()}
    stream.write(json.dumps({"request": request, "files": kept}).encode() + b"\n")
    for path in files.values():
        with path.open("rb") as content:
            while block := content.read(_BLOCK):
                stream.write(block)


def _unpack(stream: gzip.GzipFile, request: str, targets: Mapping[str, Path]) -> None:
    header = json.loads(stream.readline(_LONGEST_LINE))
    if not isinstance(header, dict) or header.get("request") != request:
        raise _DamagedError
    kept = header.get("files")
    if not isinstance(kept, dict) or list(kept) != list(targets):
        raise _DamagedError
    for name, about in kept.items():
        _unpack_file(stream, targets[name], about)
    if stream.read(1):
        raise _DamagedError


def _unpack_file(stream: gzip.GzipFile, target: Path, about: Mapping[str, object]) -> None:
    left, digest = about.get("size"), hashlib.sha256()
    if not isinstance(left, int):
        raise _DamagedError
    with target.open("wb") as out:
        while left and (block := stream.read(min(left, _BLOCK))):
            out.write(block)
            digest.update(block)
            left -= len(block)
    if left or digest.hexdigest() != about.get("sha256"):
        raise _DamagedError


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
