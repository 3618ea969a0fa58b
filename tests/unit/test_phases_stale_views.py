"""Stale pages are proven by asking four times; whatever else is wrong with the reports is none of the cache's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from attended import Attended, attended, scenario
from phase_context import emitted

from e2e_validator.errors import HarnessError, PhaseFailed
from e2e_validator.events import Recognised, Repaired
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp import stale_views
from e2e_validator.providers.ocp.reports import LIMIT
from e2e_validator.providers.ocp.stages import stage
from e2e_validator.providers.ocp.stale_views import SECOND_ASKING, answers_to_judge

TOTAL, CLUSTER = ("compute", "total", "", ""), ("compute", "cluster", "c", "")


def usage(hours: int) -> Measures:
    return {TOTAL: {"usage": Decimal(hours)}}


RIGHT, WRONG, WORSE = usage(12), usage(0), usage(3)


@dataclass
class Reports:
    """Koku's reports: what each question gets, in the order in which they are asked."""

    here: Attended
    answers: list[Measures]
    asked: list[int] = field(default_factory=list)
    dropped: int = 0

    def answer(self, _context: Any, limit: int = LIMIT) -> Measures:
        self.asked.append(limit)
        return self.answers.pop(0)

    def forget(self) -> bool:
        self.dropped += 1
        return True

    def judged(self, actual: Measures = WRONG) -> tuple[Measures, str]:
        """The answers that are judged in place of the first ones."""
        return answers_to_judge(self.here.context, RIGHT, actual)

    def told(self, kind: type) -> list[Any]:
        return [event for event in emitted(self.here.context) if isinstance(event, kind)]


Make = Callable[..., Reports]


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Reports over data that agree, or do not."""

    def make(*answers: Measures, data: Measures = RIGHT, **change: Any) -> Reports:
        here = attended(tmp_path, monkeypatch, phase="api", **change)
        found = Reports(here, list(answers))
        cast("Any", here.context.clients).masu = SimpleNamespace(forget_views=found.forget, queued_for=lambda _uuid: ())
        monkeypatch.setattr(stale_views, "answers", found.answer)
        same = stage("line items -> daily summary", RIGHT, data)
        monkeypatch.setattr(stale_views, "line_item_stages", lambda *_: [same, same])
        for name in ("summary_stage", "rate_stage", "ui_stage"):
            monkeypatch.setattr(stale_views, name, lambda *_: same)
        return found

    return make


OTHER_WORDS, THIRD_WORDS = LIMIT - 1, LIMIT - 2


def test_pages_that_stay_wrong_while_others_are_right_drop(reports: Make) -> None:
    found = reports(RIGHT, WRONG, RIGHT, RIGHT)
    assert found.judged() == (RIGHT, "")
    assert found.asked == [OTHER_WORDS, LIMIT, THIRD_WORDS, LIMIT]
    assert found.dropped == 1
    (event,) = found.told(Repaired)
    assert (event.repair, event.effect, event.cause) == ("stale_view_cache", "worked", "views_stale")
    (event,) = found.told(Recognised)
    assert event.finding.sentence == (
        "1 figure of the reports is out of date: asked twice the same, wrong; asked in other words, right"
    )
    assert found.here.context.finding is None
    folder = found.here.context.run.folder / "scenario_x" / "repairs" / "1-stale_view_cache"
    assert json.loads((folder / "before.json").read_text())["finding"]["cause"] == "views_stale"


def test_what_is_right_at_the_second_asking_was_in_flux(reports: Make) -> None:
    """Somebody else's summary had just been made anew: other words a moment later are right, and so are the same."""
    found = reports(RIGHT, RIGHT)
    assert found.judged() == (RIGHT, SECOND_ASKING)
    assert found.asked == [OTHER_WORDS, LIMIT]
    assert (found.dropped, found.told(Recognised), found.told(Repaired)) == (0, [], [])


def test_what_is_wrong_in_any_words_is_judged_as_it_was(reports: Make) -> None:
    found = reports(WORSE)
    assert found.judged() == (WRONG, "")
    assert (found.asked, found.dropped) == ([OTHER_WORDS], 0)


def test_what_is_wrong_in_the_data_is_none_of_the_caches(reports: Make) -> None:
    found = reports(data=usage(24))
    assert found.judged() == (WRONG, "")
    assert (found.asked, found.dropped, found.told(Recognised)) == ([], 0, [])


def test_answers_that_come_and_go_in_any_words_are_no_pages(reports: Make) -> None:
    found = reports(RIGHT, WORSE, WRONG)
    assert found.judged() == (WORSE, "")
    assert (found.dropped, found.told(Recognised)) == (0, [])


def test_what_is_right_needs_no_second_question(reports: Make) -> None:
    nearly: Measures = {TOTAL: {"usage": Decimal("12.0000000001")}}
    assert reports().judged(nearly) == (nearly, "")


def test_nothing_to_compare_is_a_bug_of_ours_and_no_agreement(reports: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reports()
    monkeypatch.setattr(stale_views, "summary_stage", lambda *_: stage("line items -> daily summary", {}, {}))
    with pytest.raises(HarnessError):
        found.judged()


@pytest.mark.parametrize(
    ("repair", "allowed"), [("off", None), ("ask", None), ("auto", "none"), ("auto", ("stale_lock",))]
)
def test_what_may_not_be_dropped_is_judged_with_the_cause(reports: Make, repair: str, allowed: Any) -> None:
    found = reports(RIGHT, WORSE, RIGHT, repair=repair)
    scenario(found.here.context, repairs=allowed)
    assert found.judged() == (WORSE, "")
    assert found.dropped == 0
    assert found.here.context.finding is not None
    assert found.here.context.finding.cause == "views_stale"


def test_a_repair_that_did_not_help_is_said(reports: Make) -> None:
    found = reports(RIGHT, WRONG, RIGHT, WORSE)
    assert found.judged() == (WORSE, "")
    assert [event.effect for event in found.told(Repaired)] == ["no effect"]
    assert found.here.context.finding is not None


def test_pages_that_masu_does_not_drop_are_judged_as_they_are(reports: Make) -> None:
    found = reports(RIGHT, WRONG, RIGHT)

    def refuse() -> bool:
        raise PhaseFailed("masu does not offer invalidate_cache/ here")

    cast("Any", found.here.context.clients).masu.forget_views = refuse
    assert found.judged() == (WRONG, "")
    assert [event.effect for event in found.told(Repaired)] == ["failed"]


def test_several_figures_are_said_as_several(reports: Make) -> None:
    found = reports(RIGHT, WRONG | {CLUSTER: {"usage": Decimal(1)}}, RIGHT, RIGHT)
    found.judged()
    assert found.told(Recognised)[0].finding.sentence.startswith("2 figures of the reports are out of date")
