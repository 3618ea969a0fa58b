"""Views without a cluster: this source's part is told from that of others, who may change it at any time."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from surface_answers import CLUSTER, LAST, ROWS, TODAY, answer, one, row, subject

from e2e_validator.providers.ocp.expect.surface.check import Judged
from e2e_validator.providers.ocp.expect.surface.everyone import everyone, first_looks, month_of
from e2e_validator.providers.ocp.expect.surface.question import Question

OTHERS = [row(19, "web", "n9", 7, 70, "other"), row(20, "mail", "n9", 2, 8, "other")]
TEN_DAYS = [(TODAY - timedelta(days=number)).isoformat() for number in range(9, -1, -1)]


VIEW: dict[str, Any] = {"daily": True, "dates": TEN_DAYS}
ALL = [*ROWS, *OTHERS]


def viewed(page: Any, whole: Any, rest: Any, after: Any) -> Judged:
    """The default view, then the same in other words, without this source, and in other words again."""
    judged = next(iter(everyone(subject()))).judge(answer("costs", page, **VIEW))
    asked = []
    for rows in (whole, rest, after):
        (more,) = judged.more
        asked.append(more.question)
        judged = Judged(judged.broken, judged.figures) + more.judge(answer("costs", rows, **VIEW))
    assert [("exclude[cluster]", CLUSTER) in question.params for question in asked] == [False, True, False]
    assert asked[0] != Question("reports/openshift/costs/")
    return judged


def test_the_default_view_has_this_source_and_the_last_ten_days() -> None:
    assert str(next(iter(everyone(subject()))).question) == "reports/openshift/costs/"
    held = viewed(ALL, ALL, OTHERS, ALL)
    assert (held.broken, held.unsure) == ((), ())
    assert viewed(OTHERS, OTHERS, OTHERS, OTHERS).broken
    twice = [*ROWS, *ALL]
    assert viewed(twice, twice, OTHERS, twice).broken


def test_a_page_of_before_is_told_from_what_others_changed() -> None:
    assert any("out of date" in text for text in viewed(OTHERS, ALL, OTHERS, ALL).broken)
    more = [*ALL, row(20, "late", "n9", 1, 5, "other")]
    for changed in (viewed(ALL, ALL, OTHERS, more), viewed(ALL, more, more[len(ROWS) :], more)):
        assert changed.broken == ()
        assert changed.unsure


def test_the_default_view_is_held_against_itself() -> None:
    check = next(iter(everyone(subject())))
    assert check.judge(answer("costs", ALL, daily=True, dates=TEN_DAYS[:-1])).broken
    body = answer("costs", ALL, **VIEW)
    body["meta"]["total"]["cost"]["total"]["value"] *= 2
    assert check.judge(body).broken


def test_all_projects_of_all_clusters_have_this_clusters_own() -> None:
    check = one(everyone(subject()), "group_by[cluster]=*&group_by[project]=*")
    assert check.judge(answer("costs", ALL, "cluster", "project")).broken == ()
    for wrong in (ALL[1:], OTHERS, [*ROWS, *ALL]):
        assert check.judge(answer("costs", wrong, "cluster", "project")).broken


def test_this_clusters_row_is_found_among_all() -> None:
    check = one(everyone(subject()), "compute/?")
    assert check.judge(answer("compute", [*ROWS, *OTHERS], "cluster")).broken == ()
    assert check.judge(answer("compute", OTHERS, "cluster")).broken
    assert check.judge(answer("compute", [*ROWS[2:], *OTHERS], "cluster")).broken


def test_the_best_five_and_others_are_the_total() -> None:
    check = one(everyone(subject()), "filter[limit]=5")
    body = answer("costs", [*ROWS, *OTHERS], "project")
    assert check.judge(body).broken == ()
    less = copy.deepcopy(body)
    less["data"][0]["projects"].pop()
    assert check.judge(less).broken
    turned = copy.deepcopy(body)
    turned["data"][0]["projects"].reverse()
    assert check.judge(turned).broken
    many = answer("costs", [*ROWS, *OTHERS, row(20, "sixth", "n1", 1, 1)], "project")
    assert any("6 groups" in text for text in check.judge(many).broken)


def test_what_is_looked_at_first_is_asked_again_at_the_end() -> None:
    asked = {str(check.question) for check in everyone(subject())}
    assert {str(question) for question in first_looks(LAST, TODAY)} == asked
    assert month_of(date(2026, 10, 31), TODAY).value == -2
