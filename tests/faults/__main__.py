"""``make faults``: every fault with repairs on and off; writes the matrix, or checks the one that is committed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from .document import document
from .matrix import differences, markdown, noticing, read, rows, summary
from .running import CHECKOUT, SCENARIOS, Ran, run
from .shown import expectations, shown
from .skew import skewed
from .sound import complaints

DOCUMENT = CHECKOUT / "scenarios" / "faults" / "README.md"


def main() -> int:
    """Run, print, write; 1 when something is green that should not be, or --check finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the committed matrix instead of writing it")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="keep the runs in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="e2e-faults-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return _run(folder, check=given.check)


def _run(folder: Path, *, check: bool) -> int:
    files = scenario_files()
    expected = expectations(files)
    ran = {mode: _timed(mode, files, folder) for mode in ("auto", "off")}
    on, off = (shown(ran[mode].folder, expected) for mode in ("auto", "off"))
    print("a deployment whose clock is not ours ...", flush=True)
    found = rows(on, off, skewed(folder))
    print(f"\n{markdown(found)}\n{summary(found)} {noticing(found)}\n")
    wrong = complaints(on, off, expected)
    if check:
        wrong += differences(read(DOCUMENT.read_text(encoding="utf-8")), found)
    else:
        DOCUMENT.write_text(document(found), encoding="utf-8")
        print(f"written: {DOCUMENT.relative_to(CHECKOUT)}")
    for line in wrong:
        print(f"WRONG  {line}")
    if wrong and not check:
        print(ran["auto"].text)
    return int(bool(wrong))


def scenario_files() -> list[Path]:
    """Every scenario with a fault, and those whose payload is one."""
    return sorted((SCENARIOS / "faults").glob("*.yaml")) + sorted(SCENARIOS.glob("neg_*.yaml"))


def _timed(mode: str, files: list[Path], folder: Path) -> Ran:
    print(f"{len(files)} scenarios with --repair={mode} ...", flush=True)
    began = time.monotonic()
    ran = run(files, folder / mode, f"--repair={mode}")
    print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return ran


if __name__ == "__main__":
    sys.exit(main())
