"""What processes of a run tell each other that holds secrets: through private files outside of the reports.

The controller tells the workers the target; they tell it the secrets of stacks that they have started.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from e2e_validator.errors import Blocked
from e2e_validator.slowness import expired
from e2e_validator.whole_file import write_whole

# Not "e2ev-...": an embedded stack that starts sweeps folders of that name which no keeper holds.
_PREFIX = "e2e-handover-"
_SECRETS = "secrets-"
_LOCK = "lock"
# How long a folder may take from its making to its lock.
_HIDDEN_SECONDS = 60.0
# The stack itself gives up earlier and says why; this only guards against a controller that died.
PATIENCE_SECONDS = 60.0

Word = dict[str, Any]


def new_path() -> Path:
    """Where a run may have its folder; nothing is made."""
    return Path(tempfile.gettempdir(), f"{_PREFIX}{secrets.token_hex(16)}")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that only this user can read, and the lock that its processes share: the kernel drops it with them."""

    path: Path
    lock: TextIO

    @classmethod
    def make(cls) -> Folder:
        """A new one; those that processes left which were killed are removed on the way."""
        sweep()
        return cls.at(new_path())

    @classmethod
    def at(cls, path: Path) -> Folder:
        """The folder of this path: whichever process of the run needs it first makes it.

        Raises:
            OSError: it cannot be made, or is another user's.
        """
        # Locked under a name that no sweep looks at: a folder in sight is always a locked one.
        hidden = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
        lock = _share(hidden / _LOCK)
        try:
            hidden.rename(path)
        except OSError:
            lock.close()
            shutil.rmtree(hidden)
            if path.lstat().st_uid != os.getuid():
                raise
            lock = _share(path / _LOCK)
        return cls(path, lock)

    def remove(self) -> None:
        """Remove it with the secrets in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.lock.close()


def sweep() -> None:
    """Remove the folders of this user that no process holds any more: their processes were killed."""
    base = Path(tempfile.gettempdir())
    for left in (*base.glob(f"{_PREFIX}*"), *base.glob(f".{_PREFIX}*")):
        with suppress(OSError):  # another process removes it at this moment
            about = left.lstat()
            hidden = left.name.startswith(".")
            if about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode):
                continue
            if (time.time() - about.st_mtime > _HIDDEN_SECONDS) if hidden else _abandoned(left):
                shutil.rmtree(left, ignore_errors=True)


def _share(path: Path) -> TextIO:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    lock = os.fdopen(descriptor, "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def _abandoned(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True
    return True


def leave(folder: Path, word: Word) -> None:
    """Write ``word`` for the workers; they see all of it or nothing."""
    write_whole(folder / "target", json.dumps(word), private=True)


def leave_secrets(folder: Path, owner: str, found: list[str]) -> None:
    """Write for the controller what it must mask; ``owner`` is unique in the run."""
    write_whole(folder / f"{_SECRETS}{owner}", json.dumps(found), private=True)


def secrets_of_workers(folder: Path) -> list[str]:
    """Everything that workers have left to be masked."""
    found: list[str] = []
    for file in folder.glob(f"{_SECRETS}*"):
        found += json.loads(file.read_text(encoding="utf-8"))
    return found


def leave_note(folder: Path, name: str, names: list[str]) -> None:
    """Write a list for the controller; workers that write the same replace each other's."""
    write_whole(folder / name, json.dumps(names), private=True)


def note(folder: Path, name: str) -> list[str]:
    """The list of that name; empty when no worker has left it."""
    try:
        found: list[str] = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found


def fetch(folder: Path) -> Word:
    """The word, as soon as it is there.

    Raises:
        Blocked: the controlling process left none.
    """
    began = time.monotonic()
    while not (folder / "target").exists():
        if expired(PATIENCE_SECONDS, began):
            waited = time.monotonic() - began
            raise Blocked(f"The target did not become known within {waited:.0f} s; did the controller die?")
        time.sleep(0.05)
    word: Word = json.loads((folder / "target").read_text(encoding="utf-8"))
    return word
