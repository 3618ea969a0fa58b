"""One trial: run as a user would run it, and hold the end against what every end must be."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e_validator import cli
from e2e_validator.deployment.endpoints import from_file
from e2e_validator.errors import UsageError

from .inputs import Trial
from .originals import ROOT

# 0: nothing wrong. 2: the file. 4: what was typed. 10, 12: it could not be read. Never 1 (the product), 3 (a bug).
GOOD_CODES = frozenset({0, 2, 4, 10, 12})
MEMORY_MIB = 512


class BadEndError(AssertionError):
    """An end that no input may have."""


@dataclass(frozen=True)
class End:
    """How a trial ended."""

    code: int
    out: str
    err: str


def attempt(trial: Trial) -> End:
    """Run ``trial`` in a folder of its own; ``BadEndError`` if it ends as no input may end."""
    with tempfile.TemporaryDirectory(prefix="e2e-fuzz-") as made, pytest.MonkeyPatch.context() as patch:
        outer = Path(made)
        place, temporary = outer / "place", outer / "tmp"
        for folder in (place / "scenarios", temporary):
            folder.mkdir(parents=True)
        for name in ("nise", "cost_models"):
            shutil.copytree(ROOT / "fixtures" / name, place / "fixtures" / name)
        for name, content in trial.files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        before = _seen(outer)
        patch.chdir(place)
        patch.setattr(tempfile, "tempdir", str(temporary))
        end = _run(trial)
        left = set(_seen(outer)) ^ set(before)
        _judge(trial, end, left, temporary)
    return end


def _run(trial: Trial) -> End:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _typed(trial.command):
        try:
            if trial.command[0] == "--target":
                _read_target(trial.command[1])
            else:
                cli.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    return End(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _typed(words: tuple[str, ...]) -> Iterator[None]:
    before, sys.argv = sys.argv, ["e2e-validator", *words]
    try:
        yield
    finally:
        sys.argv = before


def _read_target(name: str) -> None:
    """A target file is read by a run; this is what of it can be run without pytest."""
    try:
        from_file(Path(name))
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(4)


def _seen(folder: Path) -> list[str]:
    return [f"{parent}/{name}" for parent, folders, names in os.walk(folder) for name in (*folders, *names)]


def _judge(trial: Trial, end: End, left: set[str], temporary: Path) -> None:
    said = f"{end.out}{end.err}"
    if end.code == 3:
        traces = "\n".join(path.read_text("utf-8") for path in temporary.glob("*.txt"))
        raise BadEndError(f"{trial.command}: a bug\n{said}\n{traces}")
    if end.code not in GOOD_CODES:
        raise BadEndError(f"{trial.command}: ended with {end.code}\n{said}")
    if "Traceback" in said:
        raise BadEndError(f"{trial.command}: a traceback\n{said}")
    if end.code and not said.strip():
        raise BadEndError(f"{trial.command}: ended with {end.code} and said nothing")
    if odd := [char for char in said if not char.isprintable() and char not in "\n\t"]:
        raise BadEndError(f"{trial.command}: said {odd[:5]!r} to a terminal\n{said!r}")
    if end.code and str(temporary) in said:
        raise BadEndError(f"{trial.command}: named a temporary folder\n{said}")
    if left:
        raise BadEndError(f"{trial.command}: left {sorted(left)}\n{said}")


def peak_mib() -> int:
    """The most memory this process ever had."""
    # Not ru_maxrss, which begins with what the parent had.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))
