"""The folder of one stack: made with a lock that lives as long as its keeper, swept when no process holds the lock."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

from e2e_validator.embedded.litter import remove_stack
from e2e_validator.embedded.reach import reachable_by_all
from e2e_validator.errors import Blocked

PREFIX = "e2ev-"
_STAGING = ".e2ev-"
LOCK = "lock"
# A Unix socket's path has at most 107 bytes; ours are the folder, its random name and a short file name.
_LONGEST_BASE = 70
_MIB = 1024 * 1024
_NEEDED_BYTES = 512 * _MIB
_STAGING_SECONDS = 60.0


def make_folder() -> tuple[Path, int]:
    """Make the folder of a new stack; return it and the open descriptor that holds its lock.

    Folders that a killed keeper left are removed on the way.

    Raises:
        Blocked: No permission, or less free space than 512 MiB and 1 % of the disk.
    """
    base = _base()
    sweep(base)
    disk = shutil.disk_usage(base)
    # The object store writes nothing while less than 1 % of the disk is free.
    needed = _NEEDED_BYTES + disk.total // 100
    if disk.free < needed:
        raise Blocked(
            f"No disk space: the embedded stack needs {needed // _MIB} MiB in {base}, "
            f"{disk.free // _MIB} MiB are free; free some or set TMPDIR."
        )
    try:
        # The lock is taken under a name that no sweep looks at: a folder in sight is always a locked one.
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=base))
        lock = os.open(staging / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = staging.with_name(PREFIX + staging.name.removeprefix(_STAGING))
        staging.rename(folder)
        if os.geteuid() == 0:
            folder.chmod(0o711)  # PostgreSQL runs as the user nobody and has to reach its own folder
    except PermissionError as error:
        raise Blocked(f"No permission to write in {base}; set TMPDIR to a folder that you may write in.") from error
    return folder, lock


def sweep(base: Path) -> list[Path]:
    """Remove the stack folders in ``base`` that belong to this user and to no live keeper; return them."""
    swept = []
    for folder in base.glob(f"{PREFIX}*"):
        if not folder.is_symlink() and _is_ours(folder) and _is_abandoned(folder):
            remove_stack(folder)
            swept.append(folder)
    for folder in base.glob(f"{_STAGING}*"):  # killed between two lines of make_folder
        if not folder.is_symlink() and _is_ours(folder) and _age_seconds(folder) > _STAGING_SECONDS:
            remove_stack(folder)
            swept.append(folder)
    return swept


def _base() -> Path:
    try:
        base = Path(tempfile.gettempdir()).resolve()
    except FileNotFoundError as error:
        raise Blocked("No folder for temporary files can be written in; set TMPDIR to one.") from error
    too_long = len(os.fsencode(base)) > _LONGEST_BASE
    # As root the database runs as the user nobody, which has to get there.
    too_private = os.geteuid() == 0 and not reachable_by_all(base)
    return Path("/tmp") if too_long or too_private else base  # noqa: S108 - where every user may write


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        # No folder in sight is without a lock but one that is being removed right now, or whose removal was cut off.
        return _age_seconds(folder) > _STAGING_SECONDS
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _age_seconds(folder: Path) -> float:
    try:
        return time.time() - folder.lstat().st_mtime
    except FileNotFoundError:
        return 0.0
