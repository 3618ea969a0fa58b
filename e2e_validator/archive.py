"""Reading tar archives that others made: member by member, within limits, and never writing elsewhere.

A few megabytes of gzip can unfold to gigabytes, and a header can claim eight terabytes. Nothing here reads more of
an archive at once than a block, and nothing unfolds it further than ``MAX_BYTES``.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

from e2e_validator.errors import first_line

MIB = 1024 * 1024
# The operator packs at most 100 MiB of reports into one archive (docs/contract/payloads.md 6); these are far above
# that.
MAX_BYTES = 256 * MIB
MAX_MEMBERS = 2_000
_BLOCK = 64 * 1024
# Names of members, with the folders in them; a file system takes no more of a single part.
_MAX_NAME, _MAX_PART = 1024, 255
# Names and attributes that do not fit into a header follow as a block of their own; no honest one is large.
_MAX_READ = 4 * _BLOCK
_GZIP, _TAR_MAGIC = b"\x1f\x8b", b"ustar"


class ArchiveError(ValueError):
    """The archive cannot be taken; one sentence without a full stop, fit to be printed."""


def extract(path: Path, folder: Path) -> None:
    """Write the plain files and folders of the archive ``path`` (tar.gz or tar) into ``folder``.

    Of a member that is there several times the last one stays, as with tar.

    Raises:
        ArchiveError: it is no such archive, is damaged, has more than ``MAX_BYTES`` or ``MAX_MEMBERS``, or a member
            that is outside of the folder, is no plain file, or has a name that no file can have.
        OSError: the archive cannot be read, or the folder not written.
    """
    with path.open("rb") as stream:
        extract_stream(stream, folder)


def extract_stream(stream: IO[bytes], folder: Path) -> None:
    """``extract`` from an open file."""
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(stream) as archive:
        for place, content in _members(archive):
            target = folder / place
            if content is None:
                _make_folder(target, place)
                continue
            _make_folder(target.parent, place)
            if target.is_dir():
                raise ArchiveError(f"the member {shown(str(place))} is a file and a folder")
            with target.open("wb") as out:
                while block := content.read(_BLOCK):
                    out.write(block)


def find_member(path: Path, name: str, limit: int) -> bytes | None:
    """The content of the plain member ``name`` at the root of an archive; None when there is none.

    Of several the last one counts. Raises as ``extract`` does; more than ``limit`` bytes are an ``ArchiveError``.
    """
    found: bytes | None = None
    with path.open("rb") as stream, _opened(stream) as archive:
        for place, content in _members(archive):
            if content is not None and str(place) == name:
                found = b""
                while block := content.read(_BLOCK):
                    found += block
                    if len(found) > limit:
                        raise ArchiveError(f"the member {shown(name)} has more than {limit // MIB} MiB")
    return found


def search(path: Path, suffix: str, pattern: re.Pattern[bytes], longest: int) -> tuple[str, bytes] | None:
    """The first plain member with ``suffix`` in which ``pattern`` matches, and what matched; None without one.

    No match is longer than ``longest`` bytes. Raises as ``extract`` does.
    """
    with path.open("rb") as stream, _opened(stream) as archive:
        for place, content in _members(archive):
            if content is None or not place.name.endswith(suffix):
                continue
            kept = b""
            while block := content.read(_BLOCK):
                if match := pattern.search(kept + block):
                    return str(place), match[0]
                kept = (kept + block)[-longest:]
    return None


def _members(archive: tarfile.TarFile) -> Iterator[tuple[PurePosixPath, IO[bytes] | None]]:
    """Each member's place and its content, None for a folder."""
    total = number = 0
    while (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # tarfile remembers every member it has seen
        number += 1
        if number > MAX_MEMBERS:
            raise ArchiveError(f"it has more than {MAX_MEMBERS:,} members")
        place = _place(member)
        if member.isdir():
            yield place, None
            continue
        content = archive.extractfile(member) if member.isreg() and member.sparse is None else None
        if content is None or member.size < 0:
            raise ArchiveError(f"the member {shown(member.name)} is no plain file")
        total += member.size
        if total > MAX_BYTES:
            raise ArchiveError(f"with the member {shown(member.name)} it has more than {MAX_BYTES // MIB} MiB")
        yield place, content


def shown(name: str) -> str:
    """A name from outside, short, in quotes and without characters that a terminal would obey."""
    text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in name)
    return f"'{text}'" if len(text) <= 80 else f"'{text[:60]}...' ({len(name)} characters)"


@contextmanager
def _opened(stream: IO[bytes]) -> Iterator[tarfile.TarFile]:
    """The archive; what its bytes make tarfile and zlib raise is an ``ArchiveError``, a fault of the disk is not."""
    head = stream.read(512)
    stream.seek(0)
    if not head.startswith(_GZIP) and head[257:262] != _TAR_MAGIC:
        raise ArchiveError("it is no tar.gz" if head else "it is empty")
    try:
        plain: IO[bytes] = gzip.GzipFile(fileobj=stream) if head.startswith(_GZIP) else stream  # type: ignore[assignment]
        with tarfile.open(fileobj=cast("IO[bytes]", _Limited(plain)), mode="r:") as archive:
            yield archive
    except ArchiveError:
        raise
    except RecursionError:
        raise ArchiveError("its headers are nested too deeply") from None
    except (EOFError, tarfile.TarError, zlib.error, ValueError, OverflowError) as error:
        raise ArchiveError(_reason(error)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise ArchiveError(_reason(error)) from error


def _reason(error: BaseException) -> str:
    text = shown(first_line(error))
    return text.removeprefix("'").removesuffix("'")


def _place(member: tarfile.TarInfo) -> PurePosixPath:
    name = member.name
    if not all(char.isprintable() for char in name):
        raise ArchiveError(f"the member {shown(name)} has a character in its name that is no letter, digit or sign")
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts:
        raise ArchiveError(f"the member {shown(name)} is outside of the folder")
    if len(name.encode()) > _MAX_NAME or any(len(part.encode()) > _MAX_PART for part in place.parts):
        raise ArchiveError(f"the name of the member {shown(name)} is too long")
    return place


def _make_folder(folder: Path, place: PurePosixPath) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ArchiveError(f"the member {shown(str(place))} is a file and a folder") from None


class _Limited:
    """What tarfile reads from: no more at once than a header may have, and no further than ``MAX_BYTES``."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_READ:
            raise ArchiveError(f"a header of it claims {size:,} bytes")
        return self._source.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        # Every member is a header and a padding more than what it says.
        if whence or not 0 <= offset <= MAX_BYTES + MAX_MEMBERS * 4096:
            raise ArchiveError(f"it is more than {MAX_BYTES // MIB} MiB")
        return self._source.seek(offset)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._source.tell()
