"""Filters, exclusions and groups with a value: each shows the rows it names, and their sum.

See docs/contract/koku.md 5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, equal
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import ZERO, Subject, additive, by_group, keyed, some, summed

# A comma parts values, * is any, and what a row lacks cannot be filtered by its stand-in name.
_NOT_TO_BE_NAMED = (",", "*")


def narrowing(subject: Subject) -> Iterator[Check]:
    """One whole name, a part of it in the other case, all but it, and a group_by with it."""
    for report, grouping, base in subject.pairs(("costs", "project"), ("compute", "project"), ("compute", "node")):
        name = _chosen(base)
        if name is None:
            continue
        for number, ask in enumerate((_exact, _part, _without, _value, _part_total)):
            # Without "full", each of the five is asked of one report.
            if subject.full or _fast(report, grouping, number):
                yield ask(subject, base, name)
    if subject.tags and (key := subject.tags[0]):
        base = subject.shown["costs", f"tag:{key}"]
        if (name := _chosen(base)) is not None:
            yield _part(subject, base, name)
    if subject.full:
        yield _alias(subject)
        yield from _two(subject)
        yield from _labelled(subject)


def _fast(report: str, grouping: str, number: int) -> bool:
    return number in {("costs", "project"): (0, 2, 4), ("compute", "project"): (1, 3)}.get((report, grouping), (0,))


def _chosen(base: Shown) -> str | None:
    """The group to ask for: one of which the name can be said, the largest but one where there are several."""
    names = [name for name in base.names if _can_be_named(name)]
    names.sort(key=lambda name: not name.isascii())
    return names[1] if len(names) > 1 else names[0] if names else None


def _can_be_named(name: str) -> bool:
    return bool(name) and not name.startswith("No-") and not any(sign in name for sign in _NOT_TO_BE_NAMED)


def _exact(subject: Subject, base: Shown, name: str) -> Check:
    """The total of one group, without grouping."""
    question = subject.question(base.report, more={f"filter[exact:{base.grouping}]": name})
    said = f"{base.report} of {base.grouping} {name} alone"
    return _total(question, base, said, lambda group: group == name)


def _part_total(subject: Subject, base: Shown, name: str) -> Check:
    """The total of all groups whose name contains a part of this one: with a group_by Koku filters twice."""
    part = _part_of(name)
    question = subject.question(base.report, more={f"filter[{base.grouping}]": part})
    said = f"{base.report} of each {base.grouping} with {part} in its name"
    return _total(question, base, said, lambda group: part.lower() in group.lower())


def _total(question: Question, base: Shown, said: str, wanted: Callable[[str], bool]) -> Check:
    def judge(body: Any) -> Judged:
        return narrowed_total(base, read_shown(base.report, (), body, str(question)), wanted)

    return Check(f"{said}: the sum of those rows", question, judge)


def narrowed_total(base: Shown, shown: Shown, wanted: Callable[[str], bool]) -> Judged:
    """The total, and the rows together, are the sum of the rows that are wanted."""
    names = additive(base.report, base.grouping, "total")
    sums = summed((row for row in base.rows if wanted(_named(base, row.group))), names)
    total = {name: shown.total.get(name, ZERO) for name in names}
    return equal(
        keyed(base.report, "total", {"the total": sums, "all rows": sums}),
        keyed(base.report, "total", {"the total": total, "all rows": summed(shown.rows, names)}),
    )


def _part_of(name: str) -> str:
    """The end of the name, in the other case."""
    return _other_case(name[len(name) // 3 :] if len(name) > 3 else name)


def _part(subject: Subject, base: Shown, name: str) -> Check:
    """All groups whose name contains a part of this one, in whatever case."""
    part, key = _part_of(name), base.grouping
    question = subject.question(base.report, key, more={f"filter[{key}]": part})
    return _rows(question, base, f"{base.report} with {part} in the name", lambda group: part.lower() in group.lower())


def _without(subject: Subject, base: Shown, name: str) -> Check:
    """All groups but those whose name contains this one."""
    key = base.grouping
    question = subject.question(base.report, key, more={f"exclude[{key}]": name})
    said = f"{base.report} by {key} without {name}"
    return _rows(question, base, said, lambda group: name.lower() not in group.lower())


def _value(subject: Subject, base: Shown, name: str) -> Check:
    """A group_by with a value in place of *."""
    key = base.grouping
    question = subject.question(base.report, more={f"group_by[{key}]": name})
    said = f"{base.report} grouped by {key} {name}"
    return _rows(question, base, said, lambda group: name.lower() in group.lower())


def _rows(question: Question, base: Shown, said: str, wanted: Callable[[str], bool]) -> Check:
    def judge(body: Any) -> Judged:
        return narrowed(base, read_shown(base.report, base.groupings, body, str(question)), wanted)

    return Check(f"{said}: those rows of the whole, and their sum", question, judge)


def narrowed(base: Shown, shown: Shown, wanted: Callable[[str], bool]) -> Judged:
    """The rows of the whole that are wanted, no others; the total is their sum."""
    names = additive(base.report, base.grouping)
    rows = [row for row in base.rows if wanted(_named(base, row.group))]
    found = equal(
        keyed(base.report, base.grouping, some(by_group(rows, names))),
        keyed(base.report, base.grouping, some(by_group(shown.rows, names))),
    )
    total = {"the total": {name: shown.total.get(name, ZERO) for name in names}}
    return found + equal(
        keyed(base.report, base.grouping, {"the total": summed(rows, names)}), keyed(base.report, base.grouping, total)
    )


def _named(base: Shown, group: str) -> str:
    """The name that a filter sees: nothing where the row has none."""
    title = base.grouping.removeprefix("tag:")
    return "" if group == f"No-{title}" else group


def _two(subject: Subject) -> Iterator[Check]:
    """Two names at once: the groups of either."""
    for report in ("costs", "compute"):
        base = subject.shown[report, "project"]
        names = [name for name in base.names if _can_be_named(name)][-2:]
        if len(names) == 2:
            question = subject.question(report, "project")
            both = replace(question, params=(*question.params, *(("filter[project]", name) for name in names)))
            yield _rows(both, base, f"{report} by project, {' or '.join(names)}", _either(names))


def _either(names: Sequence[str]) -> Callable[[str], bool]:
    return lambda group: any(name.lower() in group.lower() for name in names)


def _labelled(subject: Subject) -> Iterator[Check]:
    """All that has a label: what is not in the group without it. A row with an empty value is in both."""
    for key in subject.tags:
        if "" not in subject.tag_values.get(key, ("",)):
            base = subject.shown["compute", f"tag:{key}"]
            question = subject.question("compute", more={f"filter[tag:{key}]": "*"})
            yield _total(question, base, f"compute of all that has the tag {key}", bool)


def _alias(subject: Subject) -> Check:
    """The cluster by its name in place of its id."""
    base = subject.shown["compute", "total"]
    question = subject.question("compute", more={"filter[cluster]": subject.cluster_alias})
    names = additive("compute", "total")

    def judge(body: Any) -> Judged:
        shown = read_shown("compute", (), body, str(question))
        return equal(
            keyed("compute", "total", {"the total": {name: base.total.get(name, ZERO) for name in names}}),
            keyed("compute", "total", {"the total": {name: shown.total.get(name, ZERO) for name in names}}),
        )

    return Check("a cluster by its name is the cluster by its id", question, judge)


def _other_case(text: str) -> str:
    """Small letters for large ones and the other way round; others than ASCII depend on the database's locale."""
    return text.swapcase() if text.isascii() else text
