"""The run's end of the line to the keeper: start it, hear of deaths, tell it to end."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.embedded.engines.part import Part
from e2e_validator.embedded.engines.standin import python_environment
from e2e_validator.embedded.litter import SOCKETS_LIST, remove_stack
from e2e_validator.slowness import scaled

_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PartEnded:
    """A part is not running: ``event`` is ``died`` or ``failed`` (to start), ``why`` its exit code or the error."""

    part: str
    event: str
    why: str


class Keeping:
    """A running keeper; owned by the process that started it, inert in processes forked from that."""

    def __init__(self, folder: Path, logs: Path, parts: Sequence[Part], hold: Sequence[int]) -> None:
        """Start the keeper, which starts ``parts`` at once.

        Args:
            folder: The stack's; the keeper removes it at the end.
            logs: Where the keeper's own messages go.
            parts: What to start.
            hold: Descriptors (the folder's lock, the ports' lease) that stay open as long as the keeper lives.
        """
        self._folder = folder
        self._owner = os.getpid()
        self._unread = b""
        (folder / SOCKETS_LIST).write_text("\n".join(path for part in parts for path in part.outside_files))
        spec = {"run_pid": os.getpid(), "parts": [part.as_json() for part in parts]}
        with (logs / "keeper.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "e2e_validator.embedded.keeper", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=python_environment(folder),
                cwd="/",
                bufsize=0,
                start_new_session=True,
                pass_fds=tuple(hold),
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._life_line = self._process.stdin
        self._status = self._process.stdout
        self._tell(json.dumps(spec).encode() + b"\n")

    @property
    def pid(self) -> int:
        """The outer of the keeper's two processes."""
        return self._process.pid

    def news(self, timeout_seconds: float | None = 0.0) -> list[PartEnded] | None:
        """What has ended since the last call; waits up to the timeout (``None``: for ever) for the first.

        Returns:
            ``None`` when the keeper itself is gone, and all servers with it.
        """
        if not select.select([self._status], [], [], timeout_seconds)[0]:
            return []
        piece = os.read(self._status.fileno(), 65536)
        if not piece:
            return None
        *lines, self._unread = (self._unread + piece).split(b"\n")
        return [PartEnded(**json.loads(line)) for line in lines]

    def end(self) -> None:
        """End all parts and remove the folder; returns when both are done.

        Raises:
            OSError: The folder could not be removed.
        """
        if self._owner != os.getpid():
            return
        # Said as well as hung up: a process that the run forked may hold a copy of the line.
        self._tell(b"\n")
        self._life_line.close()
        deadline = time.monotonic() + scaled(_END_SECONDS)
        while (left := deadline - time.monotonic()) > 0 and self.news(left) is not None:
            pass
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            # Its parts end with it: the kernel sees to that.
            self._process.kill()
            self._process.wait()
        self._status.close()
        if self._folder.exists():
            remove_stack(self._folder)

    def _tell(self, message: bytes) -> None:
        # A keeper that is gone has ended everything already; news() says so.
        with contextlib.suppress(BrokenPipeError):
            self._life_line.write(message)
