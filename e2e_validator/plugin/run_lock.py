"""One pytest run at a time in a run's folder; the kernel lets go of it however the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from e2e_validator.errors import UsageError

# The controller's lock, and the one that its xdist workers share: they may outlive it for some seconds.
_CONTROLLER, _WORKERS = "run.lock", "workers.lock"


class RunLock:
    """Held from the first phase to the end of the reports."""

    def __init__(self, folder: Path) -> None:
        """Nothing is held yet."""
        self._folder = folder
        self._held: TextIO | None = None

    def take(self) -> None:
        """Take the run for this process and the workers that it will have.

        Raises:
            UsageError: another process is in it.
        """
        if self._held is not None:
            return
        held = (self._folder / _CONTROLLER).open("a+", encoding="utf-8")
        with (self._folder / _WORKERS).open("a", encoding="utf-8") as workers:
            if not (_locked(held, fcntl.LOCK_EX) and _locked(workers, fcntl.LOCK_EX)):
                held.seek(0)
                owner = held.read().strip()
                held.close()
                raise UsageError(
                    f"--resume: a process of the run {self._folder.name} is still at work"
                    f"{f' (it was started as {owner})' if owner else ''}; wait for it, or stop it first."
                )
        held.truncate(0)
        held.write(f"process {os.getpid()}\n")
        held.flush()
        self._held = held

    def share(self) -> None:
        """As a worker: show that the run is still at work."""
        if self._held is None:
            self._held = (self._folder / _WORKERS).open("a", encoding="utf-8")
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go of it."""
        if self._held is not None:
            self._held.close()
            self._held = None


def _locked(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
