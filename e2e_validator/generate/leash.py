"""A child that a Ctrl-C in the terminal does not reach, and that ends when we do, ``kill -9`` included.

It has a session of its own: the terminal signals the whole group of the run, and data of which a half is missing look
like a mistake of the child. The kernel ends it with us; that must be asked for in the child itself, so a first small
program does it there and becomes the command.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# prctl(PR_SET_PDEATHSIG, SIGKILL) outlives exec (prctl(2)); whose parent is gone by then would never be told.
_LEASH = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""


def run_leashed(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout_seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` in ``folder`` to its end; whatever ends the wait, an interrupt too, ends the command.

    Raises:
        FileNotFoundError: there is no such command, or it may not be run.
        subprocess.TimeoutExpired: it took too long.
    """
    program = shutil.which(command[0], path=environment.get("PATH", os.defpath))
    if program is None:
        raise FileNotFoundError(command[0])
    leash = [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid())] if sys.platform == "linux" else []
    child = subprocess.Popen(
        [*leash, program, *command[1:]],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    with child:
        try:
            said, complained = child.communicate(timeout=timeout_seconds)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, child.returncode, said, complained)
