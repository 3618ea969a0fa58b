"""Tarballs: packed the same way every time, damaged on request, and unpacked for reading back."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from e2e_validator.archive import ArchiveError, extract, extract_stream
from e2e_validator.errors import HarnessError
from e2e_validator.providers.ocp.generate.damage import damage_archive, damage_files

MANIFEST = "manifest.json"
# 2000-01-01: the same files make the same bytes.
_MTIME = 946_684_800


def pack(folder: Path, tarball: Path, damage: str | None = None) -> Path:
    """Write ``tarball`` (tar.gz) with the files of ``folder`` at its root, manifest.json last; return it.

    The same files give the same bytes. ``damage`` breaks it in one of the ways of ``generate.damage``.

    Raises:
        HarnessError: the folder cannot be read, the tarball not written, or there is no such damage.
    """
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
        names.sort(key=lambda name: name == MANIFEST)
        if damage is None:
            with ExitStack() as opened, tarball.open("wb") as out:
                _write(out, {name: opened.enter_context((folder / name).open("rb")) for name in names})
        else:
            files = damage_files({name: (folder / name).read_bytes() for name in names}, damage)
            raw = io.BytesIO()
            _write(raw, {name: io.BytesIO(content) for name, content in files.items()})
            tarball.write_bytes(damage_archive(raw.getvalue(), damage))
    except OSError as error:
        raise HarnessError(f"The tarball cannot be packed: {error.filename}: {error.strerror}.") from error
    return tarball


def _write(out: IO[bytes], files: Mapping[str, IO[bytes]]) -> None:
    """The archive of ``files``, a block at a time."""
    with (
        gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=_MTIME) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = content.seek(0, io.SEEK_END), 0o644, _MTIME
            content.seek(0)
            archive.addfile(member, content)


def unpack(tarball: Path | bytes, folder: Path) -> Path:
    """Unpack a tar.gz (a path, or its bytes as read back) into ``folder``, made if missing; return it.

    Only plain files and folders inside ``folder`` are taken.

    Raises:
        HarnessError: it is no tar.gz, is cut off, is above a limit of ``archive``, or would write outside the folder.
    """
    name = str(tarball) if isinstance(tarball, Path) else "the object"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(tarball, Path):
            extract(tarball, folder)
        else:
            extract_stream(io.BytesIO(tarball), folder)
    except ArchiveError as error:
        raise HarnessError(f"The tarball cannot be unpacked: {name}: {error}.") from error
    except OSError as error:
        raise HarnessError(f"The tarball cannot be unpacked: {name}: {error.strerror or error}.") from error
    return folder
