"""A process that can end everything it ever started, grandchildren in sessions of their own included.

As "subreaper" the process becomes the parent of every orphan below it, so killing its children until there are none
left reaches all of them. A child that we have not waited for keeps its number, so no stranger can be hit.

Imported by the keeper, which starts with the standard library alone: keep it that way. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends.

    Raises:
        OSError: The kernel refuses.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def dies_with(parent: int, death_signal: int) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends the new process ``death_signal`` when ``parent`` ends, however it ends.

    It has to run after a change of user, which clears the setting (``subprocess`` does it in this order).
    """

    def arm() -> None:
        _prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it ended before the setting was made
            os._exit(1)

    return arm


def kill_descendants(*, grace_seconds: float = 0.0) -> None:
    """Reap every process below this one: those that end by themselves within the grace, then by SIGKILL all others."""
    deadline = time.monotonic() + grace_seconds
    while _reap():
        if time.monotonic() >= deadline:
            for pid in _children():
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _reap() -> bool:
    """Wait for what has ended; whether any child is left."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def _children() -> list[int]:
    me = os.getpid()
    children = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:  # it has ended meanwhile
                continue
            # pid (name, which may hold anything) state ppid ...
            if int(stat.rpartition(")")[2].split()[1]) == me:
                children.append(int(entry.name))
    return children


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
