"""The surface of the API that people use, held against its plain answers and the data (docs/contract/koku.md 5.4, 5.5).

Every question is one that a user could paste; a failure names it, what was expected and what came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from e2e_validator.access.http import Refused
from e2e_validator.engine.context import Context
from e2e_validator.engine.koku_day import koku_today
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import NumbersDiffer, counted
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged
from e2e_validator.providers.ocp.expect.surface.everyone import first_looks
from e2e_validator.providers.ocp.expect.surface.plain import plain_answers
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.registry import own_checks, shared_checks
from e2e_validator.providers.ocp.expect.surface.shown import Shown, WrongShape
from e2e_validator.providers.ocp.expect.surface.subject import LIMIT, Subject
from e2e_validator.providers.ocp.surface_subject import subject_of

# What others change meanwhile is asked again in other words; it must be wrong each time.
_ATTEMPTS, _PAUSE_SECONDS = 6, 0.5
_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Surface:
    """What was asked and compared, when all of it holds."""

    questions: int
    figures: int
    lines: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A relation after its answer came."""

    check: Check
    judged: Judged

    @property
    def line(self) -> str:
        """One line for the list of what was asked."""
        how = f"ok ({self.judged.figures} figures)"
        if self.judged.unsure:
            how = f"not compared ({self.judged.unsure[0]})"
        if self.judged.broken:
            how = "broken"
        return f"{how}: {self.check.relation}\n    {self.check.question}"


def check_surface(context: Context, shown: dict[tuple[str, str], Shown], span: tuple[date, date]) -> Surface:
    """Ask everything, and compare.

    Raises:
        NumbersDiffer: something does not hold; the headline names the question.
    """
    today = koku_today(context)
    found = _all(context, subject_of(context, shown, span, today))
    if any(each.judged.broken for each in found) and (later := koku_today(context)) != today:
        # It was asked over midnight: "the last ten days" were others at the end than at the beginning.
        found = _all(context, subject_of(context, shown, span, later))
    lines = "\n".join(each.line for each in found)
    broken = [each for each in found if each.judged.broken]
    if broken:
        raise NumbersDiffer(_headline(broken), detail="\n\n".join(_describe(each) for each in broken[:_MOST_SHOWN]))
    return Surface(len({each.check.question for each in found}), sum(each.judged.figures for each in found), lines)


def look_as_a_user(context: Context) -> None:
    """Ask what a user asks who waits for the data: Koku keeps these pages, and must give others once the data came."""
    today = koku_today(context)
    _ask(context, first_looks(min(context.plan.last_day, today), today), {})


def _all(context: Context, subject: Subject) -> list[_Found]:
    found = [
        _Found(Check(f"{name}: its dates, counts, order and sums", _plain_question(subject, name), _nothing), judged)
        for name, judged in plain_answers(subject).items()
    ]
    own, shared = list(own_checks(subject)), list(shared_checks(subject))
    settled, first = _settled(context, own, shared)
    return found + settled + _shared(context, shared, first)


def _plain_question(subject: Subject, name: str) -> Question:
    report, grouping = name.split(" by ", 1)
    groups = () if grouping in {"total", "daily"} else (grouping,)
    more = {"limit": str(LIMIT)} | ({"filter[limit]": str(LIMIT)} if groups else {})
    return subject.question(report, *groups, daily=grouping == "daily", more=more)


def _nothing(_body: Any) -> Judged:
    return Judged()


def settle(context: Context, checks: Sequence[Check]) -> list[_Found]:
    """Ask the questions of ``checks`` and of those that follow from their answers, and judge each answer."""
    return _settled(context, checks)[0]


def _settled(context: Context, *families: Sequence[Check]) -> list[list[_Found]]:
    """As ``settle`` for each of ``families``, whose questions are asked together: less is waited for."""
    found: list[list[_Found]] = [[] for _ in families]
    asked: dict[Question, Any] = {}
    while any(families):
        _ask(context, {check.question for checks in families for check in checks}, asked)
        judged = [[_Found(check, _judge(check, asked[check.question])) for check in checks] for checks in families]
        for whole, part in zip(found, judged, strict=True):
            whole.extend(part)
        families = tuple([more for each in part for more in each.judged.more] for part in judged)
    return found


def _ask(context: Context, questions: Iterable[Question], asked: dict[Question, Any]) -> None:
    """Put the answer of each question into ``asked``: a body, or the refusal."""

    def ask(question: Question) -> Any:
        try:
            return context.clients.koku.ask(question.path, question.params).mapping()
        except Refused as refused:
            return refused

    def ask_all() -> int:
        left = sorted((question for question in questions if question not in asked), key=str)
        asked.update(zip(left, side_by_side(ask, left), strict=True))
        return len(asked)

    context.waiter().wait_for_value("the surface of the API", ask_all)


def _judge(check: Check, answer: Any) -> Judged:
    if isinstance(answer, Refused):
        return Judged((str(answer),))
    try:
        return check.judge(answer)
    except WrongShape as error:
        return Judged((error.headline,))


def _shared(
    context: Context, checks: Sequence[Check], first: list[_Found], sleep: Callable[[float], None] = time.sleep
) -> list[_Found]:
    """Questions in which others have a part, settled ``first``: what does not hold is asked again in other words.

    It is broken if it never holds, or if it holds in other words alone: then the page is out of date. What could not
    be compared because others changed their data each time is not broken; the list of questions says so.
    """
    if not _open(first):
        return first
    found: list[_Found] = []
    for check in checks:
        whole = settle(context, [check])
        for attempt in range(1, _ATTEMPTS):
            if not _open(whole):
                break
            sleep(_PAUSE_SECONDS)
            other = settle(context, [_reworded(check, attempt)])
            if not _open(other):
                whole = settle(context, [check])
        found += whole
    return found


def _open(found: Iterable[_Found]) -> bool:
    """Whether something does not hold, or could not be compared."""
    return any(each.judged.broken or each.judged.unsure for each in found)


def _reworded(check: Check, attempt: int) -> Check:
    """The same question with another limit of dates, so that no cached page answers it."""
    kept = tuple(pair for pair in check.question.params if pair[0] != "limit")
    return replace(check, question=replace(check.question, params=(*kept, ("limit", str(LIMIT - attempt)))))


def _headline(broken: Sequence[_Found]) -> str:
    first = broken[0]
    count = len(broken)
    return (
        f"the API's surface: {counted(count, 'relation')} do{'es' * (count == 1)} not hold;"
        f" {first.check.relation}: {first.judged.broken[0]} ({first.check.question})"
    )


def _describe(found: _Found) -> str:
    shown = [f"    {text}" for text in found.judged.broken[:_MOST_SHOWN]]
    left = len(found.judged.broken) - len(shown)
    return "\n".join(
        [found.check.relation, f"  {found.check.question}", *shown, *([f"    and {left} more"] * (left > 0))]
    )
