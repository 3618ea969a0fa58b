"""Each relation that needs what the data say: held by right answers, broken by wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from surface_answers import ALIAS, CLUSTER, ROWS, TODAY, answer, one, row, shown, subject

from e2e_validator.providers.ocp.expect.surface.check import Judged
from e2e_validator.providers.ocp.expect.surface.deltas import deltas, month_before
from e2e_validator.providers.ocp.expect.surface.lists import key_list, resources, tags
from e2e_validator.providers.ocp.expect.surface.plain import buckets, plain, plain_answers
from e2e_validator.providers.ocp.expect.surface.projects import kind_of, projects
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.registry import own_checks, shared_checks
from e2e_validator.providers.ocp.expect.surface.shown import WrongShape, read_shown
from e2e_validator.providers.ocp.expect.surface.sources import sources
from e2e_validator.providers.ocp.expect.surface.spans import span_of, spans
from e2e_validator.providers.ocp.expect.surface.volumes import CLAIM, claims, listed

TEN_DAYS = [(TODAY - timedelta(days=number)).isoformat() for number in range(9, -1, -1)]


def test_the_plain_answers_of_a_right_koku_hold() -> None:
    found = plain_answers(subject(source_uuid="u"))
    assert {name: judged.broken for name, judged in found.items() if judged.broken} == {}
    assert len(found) == 20
    assert all(judged.figures for judged in found.values())


@pytest.mark.parametrize(
    ("report", "grouping", "change", "said"),
    [
        ("costs", "daily", lambda body: body["data"].pop(), "the dates"),
        ("costs", "daily", lambda body: body["data"].reverse(), "the dates"),
        ("costs", "total", lambda body: body["meta"].update(count=2), "meta.count"),
        ("costs", "total", lambda body: body["meta"].pop("count"), "meta.count"),
        ("costs", "total", lambda body: body["meta"].update(limit=10), "meta.limit"),
        ("costs", "total", lambda body: body["meta"].update(offset=1), "meta.offset"),
        ("costs", "project", lambda body: body["data"][0]["projects"].reverse(), "comes before"),
        ("compute", "node", lambda body: body["data"][0]["nodes"].pop(), "all rows together"),
        ("compute", "project", lambda body: entry(body).update(clusters=["other"]), "clusters of"),
        ("compute", "project", lambda body: entry(body).pop("clusters"), "clusters of"),
        ("compute", "project", lambda body: entry(body).update(source_uuid=["v"]), "source_uuid of"),
        ("compute", "project", lambda body: entry(body).update(source_uuid=[]), "source_uuid of"),
        ("costs", "total", lambda body: body["meta"].update(start_date="2026-11-17"), "meta.start_date"),
        ("costs", "total", lambda body: body["meta"].pop("end_date"), "meta.end_date"),
        ("compute", "project", lambda body: entry(body).update(classification="default"), "classification of"),
        ("compute", "project", lambda body: entry(body).update(classification=None), "classification of"),
        ("costs", "project", lambda body: entry(body).update(cost_group="Platform"), "cost_group of"),
        ("costs", "project", lambda body: entry(body, -2).update(cost_group=0), "cost_group of"),
        ("costs", "project", lambda body: body["meta"].update(distributed_overhead=True), "distributed_overhead"),
    ],
)
def test_a_plain_answer_that_is_wrong_is_seen(report: str, grouping: str, change: Any, said: str) -> None:
    body = whole(report, grouping)
    change(body)
    groups = () if grouping in {"total", "daily"} else (grouping,)
    judged = plain(subject(source_uuid="u"), read_shown(report, groups, body), grouping)
    assert any(said in text for text in judged.broken), judged.broken


def whole(report: str, grouping: str) -> Any:
    groups = () if grouping in {"total", "daily"} else (grouping,)
    return answer(report, ROWS, *groups, daily=grouping == "daily")


def entry(body: Any, number: int = 0) -> Any:
    return body["data"][0]["projects"][number]["values"][0]


def test_kinds_of_projects() -> None:
    names = ("openshift", "openshift-dns", "kube-system", "openshifty", "Worker unallocated", "Network unattributed")
    kinds = ["default", "default", "default", "project", "unallocated", "unattributed"]
    assert [kind_of(name) for name in names] == kinds


def test_a_row_put_in_for_a_date_has_no_kind() -> None:
    body = whole("compute", "project")
    for name, group in entry(body).items():
        for part in (group, *group.values()) if isinstance(group, dict) else ():
            # The capacity is that of the whole cluster, which is there on that date.
            if isinstance(part, dict) and "value" in part and name != "capacity":
                part["value"] = Decimal(0)
    entry(body)["classification"] = None
    assert projects(subject(source_uuid="u"), read_shown("compute", ("project",), body)).broken == ()
    entry(body)["usage"] = {"value": Decimal(1), "units": "Core-Hours"}
    assert projects(subject(source_uuid="u"), read_shown("compute", ("project",), body)).broken


@pytest.mark.parametrize(
    ("value", "units", "first", "last"),
    [
        (-10, "day", date(2026, 11, 12), date(2026, 11, 21)),
        (-90, "day", date(2026, 8, 24), date(2026, 11, 21)),
        (-1, "month", date(2026, 11, 1), date(2026, 11, 21)),
        (-2, "month", date(2026, 10, 1), date(2026, 10, 31)),
        (-3, "month", date(2026, 9, 1), date(2026, 9, 30)),
    ],
)
def test_what_a_span_in_words_means(value: int, units: str, first: date, last: date) -> None:
    span = span_of(value, units, TODAY)
    assert (span.first, span.last) == (first, last)
    assert span.asked == {"filter[time_scope_value]": str(value), "filter[time_scope_units]": units}


def test_dates_are_days_or_months() -> None:
    assert buckets(date(2026, 10, 30), date(2026, 11, 1), daily=True) == ("2026-10-30", "2026-10-31", "2026-11-01")
    assert buckets(date(2026, 10, 30), date(2026, 11, 1), daily=False) == ("2026-10", "2026-11")


def test_a_span_in_words_shows_what_its_days_show() -> None:
    check = one(spans(subject()), "time_scope_value]=-1&")
    body = answer("compute", ROWS, dates=["2026-11"])
    assert check.judge(body).broken == ()
    assert check.judge(answer("compute", ROWS[:-1], dates=["2026-11"])).broken
    assert check.judge(answer("compute", ROWS, dates=["2026-10", "2026-11"])).broken


def paged(limit: int, offset: int, rows: Any = ROWS) -> Any:
    """A page of the last ten days, linked as Koku links."""
    dates = TEN_DAYS[offset : offset + limit]
    body = answer("compute", [each for each in rows if each.day in dates], daily=True, dates=dates)
    body["meta"] |= {"count": 10, "limit": limit, "offset": offset, "total": answer("compute", rows)["meta"]["total"]}
    path = "/api/cost-management/v1/reports/openshift/compute/?limit=7&offset="
    body["links"] = {
        "first": f"{path}0",
        "next": f"{path}7" if offset + limit < 10 else None,
        "previous": None if not offset else f"{path}{max(offset - limit, 0)}",
        "last": f"{path}3",
    }
    return body


def pages(change_first: Callable[[Any], Any], change_second: Callable[[Any], Any]) -> Judged:
    """Both pages, the second one where a link of the first leads."""
    check = next(iter(spans(subject())))
    first = paged(7, 0)
    change_first(first)
    judged = check.judge(first)
    for more in judged.more:
        second = paged(7, int(more.question.asked["offset"]))
        change_second(second)
        judged += more.judge(second)
    return judged


def nothing(_body: Any) -> None:
    """As it is."""


def test_pages_joined_are_the_whole() -> None:
    judged = pages(nothing, nothing)
    assert judged.broken == ()
    assert [more.question.asked["offset"] for more in judged.more] == ["7", "3"]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["data"].pop(),
        lambda body: body.update(data=[]),
        lambda body: body["meta"].update(count=9),
        lambda body: body["meta"].update(limit=10),
        lambda body: body["links"].update(first="/reports/openshift/compute/?limit=7&offset=7"),
        lambda body: body["links"].update(last="/reports/openshift/compute/?limit=7&offset=10"),
        lambda body: body["links"].update(previous="/reports/openshift/compute/?limit=7&offset=9"),
    ],
)
def test_a_page_that_is_wrong_is_seen(change: Any, place: int) -> None:
    assert pages(*((change, nothing) if place == 0 else (nothing, change))).broken


def test_a_page_without_a_next_one_where_there_is_more_is_seen() -> None:
    judged = pages(lambda body: body["links"].update(next=None), nothing)
    assert any("links.next" in text for text in judged.broken)


def delta_body(change: Callable[[Any], Any] = nothing) -> Any:
    body = answer("compute", ROWS, "project", dates=["2026-11"])
    body["meta"]["delta"] = {"value": Decimal(16), "percent": None}
    for group in body["data"][0]["projects"]:
        values = group["values"][0]
        values |= {"delta_value": values["usage"]["value"], "delta_percent": None}
    change(body)
    return body


def test_a_delta_is_now_less_before() -> None:
    check = next(iter(deltas(subject())))
    assert check.question.asked["delta"] == "usage"
    assert check.judge(delta_body()).broken == ()
    for change in (
        lambda body: body["meta"]["delta"].update(value=Decimal(15)),
        lambda body: body["meta"]["delta"].update(percent=Decimal(100)),
        lambda body: body["meta"].pop("delta"),
        lambda body: entry(body).update(delta_value=Decimal(0)),
        lambda body: entry(body).pop("delta_value"),
    ):
        assert check.judge(delta_body(change)).broken


def test_a_month_before_a_long_one_ends_with_its_own_last_day() -> None:
    assert month_before(date(2026, 3, 31)) == date(2026, 2, 28)
    assert month_before(date(2026, 11, 21)) == date(2026, 10, 21)


TAGGED = {"tags": ("app", "team"), "tag_values": {"app": ("web", "shop")}, "old_tag_values": {"app": ("web", "old")}}
WHERE = Question("tags/openshift/")


def tagged(**change: Any) -> Any:
    """A source with labels."""
    by_label = {(report, "tag:app"): shown(report, ROWS, "project") for report in ("costs", "compute")}
    return subject(**TAGGED, shown=dict(subject().shown) | by_label, **change)


def key_body(*entries: Any) -> Any:
    return {"meta": {"count": len(entries)}, "data": list(entries)}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"key": "app", "values": ["shop", "web"], "enabled": True}], ""),
        ([{"key": "app", "values": ["old", "shop", "web"], "enabled": True}], ""),
        ([{"key": "app", "values": ["shop", "web"], "enabled": True}, {"key": "x", "values": [], "enabled": True}], ""),
        ([], "how often the key app is listed is 0"),
        ([{"key": "app", "values": ["web"], "enabled": True}], "'shop' of app is missing"),
        ([{"key": "app", "values": ["web", "shop", "no"], "enabled": True}], "'no' of app is in no file"),
        ([{"key": "app", "values": ["web", "shop", "web"], "enabled": True}], "listed more than once"),
        ([{"key": "app", "values": ["web", "shop"], "enabled": False}], "whether app is enabled"),
        ([{"key": "team", "values": ["a"], "enabled": True}], "how often the key team is listed is 1"),
    ],
)
def test_tags_have_the_values_of_the_data(entries: list[Any], said: str) -> None:
    judged = key_list(subject(**TAGGED), key_body(*entries), WHERE)
    assert any(said in text for text in judged.broken) if said else judged.broken == ()


def test_the_values_of_one_tag_are_counted() -> None:
    check = one(tags(subject(**TAGGED)), "tags/openshift/app/")
    assert check.judge({"meta": {"count": 2}, "data": ["shop", "web"]}).broken == ()
    assert check.judge({"meta": {"count": 3}, "data": ["shop", "web"]}).broken
    assert check.judge({"meta": {"count": 1}, "data": ["shop"]}).broken
    with pytest.raises(WrongShape, match="no list in data"):
        check.judge({"meta": {"count": 1}})


def test_a_cluster_is_listed_with_its_alias() -> None:
    check = one(resources(subject()), "openshift-clusters")
    entry_of = {"value": CLUSTER, "cluster_alias": ALIAS}
    assert check.judge({"meta": {"count": 1}, "data": [entry_of]}).broken == ()
    for wrong in ([], [entry_of, entry_of], [entry_of | {"cluster_alias": "x"}], [{"value": "x"}, entry_of]):
        assert check.judge({"meta": {"count": len(wrong)}, "data": wrong}).broken


def test_claims_are_those_of_the_data() -> None:
    known = {"data-1": {"usage": Decimal(2), "request": Decimal(2)}}
    base = answer("volumes", [row(18, "data-1", "n1", 2, 0)], "project")
    values = base["data"][0]["projects"][0]["values"][0] | {"persistent_volume_claim": ["data-1"]}
    total = read_shown("volumes", (), base | {"data": [{"date": "2026-11", "values": [values]}]})
    by = base | {"data": [{"date": "2026-11", f"{CLAIM}s": [{CLAIM: "data-1", "values": [values]}]}]}
    groups = read_shown("volumes", (CLAIM,), by)
    assert listed(total, CLAIM) == ["data-1"]
    assert claims(subject(claims=known), groups, total, CLAIM).broken == ()
    assert claims(subject(claims={}), groups, total, CLAIM).broken
    assert claims(subject(claims={"data-1": {"usage": Decimal(1), "request": Decimal(2)}}), groups, total, CLAIM).broken


STEP = {"start": "2026-11-21T10:00:00+00:00", "end": "2026-11-21T10:00:05+00:00", "state": "complete"}
SOURCE: dict[str, Any] = {
    "name": ALIAS,
    "provider_linked": True,
    "active": True,
    "paused": False,
    "has_data": True,
    "current_month_data": True,
    "previous_month_data": False,
    "status": {"download": STEP, "processing": STEP, "summary": STEP},
}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"provider_linked": False},
        {"active": False},
        {"paused": True},
        {"has_data": False},
        {"current_month_data": False},
        {"previous_month_data": True},
        {"status": None},
        {"status": {"download": STEP, "processing": STEP}},
        {"status": {**SOURCE["status"], "summary": STEP | {"state": "in-progress"}}},
        {"status": {**SOURCE["status"], "summary": STEP | {"start": STEP["end"], "end": STEP["start"]}}},
        {"status": {**SOURCE["status"], "summary": {"state": "complete"}}},
    ],
)
def test_a_source_is_complete_at_the_end(change: dict[str, Any]) -> None:
    check = one(sources(subject(source_uuid="u", months=("2026-11",))), "sources/u/")
    assert check.judge(SOURCE).broken == ()
    assert check.judge(SOURCE | change).broken


def test_of_old_payloads_no_steps_are_told() -> None:
    check = one(sources(subject(source_uuid="u", months=("2026-09",))), "sources/u/")
    assert check.judge(SOURCE | {"current_month_data": False, "status": None}).broken == ()


def test_each_payload_was_processed() -> None:
    check = one(sources(subject(source_uuid="u", months=("2026-11",), full=True)), "sources/u/stats/")
    manifest = {"assembly_id": "a", "files_processed": "6/6", "manifest_complete_date": "2026-11-21 10:00:06"}
    assert check.judge({"2026-11-01": {"manifests": [manifest]}}).broken == ()
    for wrong in ({"files_processed": "5/6"}, {"files_processed": None}, {"manifest_complete_date": None}):
        assert check.judge({"2026-11-01": {"manifests": [manifest | wrong]}}).broken
    assert check.judge({"2026-10-01": {"manifests": [manifest]}}).broken


@pytest.mark.parametrize("full", [False, True])
def test_every_question_can_be_pasted(full: bool) -> None:
    of = tagged(full=full)
    asked = {str(check.question) for check in (*own_checks(of), *shared_checks(of))}
    assert len(asked) > (100 if full else 25)
    assert all(" " not in text for text in asked)


def test_only_what_all_sources_see_is_asked_without_a_cluster() -> None:
    assert all("filter[cluster]" in str(check.question) for check in own_checks(tagged()))
    assert not any("filter[cluster]" in str(check.question) for check in shared_checks(subject()))
