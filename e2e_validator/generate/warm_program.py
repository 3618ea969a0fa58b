"""What a warm worker runs: ``python -P warm_program.py MODULE PRELOADED``.

It imports ``PRELOADED`` once, and then does ``python -m MODULE`` for each line that it reads, in a child that is a
copy of itself. What one call leaves behind in modules, classes and random numbers ends with its child, so that no call
sees another. It knows nothing of the module, and imports nothing of this package: it is a process of its own.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import random
import runpy
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

_PR_SET_PDEATHSIG, _SIGKILL = 1, 9


def main() -> None:
    """Answer each request with a line that has the exit code of its child; the end of the input is the end."""
    module, preloaded = sys.argv[1:]
    # The pipes are ours alone: what the module reads and writes is nothing of the requests and answers.
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    # Each call says what is wrong with it, as it does in a process of its own.
    with suppress(Exception):
        importlib.import_module(preloaded)
    # What is run must not be there already, only what it imports.
    sys.modules.pop(f"{module}.__main__", None)
    # Found before they are frozen: a copy must not draw the numbers of the copy before.
    dice = [one for one in gc.get_objects() if isinstance(one, random.Random)]
    gc.collect()
    gc.freeze()
    for line in requests:
        worker, child = os.getpid(), os.fork()
        if child == 0:
            _run(worker, module, json.loads(line), dice)
        _, status = os.waitpid(child, 0)
        answers.write(json.dumps({"code": os.waitstatus_to_exitcode(status)}) + "\n")
        answers.flush()


def _run(worker: int, module: str, request: Mapping[str, Any], dice: Sequence[random.Random]) -> None:
    """The child: never returns."""
    code = 1
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != worker:
            return
        _settle(request)
        for die in dice:
            die.seed(request.get("seed"))
        code = _called(module, request["arguments"])
    except BaseException:  # noqa: BLE001 - the end of a process
        traceback.print_exc()
    finally:
        _leave(code)


def _settle(request: Mapping[str, Any]) -> None:
    """Folder, environment and outputs, as a process of its own would have them from the start."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    tempfile.tempdir = None
    os.chdir(request["folder"])
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, descriptor)
        os.close(file)


def _called(module: str, arguments: Sequence[str]) -> int:
    """The exit code of ``python -m module arguments``."""
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:  # noqa: BLE001 - the end of a process
        traceback.print_exc()
        return 1
    return 0


def _leave(code: int) -> None:
    """End without tearing down what belongs to the worker as well: that would cost more than the start of a copy."""
    try:
        atexit._run_exitfuncs()  # noqa: SLF001 - what a module wants done at the end, such as temporary folders
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - the end of a process
        code = code or 120
    os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
