"""The keeper: a small process between a run and its servers, so that they end when the run does, ``kill -9`` included.

It is two processes, each of which ends all servers and removes the folder when the other (or the run) is gone::

    run ---- life line (pipe) and pidfd --.
     `-- guard                            |
           `-- keeper  <------------------'   starts the servers, reports their deaths, ends them
                 |-- postgres, weed, valkey-server, the stand-in: ended by the kernel if the keeper dies
                 `-- ...

It lives in a session of its own: a Ctrl-C in the terminal reaches the run alone, which still needs its servers.
The argument is the folder of the stack. Input is one line of JSON (``keeping.py`` writes it); whatever comes after
that line, the end of the pipe included, means "end". Output is a line of JSON per event: ``{"part", "event", "why"}``.

A part that ends while the folder has a file ``NAME.hold`` is meant to end: it is not reported, and started again when
the file is gone. ``NAME.pid`` tells the process id of a living one.

Standard library alone, for its start-up time.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from e2e_validator.embedded.descendants import adopt_orphans, dies_with, kill_descendants
from e2e_validator.embedded.litter import remove_stack

_LIFE_LINE = 0
_STATUS = 1
# How long PostgreSQL may take to clear its shared memory away before it is killed like the others.
_GRACE_SECONDS = 0.7
# How often to look whether the guard is still there.
_LOOK_MILLISECONDS = 500
# How often to look whether a server that is held down may be started again.
_LOOK_OFTEN_MILLISECONDS = 20


def main() -> NoReturn:
    """Run guard and keeper until the run is gone."""
    folder = Path(sys.argv[1])
    line = _read_line()
    if not line:  # the run ended before it said what to start
        _remove(folder)
        sys.exit(0)
    spec = json.loads(line)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    run = _pidfd(spec["run_pid"])
    adopt_orphans()
    guard = os.getpid()
    keeper = os.fork()
    if keeper == 0:
        _Keeper(folder, spec["parts"], run, guard).keep()
    os.close(_STATUS)
    while os.waitpid(-1, 0)[0] != keeper:
        pass
    kill_descendants(grace_seconds=_GRACE_SECONDS)
    _remove(folder)
    sys.exit(0)


class _Keeper:
    def __init__(self, folder: Path, parts: list[dict[str, Any]], run: int | None, guard: int) -> None:
        self._folder = folder
        self._parts = parts
        self._run = run
        self._guard = guard
        self._processes: dict[int, tuple[dict[str, Any], subprocess.Popen[bytes]]] = {}
        self._held: list[dict[str, Any]] = []

    def keep(self) -> NoReturn:
        adopt_orphans()
        wake = _wake_on_signals()
        for part in self._parts:
            part["steps"] = [*part["prepare"], part["command"]]
            self._start_next_step(part)
        while not self._must_end(wake):
            self._reap()
            self._start_released()
        self._end()
        os._exit(0)

    def _must_end(self, wake: int) -> bool:
        waits_for = select.poll()
        for descriptor in (_LIFE_LINE, wake, self._run):
            if descriptor is not None:
                waits_for.register(descriptor, select.POLLIN)
        patience = _LOOK_OFTEN_MILLISECONDS if self._held else _LOOK_MILLISECONDS
        ready = {descriptor for descriptor, _ in waits_for.poll(patience)}
        if wake in ready:
            numbers = os.read(wake, 512)
            ready.discard(wake)
            if signal.SIGTERM in numbers:
                return True
        return bool(ready) or os.getppid() != self._guard

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            part, _ = self._processes.pop(pid, (None, None))
            if part is None:  # an orphan that we adopted
                continue
            code = os.waitstatus_to_exitcode(status)
            if not part["steps"] and self._hold(part).exists():
                self._held.append(part)
            elif code == 0 and part["steps"]:
                self._start_next_step(part)
            else:
                how = f"exit code {code}" if code >= 0 else f"signal {-code}"
                _report(part["name"], "died", how)

    def _start_next_step(self, part: dict[str, Any]) -> None:
        step = part["steps"].pop(0)
        try:
            with Path(part["log"]).open("ab") as log:
                process = subprocess.Popen(
                    step,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=part["folder"],
                    env=part["environment"],
                    process_group=0,
                    user=part["uid"],
                    group=part["uid"],
                    extra_groups=None if part["uid"] is None else [],
                    preexec_fn=dies_with(os.getpid(), part["death_signal"]),  # noqa: PLW1509 - no threads here
                )
        except (OSError, subprocess.SubprocessError) as error:
            _report(part["name"], "failed", str(error))
            return
        self._processes[process.pid] = (part, process)
        (self._folder / f"{part['name']}.pid").write_text(f"{process.pid}\n")

    def _hold(self, part: dict[str, Any]) -> Path:
        return self._folder / f"{part['name']}.hold"

    def _start_released(self) -> None:
        for part in [part for part in self._held if not self._hold(part).exists()]:
            self._held.remove(part)
            part["steps"] = [part["command"]]
            self._start_next_step(part)

    def _end(self) -> None:
        gentle = []
        for pid, (part, _) in self._processes.items():
            preparing = bool(part["steps"])
            # A preparing command is short and leaves nothing if it comes to its end; half of one may leave things.
            if not preparing:
                os.kill(pid, part["death_signal"])
            if preparing or part["death_signal"] != signal.SIGKILL:
                gentle.append(pid)
        _wait_while(gentle, _GRACE_SECONDS)
        kill_descendants()
        _remove(self._folder)


def _wait_while(pids: list[int], limit_seconds: float) -> None:
    deadline = time.monotonic() + limit_seconds
    while pids := [pid for pid in pids if os.waitpid(pid, os.WNOHANG)[0] == 0]:
        if time.monotonic() > deadline:
            return
        time.sleep(0.005)


def _wake_on_signals() -> int:
    """A descriptor that is readable after SIGCHLD or SIGTERM; its bytes are the signals' numbers."""
    wake, write = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return wake


def _pidfd(pid: int) -> int | None:
    """Readable when the run ends; the pipe alone would stay open in a child that the run forked."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:  # a kernel without it, or the run is gone: then the life line tells
        return None
    if os.getppid() != pid:  # the run is gone and another process may have its number
        os.close(descriptor)
        return None
    return descriptor


def _read_line() -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(_LIFE_LINE, 65536)
        if not piece:
            return b""
        line += piece
    return bytes(line)


def _report(part: str, event: str, why: str) -> None:
    line = json.dumps({"part": part, "event": event, "why": why}) + "\n"
    try:
        os.write(_STATUS, line.encode())
    except BrokenPipeError:
        return  # the run is gone: no process is left to tell, and the life line ends this process next


def _remove(folder: Path) -> None:
    for _ in range(3):  # guard and keeper may both be at it
        if not folder.exists():
            return
        try:
            remove_stack(folder)
        except OSError as error:
            print(f"keeper: cannot remove {folder}: {error}", file=sys.stderr)
            time.sleep(0.05)


if __name__ == "__main__":
    main()
