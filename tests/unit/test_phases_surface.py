"""How the surface is asked: what others change is asked again, a refusal and another shape are the product's fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import context
from surface_answers import ROWS, answer, shown

from e2e_validator.access.http import Answer, Refused, Unreachable
from e2e_validator.engine.context import Context
from e2e_validator.errors import Inconclusive, NumbersDiffer
from e2e_validator.providers.ocp import showing as api
from e2e_validator.providers.ocp import surface
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import WrongShape
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.providers.ocp.surface import _shared, look_as_a_user, settle

TODAY = date(2026, 11, 21)
QUESTION = Question.of("reports/openshift/costs/", {"limit": "3"})


class Asked:
    """An API that answers with what the test says, by the number of the question."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def ask(self, path: str, params: Any) -> Answer:
        self.asked.append(str(Question(path, tuple(params))))
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Exception):
            raise given
        return Answer(200, given, path)


def asking(folder: Path, koku: Any, **change: Any) -> Context:
    clients = cast("Any", SimpleNamespace(koku=koku, names=NAMES))
    return context(folder, "api", clients=clients, today=TODAY, **change)


def check(judge: Callable[[Any], Judged]) -> Check:
    return Check("it holds", QUESTION, judge)


def right(body: Any) -> Judged:
    return Judged(() if body["right"] else ("it does not",), 1)


def test_a_question_that_follows_is_asked_too(tmp_path: Path) -> None:
    koku = Asked({"right": True}, {"right": False})
    second = check(right)
    first = check(lambda body: right(body) + Judged(more=(Check("it goes on", Question("further/"), second.judge),)))
    found = settle(asking(tmp_path, koku), [first])
    assert [each.judged.broken for each in found] == [(), ("it does not",)]
    assert koku.asked == ["reports/openshift/costs/?limit=3", "further/"]


def test_families_asked_together_keep_their_own_answers(tmp_path: Path) -> None:
    def asks_more(_body: Any) -> Judged:
        return Judged(more=(Check("later", Question("c/"), right),))

    answers = {"a/": {}, "b/": {"right": True}, "c/": {"right": False}}
    koku = SimpleNamespace(ask=lambda path, _params: Answer(200, answers[path], path))
    first, second = Check("first", Question("a/"), asks_more), Check("second", Question("b/"), right)
    found = surface._settled(asking(tmp_path, koku), [first], [second], [])
    assert [[(each.check.relation, bool(each.judged.broken)) for each in family] for family in found] == [
        [("first", False), ("later", True)],
        [("second", False)],
        [],
    ]


def test_a_refusal_is_no_answer(tmp_path: Path) -> None:
    found = settle(asking(tmp_path, Asked(Refused("it answered 500 to GET costs/", 500, "no"))), [check(right)])
    assert found[0].judged.broken == ("it answered 500 to GET costs/",)


def test_a_page_of_something_else_is_no_answer(tmp_path: Path) -> None:
    found = settle(asking(tmp_path, Asked("<html>")), [check(right)])
    assert "not with a JSON object" in found[0].judged.broken[0]


def test_another_shape_is_broken(tmp_path: Path) -> None:
    def judge(_body: Any) -> Judged:
        raise WrongShape("it has no number in usage")

    assert settle(asking(tmp_path, Asked({})), [check(judge)])[0].judged.broken == ("it has no number in usage",)


def test_what_is_not_reachable_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phase = asking(tmp_path, Asked(Unreachable("it did not answer")))
    waiter = phase.waiter(limit_seconds=0.01)
    monkeypatch.setattr(phase, "waiter", lambda: waiter)
    with pytest.raises(Inconclusive):
        settle(phase, [check(right)])


NO, YES = {"right": False}, {"right": True}


