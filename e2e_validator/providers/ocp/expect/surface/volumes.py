"""Volumes by claim and by storage class, and the lists of both that other answers have (docs/contract/koku.md 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from e2e_validator.providers.ocp.expect.summary import BLANK
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, equal, same, together
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import ZERO, Subject, by_group, keyed, some, summed

CLAIM, CLASS = "persistentvolumeclaim", "storageclass"
_QUANTITIES = ("usage", "request")
_LISTED = {CLAIM: "persistent_volume_claim", CLASS: "storage_class"}


def volumes(subject: Subject) -> Iterator[Check]:
    """By claim and by storage class: their names are those listed, their quantities those of the whole."""
    base = subject.shown["volumes", "total"]
    if not base.rows:
        return
    for grouping in (CLAIM, CLASS):
        question = subject.question("volumes", grouping)
        yield Check(f"volumes by {grouping} are all volumes", question, _judge(subject, question, base, grouping))


def _judge(subject: Subject, question: Question, base: Shown, grouping: str) -> Callable[[Any], Judged]:
    def judge(body: Any) -> Judged:
        shown = read_shown("volumes", (grouping,), body, str(question))
        return divided(shown, base, grouping) + claims(subject, shown, base, grouping)

    return judge


def divided(shown: Shown, base: Shown, grouping: str) -> Judged:
    """The quantities of the groups are those of the whole, and each group is in the list of the whole."""
    whole = {"all": {name: base.total.get(name, ZERO) for name in _QUANTITIES}}
    found = equal(
        keyed("volumes", grouping, whole), keyed("volumes", grouping, {"all": summed(shown.rows, _QUANTITIES)})
    )
    names = sorted(name for name in shown.names if name != f"No-{grouping}")
    # The list has '' for what has no name; the groups have a name for it, which others may have, too.
    given = [name for name in listed(base, grouping) if name]
    return found + same(f"the {_LISTED[grouping]}s of the whole", names, given)


def listed(shown: Shown, grouping: str) -> list[str]:
    """The claims (or storage classes) that the rows of an answer list."""
    return sorted({str(name) for row in shown.rows for name in row.said.get(_LISTED[grouping]) or ()})


def claims(subject: Subject, shown: Shown, base: Shown, grouping: str) -> Judged:
    """The claims are those of the data, each with its own quantities."""
    if grouping != CLAIM:
        return Judged()
    found = same("the claims", sorted("" if name == BLANK else name for name in subject.claims), listed(base, CLAIM))
    known = {
        f"No-{CLAIM}" if name == BLANK else name: {field: values[field] for field in _QUANTITIES}
        for name, values in subject.claims.items()
    }
    return found + equal(
        keyed("volumes", CLAIM, some(known)), keyed("volumes", CLAIM, some(by_group(shown.rows, _QUANTITIES)))
    )


def lists(subject: Subject, answers: list[Shown]) -> Judged:
    """Every volume row lists its claims and storage classes in order, each once."""
    del subject
    return together(_ordered(shown) for shown in answers if shown.report == "volumes")


def _ordered(shown: Shown) -> Judged:
    found = Judged()
    for row in shown.rows:
        for name in _LISTED.values():
            given = list(row.said.get(name) or ())
            if given != sorted(set(given)):
                found += same(f"{name} of {row.group or row.date}", sorted(set(given)), given)
    return found
