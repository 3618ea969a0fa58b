"""What processes of a run tell each other that holds secrets: through private files outside of the reports.

The controller tells the workers the target; they tell it the secrets of stacks that they have started.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from e2e_validator.errors import Blocked
from e2e_validator.slowness import expired

# Not "e2ev-...": an embedded stack that starts sweeps folders of that name which no keeper holds.
_PREFIX = "e2e-run-"
_SECRETS = "secrets-"
# The stack itself gives up earlier and says why; this only guards against a controller that died.
PATIENCE_SECONDS = 60.0

Word = dict[str, Any]


def make_folder() -> Path:
    """A folder that only this user can read, named after this process; those of dead processes are removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).split("-")[0]
        if pid.isdigit() and left.stat().st_uid == os.getuid() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def leave(folder: Path, word: Word) -> None:
    """Write ``word`` for the workers; they see all of it or nothing."""
    _write(folder / "target", word)


def leave_secrets(folder: Path, owner: str, secrets: list[str]) -> None:
    """Write for the controller what it must mask; ``owner`` is unique in the run."""
    _write(folder / f"{_SECRETS}{owner}", secrets)


def secrets_of_workers(folder: Path) -> list[str]:
    """Everything that workers have left to be masked."""
    found: list[str] = []
    for file in folder.glob(f"{_SECRETS}*"):
        found += json.loads(file.read_text(encoding="utf-8"))
    return found


def leave_note(folder: Path, name: str, names: list[str]) -> None:
    """Write a list for the controller; workers that write the same replace each other's."""
    _write(folder / name, names)


def note(folder: Path, name: str) -> list[str]:
    """The list of that name; empty when no worker has left it."""
    try:
        found: list[str] = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found


def _write(path: Path, content: Any) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


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
