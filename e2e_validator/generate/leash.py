"""A child that a Ctrl-C in the terminal does not reach, and that ends when we do, ``kill -9`` included.

It has a session of its own: the terminal signals the whole group of the run, and data of which a half is missing look
like a mistake of the child. The kernel ends it with us; that must be asked for in the child itself, so a first small
program does it there and becomes the command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

# prctl(PR_SET_PDEATHSIG, SIGKILL) outlives exec (prctl(2)); whose parent is gone by then would never be told. The pipe
# closes with exec, or says why there was none.
_LEASH = """
import ctypes, os, sys
parent, pipe, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.set_inheritable(pipe, False)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
if os.getppid() == parent:
    try:
        os.execvp(program, sys.argv[3:])
    except OSError as error:
        os.write(pipe, str(error.errno).encode())
"""


def run_leashed(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout_seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` in ``folder`` to its end; whatever ends the wait, an interrupt too, ends the command.

    Raises:
        OSError: there is no such command, or it may not be run.
        subprocess.TimeoutExpired: it took too long.
    """
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start_leashed(command, folder=folder, environment=environment, **pipes) as child:
        try:
            said, complained = child.communicate(timeout=timeout_seconds)
        except BaseException:
            kill_group(child)
            raise
    return subprocess.CompletedProcess(command, child.returncode, said, complained)


def start_leashed(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], **streams: Any
) -> subprocess.Popen[str]:
    """Start ``command`` in ``folder`` with ``streams`` as of ``Popen``; it runs when this returns.

    Raises:
        OSError: there is no such command, or it may not be run.
    """
    told, pipe = os.pipe()
    try:
        child = _start([str(os.getpid()), str(pipe), *command], folder, environment, pipe, streams)
    except BaseException:
        os.close(told)
        raise
    finally:
        os.close(pipe)
    try:
        with open(told, "rb") as reason:  # noqa: PTH123 - a descriptor
            _check(reason.read(), command[0])
    except BaseException:
        kill_group(child)
        with child:
            raise
    return child


def kill_group(child: subprocess.Popen[str]) -> None:
    """End the child and all that it started; its end is still to be waited for."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _check(number: bytes, program: str) -> None:
    """Raise the error that kept the program from being run, if one did."""
    if number:
        raise OSError(int(number), os.strerror(int(number)), program)


def _start(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], pipe: int, streams: Mapping[str, Any]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LEASH, *words],
        cwd=folder,
        env=environment,
        text=True,
        errors="replace",
        start_new_session=True,
        pass_fds=(pipe,),
        **streams,
    )
