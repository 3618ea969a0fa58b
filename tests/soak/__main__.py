"""``make soak``: healthy runs at every pace; ends with 1 if anything was repaired or did not pass."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from e2e_validator.embedded.standin.config import PACE_NAMES

from .seen import table
from .soaking import LANES, REPAIR_AFTER_SECONDS, soak

# Of twenty runs; a slow one takes as long as ten fast ones.
SHARES = {"fast": 8, "brisk": 6, "real": 5, "slow": 1}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="scenarios in all (default: %(default)s)")
    parser.add_argument("--pace", choices=PACE_NAMES, action="append", help="only at this pace; may be repeated")
    parser.add_argument("--lanes", type=int, default=LANES, help="pytest runs at the same time (default: %(default)s)")
    parser.add_argument("--repair-after", type=float, default=REPAIR_AFTER_SECONDS, metavar="SECONDS")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="keep the runs in this folder")
    given = parser.parse_args()
    counts = _counts(given.runs, tuple(given.pace or PACE_NAMES))
    with tempfile.TemporaryDirectory(prefix="e2e-soak-") as temporary:
        folder = given.keep or Path(temporary)
        found = []
        for pace, count in counts.items():
            began = time.monotonic()
            print(f"{pace}: {count} runs ...", flush=True)
            found.append(soak(pace, count, folder / pace, lanes=given.lanes, repair_after=given.repair_after))
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
    print(f"\n{table(found)}")
    for seen in found:
        for line in (*seen.repairs, *seen.not_passed, *seen.recognised):
            print(f"{seen.pace}: {line}")
    return int(not all(seen.sound for seen in found))


def _counts(runs: int, paces: tuple[str, ...]) -> dict[str, int]:
    """How many of the runs at which pace; what does not come out even is run at the first."""
    shares = sum(SHARES[pace] for pace in paces)
    counts = {pace: runs * SHARES[pace] // shares for pace in paces}
    counts[paces[0]] += runs - sum(counts.values())
    return {pace: count for pace, count in counts.items() if count}


if __name__ == "__main__":
    sys.exit(main())