@pytest.mark.parametrize(
    ("answers", "holds"),
    [
        ([YES], True),
        ([NO, YES, YES], True),  # others changed something between two questions
        ([NO, NO, NO, YES, YES], True),
        ([NO], False),
        ([NO, NO, *([YES, NO] * 6)], False),  # right in other words alone: a page of before
    ],
)
def test_what_others_change_is_asked_again(tmp_path: Path, answers: list[Any], holds: bool) -> None:
    koku, slept = Asked(*answers), list[float]()
    phase, checks = asking(tmp_path, koku), [check(right)]
    found = _shared(phase, checks, settle(phase, checks), slept.append)
    assert (not any(each.judged.broken for each in found)) is holds
    assert all(text.startswith("reports/openshift/costs/?limit=") for text in koku.asked)
    assert len(slept) <= 5
    assert (len(set(koku.asked)) > 1) is (answers[:2] == [NO, NO] or answers == [NO])


def test_what_could_not_be_compared_is_said_and_not_broken(tmp_path: Path) -> None:
    slept = list[float]()
    phase, checks = asking(tmp_path, Asked({})), [check(lambda _body: Judged(unsure=("others changed their data",)))]
    found = _shared(phase, checks, settle(phase, checks), slept.append)
    assert len(slept) == 5
    assert not any(each.judged.broken for each in found)
    assert "not compared (others changed their data): it holds" in found[0].line


def test_a_user_looks_before_the_data_come(tmp_path: Path) -> None:
    koku = Asked({})
    look_as_a_user(asking(tmp_path, koku))
    assert "reports/openshift/costs/" in koku.asked
    assert len(koku.asked) == 4
    assert not any("filter[cluster]" in text for text in koku.asked)


def test_an_answer_of_another_shape_fails_with_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(*_args: Any, **_more: Any) -> Any:
        raise WrongShape("the answer to costs by total has no meta.total")

    monkeypatch.setattr(api, "shown", answered)
    monkeypatch.setattr(api, "_stages_before", lambda _context: [])
    monkeypatch.setattr(api, "judge", lambda _stages: "CSV -> payload 1: ok (2 rows, 3 sums)")
    with pytest.raises(NumbersDiffer, match=r"no meta\.total") as raised:
        api._answered(asking(tmp_path, Asked({})), (TODAY, TODAY))
    assert "CSV -> payload 1: ok" in raised.value.detail


def test_data_that_differ_before_are_named_before_the_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(*_args: Any, **_more: Any) -> Any:
        raise WrongShape("the answer has another shape")

    def judged(_stages: Any) -> str:
        raise NumbersDiffer("costs -> UI tables: 1 figure differs")

    monkeypatch.setattr(api, "shown", answered)
    monkeypatch.setattr(api, "_stages_before", lambda _context: [])
    monkeypatch.setattr(api, "judge", judged)
    with pytest.raises(NumbersDiffer, match="UI tables: 1 figure differs"):
        api._answered(asking(tmp_path, Asked({})), (TODAY, TODAY))


def test_a_failure_names_the_question_and_what_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phase = asking(tmp_path, SimpleNamespace(report_days=lambda _report: None))
    broken = [surface._Found(check(right), Judged(("cost.total is 3, expected 4",), 1))]
    monkeypatch.setattr(surface, "subject_of", lambda *_args: None)
    monkeypatch.setattr(surface, "_all", lambda *_args: broken)
    with pytest.raises(NumbersDiffer) as raised:
        surface.check_surface(phase, {("costs", "total"): shown("costs", ROWS)}, (TODAY, TODAY))
    assert raised.value.headline == (
        "the API's surface: 1 relation does not hold; it holds: cost.total is 3, expected 4"
        " (reports/openshift/costs/?limit=3)"
    )
    assert "reports/openshift/costs/?limit=3" in raised.value.detail


def test_what_holds_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phase = asking(tmp_path, SimpleNamespace(report_days=lambda _report: None))
    monkeypatch.setattr(surface, "subject_of", lambda *_args: None)
    monkeypatch.setattr(surface, "_all", lambda *_args: [surface._Found(check(right), Judged(figures=7))])
    found = surface.check_surface(phase, {("costs", "total"): shown("costs", ROWS)}, (TODAY, TODAY))
    assert (found.questions, found.figures) == (1, 7)
    assert "ok (7 figures): it holds" in found.lines
    assert answer("costs", ROWS)["meta"]["count"] == 1
