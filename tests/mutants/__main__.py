"""``make mutants``: plants every regression of the table and writes the page of the documentation."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .document import document
from .judging import Fate
from .matrix import Tried, controls, try_all
from .planting import plant
from .table import CHECKOUT, CLASSES, BadTableError, Row, table

DOCUMENT = CHECKOUT / "docs" / "mutants.md"


def main() -> int:
    """Run, print, write; 1 when a row is anything but seen, 2 when the table cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--class", dest="kind", choices=CLASSES, help="only the rows of this class")
    parser.add_argument("--id", action="append", default=[], help="only this row; may be given several times")
    parser.add_argument("--share", metavar="I/N", default="0/1", help="every N-th row from the I-th (from 0)")
    parser.add_argument("--jobs", type=int, default=3, help="how many run side by side (default 3)")
    parser.add_argument("--no-control", action="store_true", help="do not run the scenarios without a change first")
    parser.add_argument("--check", action="store_true", help="only look whether the table can be used")
    parser.add_argument("--page", action="store_true", help="only write the page of the documentation")
    given = parser.parse_args()
    try:
        rows = table()
    except BadTableError as error:
        print(error, file=sys.stderr)
        return 2
    chosen = choose(rows, kind=given.kind, ids=given.id, share=given.share)
    if given.page:
        _write(rows)
        return 0
    if given.check or not chosen:
        print(f"{len(chosen)} of {len(rows)} rows")
        return int(not chosen)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="e2e-mutants-", ignore_cleanup_errors=True) as temporary:
        base = plant(Path(temporary) / "base")
        if not given.no_control and not _green(chosen, base):
            return 1
        began = time.monotonic()
        tried = try_all(chosen, base, Path(temporary), jobs=given.jobs, tell=_tell)
        print(f"\n{summary(tried)} in {time.monotonic() - began:.0f} s")
    bad = [one for one in tried if one.verdict.fate is not Fate.SEEN]
    for one in bad:
        print(f"\n{one.verdict.fate} {one.row.id} {one.row.what}\n  {one.verdict.seen}")
    if len(chosen) == len(rows) and not bad:
        _write(rows)
    return int(bool(bad))


def _write(rows: Sequence[Row]) -> None:
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(document(rows), encoding="utf-8")
    print(f"written: {DOCUMENT.relative_to(CHECKOUT)}")


def choose(rows: Sequence[Row], *, kind: str | None, ids: Sequence[str], share: str) -> list[Row]:
    """The rows that the command line names."""
    index, _, of = share.partition("/")
    found = [row for row in rows if (kind in {None, row.kind}) and (not ids or row.id in ids)]
    return found[int(index) :: int(of)]


def summary(tried: Sequence[Tried]) -> str:
    """The counts by class."""
    lines = []
    for kind in CLASSES:
        counts = Counter(one.verdict.fate for one in tried if one.row.kind == kind)
        if counts:
            lines.append(f"{kind}: " + ", ".join(f"{counts[fate]} {fate}" for fate in Fate if counts[fate]))
    return "\n".join([*lines, f"{len(tried)} rows"])


def _green(rows: Sequence[Row], base: Path) -> bool:
    began = time.monotonic()
    wrong = controls(rows, base)
    print(f"without any change: {len({row.seen_by for row in rows})} scenarios and tests,", end=" ")
    print(f"{len(wrong)} red, {time.monotonic() - began:.0f} s", flush=True)
    for line in wrong:
        print(f"RED  {line}")
    return not wrong


def _tell(one: Tried) -> None:
    seen = " ".join(one.verdict.seen.split())
    print(f"{one.row.id:5} {one.verdict.fate:9} {one.seconds:4.0f} s  {one.row.what[:60]}  [{seen[:220]}]", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
