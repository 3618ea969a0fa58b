"""What must hold of every fault, whatever the matrix says: nothing is green that should not be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .shown import GOOD, Shown


def complaints(
    on: Mapping[str, Shown], off: Mapping[str, Shown], expected: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """A sentence for each thing that is wrong; ``expected`` holds the ``expect`` of each scenario's file."""
    return [
        f"{name}: {sentence}"
        for name in sorted(on)
        for sentence in (*with_repairs(on[name], expected[name]), *without_repairs(on[name], off[name]))
    ]


def with_repairs(shown: Shown, expect: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with repairs on: it ends as its scenario says, repaired by just these, with exact figures."""
    if not shown.as_it_says:
        yield f"does not end as its scenario says, but {shown.verdict} ({shown.phase})"
    if shown.verdict in {"ERROR", "UNCLEAN"}:
        yield f"{shown.verdict} is no verdict on a fault"
    if "repaired" in expect and set(shown.repairs) != set(expect["repaired"]):
        yield f"repaired by {_words(shown.repairs)}, not by {_words(expect['repaired'])}"
    if (shown.verdict == "REPAIRED") != bool(shown.repairs) and shown.verdict in GOOD:
        yield f"{shown.verdict}, repaired by {_words(shown.repairs)}"
    if shown.verdict in GOOD and shown.api not in GOOD:
        yield "green, and its figures were never compared"
    if shown.verdict not in GOOD and not shown.causes:
        yield f"{shown.verdict} without a cause"


def without_repairs(on: Shown, off: Shown) -> Iterator[str]:
    """What is wrong with repairs off: what was repaired is red of the same cause, all else is as it was."""
    if off.repairs or off.vain:
        yield f"repairs are off, and {_words(off.repairs + off.vain)} was tried"
    if on.repairs and off.verdict != "FAILED":
        yield f"{off.verdict} with repairs off, though it had to be repaired"
    if off.verdict not in GOOD and off.causes[:1] != on.causes[:1]:
        yield f"with repairs off the cause is {_words(off.causes)}, not {_words(on.causes)}"
    if not on.repairs and (off.verdict, off.phase) != (on.verdict, on.phase):
        yield f"{off.verdict} ({off.phase}) with repairs off, though nothing was repaired"


def _words(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"
