"""``python -m tests.interrupts --count 30``: one stack, one run after the other, each interrupted at a random moment.

Ends with 1 if anything was left on the target and not said, or a report of an interrupted run does not say so.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from faults.running import TODAY

from e2e_validator.deployment import Target
from e2e_validator.embedded.stack import EmbeddedStack

from .moment import MODES, Moment, drawn
from .project import furnish
from .remains import remains
from .trial import Trial


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.interrupts", description=__doc__)
    parser.add_argument("--count", type=int, default=30, help="runs in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="of the first run; each further one has the next (default: random)")
    parser.add_argument("--pace", default="fast", help="of the stack (default: %(default)s)")
    parser.add_argument("--embedded", action="store_true", help="each run has a stack of its own, instead of --target")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="keep the runs in this folder")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    bad = 0
    with tempfile.TemporaryDirectory(prefix="e2e-interrupts-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if given.embedded:
            bad = _all(seed, given.count, folder, None)
        else:
            with EmbeddedStack.start(today=date.fromisoformat(TODAY), pace=given.pace) as stack:
                file = folder / "target.json"
                file.touch(mode=0o600)
                file.write_text(json.dumps(stack.endpoints.as_json()), encoding="utf-8")
                bad = _all(seed, given.count, folder, file)
    print(f"\n{given.count - bad} of {given.count} runs as they must be; seeds {seed} to {seed + given.count - 1}")
    return int(bad > 0)


def _all(seed: int, count: int, folder: Path, file: Path | None) -> int:
    target = Target.load(json.loads(file.read_text(encoding="utf-8"))) if file else None
    lengths = {mode: _whole(folder / f"whole-{mode}", file, target, mode) for mode in MODES}
    print("whole runs: " + ", ".join(f"{mode} {seconds:.1f} s" for mode, seconds in lengths.items()), flush=True)
    bad = 0
    for number in range(count):
        moment = drawn(seed + number, MODES[number % len(MODES)], lengths)
        trial = Trial.run(furnish(folder / str(seed + number)), moment, file)
        wrong = trial.complaints(target)
        bad += bool(wrong)
        print(f"seed {seed + number:<7} {moment}  ->  {trial.outcome}", flush=True)
        for line in wrong:
            print(f"    WRONG  {line}", flush=True)
        if target is not None:
            for line in remains(target).remove():
                print(f"    removed what was said to be left: {line}", flush=True)
    return bad


def _whole(folder: Path, file: Path | None, target: Target | None, mode: str) -> float:
    """How many seconds a run takes that nobody interrupts.

    Raises:
        RuntimeError: it is not green, or leaves something.
    """
    began = time.monotonic()
    trial = Trial.run(furnish(folder), Moment(mode=mode), file)
    if trial.code != 0 or (target is not None and remains(target).names()):
        raise RuntimeError(f"the run that nobody interrupted ended with {trial.code}:\n{trial.text}")
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
