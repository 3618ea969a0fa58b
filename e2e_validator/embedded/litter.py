"""What dead servers leave, and its removal.

Imported by the keeper, which starts with the standard library alone: keep it that way.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import socket
from pathlib import Path

SOCKETS_LIST = "sockets"
"""File of the stack's folder that names, one a line, the sockets its servers make outside the folder."""

_OWN_SOCKET = re.compile(r"/tmp/seaweedfs-[a-z0-9-]+\.sock")  # noqa: S108 - not ours to choose: see object_store
_IPC_RMID = 0


def remove_stack(folder: Path) -> None:
    """Remove a stack's folder and what its servers, all dead, left elsewhere.

    Raises:
        OSError: Something could not be removed.
    """
    _remove_sockets(folder / SOCKETS_LIST)
    for pid_file in folder.glob("*/data/postmaster.pid"):
        _remove_shared_memory(pid_file)
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        # Another process removes it at the same time: the other process of the keeper, or a sweep.
        shutil.rmtree(folder, ignore_errors=True)


def _remove_sockets(listing: Path) -> None:
    try:
        paths = listing.read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return
    for path in paths:
        if _OWN_SOCKET.fullmatch(path) and not _answers(path):
            Path(path).unlink(missing_ok=True)


def _answers(path: str) -> bool:
    # The ports in the name may by now belong to another, live stack.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True


def _remove_shared_memory(pid_file: Path) -> None:
    """Remove the 56 bytes of System V shared memory that a killed PostgreSQL leaves in the kernel for ever."""
    try:
        lines = pid_file.read_text(encoding="utf-8").splitlines()
        key, segment = (int(number) for number in lines[6].split())  # line 7: key and id of the segment
    except (OSError, ValueError, IndexError):
        return  # it ended before it made one
    for row in _shared_memory_rows():
        if row[:2] == (key, segment) and row[2] == 0:
            ctypes.CDLL(None, use_errno=True).shmctl(segment, _IPC_RMID, None)


def _shared_memory_rows() -> list[tuple[int, int, int]]:
    try:
        table = Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []
    # key shmid perms size cpid lpid nattch ...
    return [(int(columns[0]), int(columns[1]), int(columns[6])) for columns in map(str.split, table)]
