"""Taking files out of a tar archive without letting it write elsewhere."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath


def extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the plain files and folders of ``archive`` into ``folder``.

    tarfile's own ``data`` filter does the same, but is missing from Python 3.11 before 3.11.4.

    Raises:
        tarfile.TarError: a member is outside of the folder, or is no plain file.
    """
    for member in archive:
        place = PurePosixPath(member.name)
        if place.is_absolute() or ".." in place.parts:
            raise tarfile.TarError(f"the member {member.name!r} is outside of the folder")
        if member.isdir():
            (folder / place).mkdir(parents=True, exist_ok=True)
            continue
        content = archive.extractfile(member) if member.isreg() else None
        if content is None:
            raise tarfile.TarError(f"the member {member.name!r} is no plain file")
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content.read())
