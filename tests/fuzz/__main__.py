"""``python -m tests.fuzz``: bad input by the thousand; ends with 1 if one of them was not refused in a sentence."""

from __future__ import annotations

import argparse
import collections
import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings

from .inputs import KINDS, Trial
from .trying import MEMORY_MIB, attempt, peak_mib


def main() -> int:
    """Try and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="inputs in all (default: %(default)s)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only of this kind; may be repeated")
    parser.add_argument("--seed", type=int, default=None, help="the same inputs again")
    given_ = parser.parse_args()
    chosen = given_.seed if given_.seed is not None else int(time.time())
    kinds = given_.kind or list(KINDS)
    print(f"seed {chosen}", flush=True)
    failed = tried = 0
    for number, kind in enumerate(kinds):
        count = given_.count // len(kinds) + (number < given_.count % len(kinds))
        began, codes = time.monotonic(), collections.Counter[int]()
        try:
            run(kind, count, chosen, codes)
        except AssertionError as error:
            failed += 1
            print(f"{kind}: {error}", flush=True)
        tried += sum(codes.values())
        ends = ", ".join(f"{code}: {times}" for code, times in sorted(codes.items()))
        took = time.monotonic() - began
        print(
            f"{kind:<14}{sum(codes.values()):>6} inputs  {took:6.1f} s  {peak_mib():>5} MiB  exit codes {ends}",
            flush=True,
        )
    peak = peak_mib()
    print(f"{tried} inputs, {failed} kinds with a bad end, at most {peak} MiB of memory")
    return int(failed > 0 or peak > MEMORY_MIB)


def run(kind: str, count: int, chosen: int, codes: collections.Counter[int]) -> None:
    """Try ``count`` inputs of ``kind``; ``AssertionError`` with the smallest one that ends as none may."""

    @seed(chosen)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    @given(KINDS[kind])
    def one(trial: Trial) -> None:
        codes[attempt(trial).code] += 1

    one()


if __name__ == "__main__":
    sys.exit(main())
