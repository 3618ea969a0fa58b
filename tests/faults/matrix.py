"""The matrix: a row for every fault of the registry, from what two runs showed, as Markdown and back."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from e2e_validator.embedded.faults.fault import Fault
from e2e_validator.embedded.faults.registry import REGISTRY

from .shown import Shown
from .skew import CLOCK_SKEW, Skewed

COLUMNS = ("fault", "detected as", "repaired by", "with repair on", "with repair off", "seconds to notice")
NOTHING = "-"
# The scenarios that show what is in the payload, or in the scenario itself.
REFUSED = {
    "payload_without_manifest": "neg_no_manifest",
    "payload_names_with_dot": "neg_dot_slash",
    "payload_column_missing": "neg_missing_column",
    "payload_file_missing": "neg_missing_file",
    "payload_rows_garbled": "neg_garbage_csv",
    "payload_without_dates": "neg_no_dates",
    "payload_truncated": "neg_truncated",
    "payload_no_archive": "neg_not_gzip",
    "payload_of_no_source": "neg_no_source",
    "payload_outside_retention": "neg_outside_retention",
}
CLASSIC = "has no scenario"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the matrix, as text; ``seconds`` alone differs from run to run."""

    fault: str
    detected: str
    repaired: str
    on: str
    off: str
    seconds: str = NOTHING

    def without_seconds(self) -> Row:
        """What can be compared with another run's."""
        return replace(self, seconds=NOTHING)


def rows(on: Mapping[str, Shown], off: Mapping[str, Shown], skewed: Sequence[Skewed]) -> list[Row]:
    """A row for every fault of the registry, in its order; the skewed clock has one for each skew.

    Raises:
        KeyError: a fault has no scenario in the runs.
    """
    found: list[Row] = []
    for fault in REGISTRY:
        if fault.name == CLOCK_SKEW:
            found += [row_of_skew(one) for one in skewed]
        else:
            found.append(_row(fault, on, off))
    return found


def _row(fault: Fault, on: Mapping[str, Shown], off: Mapping[str, Shown]) -> Row:
    if fault.classic_only and fault.name not in on:
        return Row(f"`{fault.name}`", CLASSIC, NOTHING, NOTHING, NOTHING)
    refused = REFUSED.get(fault.name)
    name = refused or fault.name
    link = f"[`{fault.name}`]({'../' if refused else ''}{name}.yaml)"
    with_repair, without = on[name], off[name]
    if refused:
        detected = "refused by Koku" if with_repair.verdict == "PASSED" else _names(with_repair.causes)
    else:
        detected = _names(with_repair.causes)
    return Row(
        link,
        detected,
        _repairs(with_repair),
        ending(with_repair),
        ending(without),
        NOTHING if with_repair.seconds is None else f"{with_repair.seconds:.1f}",
    )


def row_of_skew(skewed: Skewed) -> Row:
    """A row of the skewed clock."""
    return Row(
        f"`{CLOCK_SKEW}`: {skewed.words}",
        _names(skewed.on.causes),
        _repairs(skewed.on),
        ending(skewed.on),
        ending(skewed.off),
    )


def ending(shown: Shown) -> str:
    """The verdict, and where it fell."""
    return f"{shown.verdict} ({shown.phase})" if shown.phase else shown.verdict


def _repairs(shown: Shown) -> str:
    worked = [f"`{name}`" for name in shown.repairs]
    return ", ".join(worked + [f"`{name}`: tried in vain" for name in shown.vain]) or NOTHING


def _names(causes: Iterable[str]) -> str:
    return ", ".join(f"`{cause}`" for cause in causes) or NOTHING


def markdown(found: Sequence[Row]) -> str:
    """The table and, below it, its sums."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * (len(COLUMNS) - 1)}---:|"]
    lines += [f"| {' | '.join(astuple(row))} |" for row in found]
    return "\n".join(lines) + "\n"


def read(text: str) -> list[Row]:
    """The rows of a document that holds the table."""
    cells = [line.strip("| \n").split(" | ") for line in text.splitlines() if line.startswith(("| [`", "| `"))]
    return [Row(*(cell.strip() for cell in row)) for row in cells]


def differences(committed: Sequence[Row], now: Sequence[Row]) -> list[str]:
    """What differs, the seconds apart; a sentence for each row."""
    before = {row.fault: row.without_seconds() for row in committed}
    after = {row.fault: row.without_seconds() for row in now}
    gone = [f"{fault} is no longer there" for fault in before.keys() - after.keys()]
    new = [f"{fault} is missing" for fault in after.keys() - before.keys()]
    changed = [
        f"{fault}: {' | '.join(astuple(before[fault])[1:-1])}  is now  {' | '.join(astuple(row)[1:-1])}"
        for fault, row in after.items()
        if fault in before and before[fault] != row
    ]
    order = [] if gone or new or list(before) == list(after) else ["the rows stand in another order"]
    return sorted(gone) + sorted(new) + changed + order


def summary(found: Sequence[Row]) -> str:
    """One paragraph: how many faults ended how, and how soon they were noticed."""
    run = [row for row in found if row.on != NOTHING]
    words = {word: sum(row.on.startswith(word) for row in run) for word in sorted({row.on.split()[0] for row in run})}
    counts = ", ".join(f"{count} {word}" for word, count in words.items())
    return f"{len(run)} rows were run: with repairs on {counts}. {len(found) - len(run)} have no scenario."


def noticing(found: Sequence[Row]) -> str:
    """How soon they were noticed."""
    seconds = sorted(float(row.seconds) for row in found if row.seconds != NOTHING)
    if not seconds:
        return "Nothing was noticed."
    middle = statistics.median(seconds)
    return f"Noticed {len(seconds)}: median {middle:.1f} s, longest {seconds[-1]:.1f} s."
