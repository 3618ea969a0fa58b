"""Warm workers: processes that have imported a module once, and call it in a copy of themselves, again and again.

A worker belongs to the process that started it, and ends with it. One that died is replaced, and the call is made
again; one that took too long is ended with its child, and the next call gets a new one.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from e2e_validator.errors import HarnessError
from e2e_validator.generate.leash import kill_group, start_leashed

_PROGRAM = Path(__file__).with_name("warm_program.py")
# A worker that dies twice in one call is ended by what it does, or by what would end the third as well.
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Call:
    """One ``python -m MODULE arguments`` in ``folder``; what it says goes to files in ``said``.

    ``seed`` is for its random numbers; none is given but in tests: each call then has its own.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    said: Path
    seed: int | None = None

    def line(self) -> str:
        """The request, for the worker."""
        request = {
            "arguments": list(self.arguments),
            "folder": str(self.folder.absolute()),
            "environment": dict(self.environment),
            "stdout": str(self.said.absolute() / "stdout"),
            "stderr": str(self.said.absolute() / "stderr"),
            "seed": self.seed,
        }
        return json.dumps(request) + "\n"


class WorkerDiedError(Exception):
    """The worker ended before it answered."""


@dataclass
class WarmWorkers:
    """The workers of one module: as many as there are calls at the same time, and kept for the next ones.

    ``preloaded`` is what they import at their start. What an interpreter reads at its start alone, such as
    PYTHONHASHSEED, is of the first call's environment: it must be the same in every call.
    """

    module: str
    preloaded: str
    _idle: list[subprocess.Popen[str]] = field(default_factory=list)
    _owner: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, call: Call, *, timeout_seconds: float) -> subprocess.CompletedProcess[str]:
        """Make the call, to its end; whatever ends the wait, an interrupt too, ends the call.

        Raises:
            OSError: a worker cannot be started.
            subprocess.TimeoutExpired: the call took too long, the start of a worker included.
            HarnessError: the worker died, and so did the one after it.
        """
        deadline = time.monotonic() + timeout_seconds
        for _ in range(_ATTEMPTS):
            worker = self._taken(call.environment)
            try:
                code = _asked(worker, call.line(), deadline)
            except WorkerDiedError:
                _ended(worker)
                continue
            except BaseException as error:
                _ended(worker)
                if isinstance(error, TimeoutError):
                    raise subprocess.TimeoutExpired(self.module, timeout_seconds) from None
                raise
            with self._lock:
                self._idle.append(worker)
            out, err = ((call.said / name).read_text(errors="replace") for name in ("stdout", "stderr"))
            return subprocess.CompletedProcess([self.module, *call.arguments], code, out, err)
        raise HarnessError(f"The process in which {self.module} runs died twice without a word.")

    def close(self) -> None:
        """End the workers that wait for a call."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle if self._owner == os.getpid() else ():
            _ended(worker)

    def _taken(self, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._owner != os.getpid():
                # Copied with our own process: the workers, and their pipes, belong to the one that started them.
                self._idle, self._owner = [], os.getpid()
                atexit.register(self.close)
            while self._idle:
                worker = self._idle.pop()
                if worker.poll() is None:
                    return worker
                _ended(worker)
        return self._started(environment)

    def _started(self, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """A new worker; it imports while the caller already writes its request."""
        # -P: of the module's folder nothing is imported, and the one we start in is not looked at.
        command = [sys.executable, "-P", str(_PROGRAM), self.module, self.preloaded]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        return start_leashed(command, folder=Path("/"), environment=environment, **pipes)


def _asked(worker: subprocess.Popen[str], line: str, deadline: float) -> int:
    """The exit code of the call.

    Raises:
        WorkerDiedError: there is no answer, and there will be none.
        TimeoutError: there is no answer yet.
    """
    if worker.stdin is None or worker.stdout is None:
        raise WorkerDiedError
    try:
        worker.stdin.write(line)
        worker.stdin.flush()
    except OSError as error:
        raise WorkerDiedError from error
    if not select.select([worker.stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
        raise TimeoutError
    answer = worker.stdout.readline()
    try:
        return int(json.loads(answer)["code"])
    except (ValueError, KeyError, TypeError) as error:
        raise WorkerDiedError from error


def _ended(worker: subprocess.Popen[str]) -> None:
    kill_group(worker)
    # The pipe may still hold a request.
    with suppress(OSError), worker:
        pass
