"""How xdist workers learn the target: through a private file outside of the reports, because it holds secrets."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from e2e_validator.errors import Blocked

_PREFIX = "e2ev-run-"
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
    file = folder / ".target"
    file.touch(mode=0o600)
    file.write_text(json.dumps(word), encoding="utf-8")
    file.replace(folder / "target")


def fetch(folder: Path) -> Word:
    """The word, as soon as it is there.

    Raises:
        Blocked: the controlling process left none.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (folder / "target").exists():
        if time.monotonic() > deadline:
            raise Blocked(f"The target did not become known within {PATIENCE_SECONDS:.0f} s; did the controller die?")
        time.sleep(0.05)
    word: Word = json.loads((folder / "target").read_text(encoding="utf-8"))
    return word
