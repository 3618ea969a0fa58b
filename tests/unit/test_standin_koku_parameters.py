"""Reading a report request: Koku's messages, defaults and dates."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import unquote_plus

import pytest

from e2e_validator.embedded.standin.koku.parameters import ReportParameters, read_parameters
from e2e_validator.embedded.standin.koku.refusal import Refusal
from e2e_validator.embedded.standin.koku.report_kinds import COMPUTE, COSTS, COSTS_BY_PROJECT, DAILY_SUMMARY, ReportKind
from e2e_validator.embedded.standin.koku.span import Span, scope_span

TODAY = dt.date(2026, 11, 21)
UNSUPPORTED = ["Unsupported parameter or invalid value"]


def read(query: str, kind: ReportKind = COSTS) -> ReportParameters:
    return read_parameters(query, unquote_plus(query), kind, TODAY, {"environment"})


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("bogus=1", {"bogus": UNSUPPORTED}),
        ("filter[account]=1", {"filter": {"account": UNSUPPORTED}}),
        ("group_by[pod]=*", {"group_by": {"pod": UNSUPPORTED}}),
        ("exclude[storageclass]=a", {"exclude": {"storageclass": UNSUPPORTED}}),
        ("filter[resolution]=hourly", {"filter": {"resolution": ['"hourly" is not a valid choice.']}}),
        ("filter[time_scope_value]=-5", {"filter": {"time_scope_value": ['"-5" is not a valid choice.']}}),
        (
            "filter[time_scope_value]=-30&filter[time_scope_units]=month",
            {"filter": {"time_scope_value": ["Valid values are -1, -2, -3 when time_scope_units is month"]}},
        ),
        (
            "filter[time_scope_value]=-10&filter[time_scope_units]=day&filter[resolution]=monthly",
            {"filter": {"resolution": ["Valid values are daily when time_scope_units is day"]}},
        ),
        (
            "group_by[project]=*&group_by[node]=*&group_by[cluster]=*",
            {"group_by": {"group_by": "Cost Management supports a max of 2 group_by options."}},
        ),
        ("filter[limit]=3", {"error": ["filter[limit] and filter[offset] requires a valid group_by param."]}),
        (
            "filter[limit]=-1&group_by[node]=*",
            {"filter": {"limit": ["Ensure this value is greater than or equal to 0."]}},
        ),
        ("limit=many", {"limit": ["A valid integer is required."]}),
        ("end_date=2026-11-01", {"error": ["The parameters [start_date, end_date] must both be defined."]}),
        (
            "start_date=2026-11-03&end_date=2026-11-02",
            {"error": ["start_date must be a date that is before end_date."]},
        ),
        (
            "start_date=2026-11-01&end_date=2026-11-23",
            {"end_date": ["Parameter end_date must be from 2026-08-01 to 2026-11-22"]},
        ),
        (
            "start_date=1.11.2026&end_date=2026-11-02",
            {"start_date": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]},
        ),
        ("order_by[project]=asc", {"order_by": {"project": 'Order-by "project" requires matching Group-by.'}}),
        ("order_by[cost]=up", {"order_by": {"cost": ['"up" is not a valid choice.']}}),
        ("filter[project=a", {"details": "Invalid query parameter format."}),
        ("filter=a", {"filter": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}}),
    ],
)
def test_wrong_parameters_are_refused_in_koku_s_words(query: str, body: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        read(query)
    assert (refused.value.status, refused.value.body) == (400, body)


def test_without_parameters_the_last_ten_days_are_meant() -> None:
    found = read("")
    assert found.span == Span(dt.date(2026, 11, 12), TODAY)
    assert found.meta["filter"] == {"time_scope_value": "-10", "time_scope_units": "day", "resolution": "daily"}


@pytest.mark.parametrize(
    ("value", "units", "span"),
    [
        (-1, "month", Span(dt.date(2026, 11, 1), TODAY)),
        (-2, "month", Span(dt.date(2026, 10, 1), dt.date(2026, 10, 31))),
        (-3, "month", Span(dt.date(2026, 9, 1), dt.date(2026, 9, 30))),
        (-30, "day", Span(dt.date(2026, 10, 23), TODAY)),
        (-90, "day", Span(dt.date(2026, 8, 24), TODAY)),
    ],
)
def test_scopes_mean_koku_s_days(value: int, units: str, span: Span) -> None:
    assert scope_span(value, units, TODAY) == span


def test_buckets_cross_the_year() -> None:
    span = Span(dt.date(2026, 12, 31), dt.date(2027, 2, 1))
    assert span.buckets("monthly") == ["2026-12", "2027-01", "2027-02"]
    assert span.buckets("daily")[:2] == ["2026-12-31", "2027-01-01"]


def test_dates_default_to_daily_and_are_echoed() -> None:
    found = read("start_date=2026-10-01&end_date=2026-11-20&filter[cluster]=a,b&filter[cluster]=c")
    assert found.resolution == "daily"
    assert found.filter == {"cluster": ["a", "b", "c"]}
    assert (found.meta["start_date"], found.meta["end_date"]) == ("2026-10-01", "2026-11-20")


def test_a_wildcard_group_narrows_to_the_filter_of_its_key() -> None:
    found = read("filter[cluster]=c&group_by[cluster]=*")
    assert found.meta["group_by"] == {"cluster": ["c"]}


def test_groups_nest_in_the_order_of_the_url() -> None:
    assert read("filter[node]=n&group_by[project]=*&group_by[node]=*").groups == ["node", "project"]
    assert read("group_by[tag:environment]=*&group_by[node]=*").groups == ["tag:environment", "node"]


@pytest.mark.parametrize(
    ("query", "kind", "table"),
    [
        ("", COSTS, "reporting_ocp_cost_summary_p"),
        ("filter[cluster]=c&group_by[node]=*", COSTS, "reporting_ocp_cost_summary_by_node_p"),
        ("group_by[project]=*", COSTS, "reporting_ocp_cost_summary_by_project_p"),
        ("filter[project]=p", COSTS, DAILY_SUMMARY),
        ("filter[project]=p", COMPUTE, "reporting_ocp_pod_summary_by_project_p"),
        ("filter[and:project]=p", COMPUTE, "reporting_ocp_pod_summary_by_project_p"),
        ("group_by[tag:environment]=*", COMPUTE, DAILY_SUMMARY),
        ("group_by[node]=*&exclude[project]=p", COMPUTE, DAILY_SUMMARY),
    ],
)
def test_the_table_follows_from_the_keys(query: str, kind: ReportKind, table: str) -> None:
    found = read(query, kind)
    assert found.kind.table(found.table_keys) == table


def test_costs_grouped_by_project_are_distributed() -> None:
    assert read("group_by[project]=*").kind is COSTS_BY_PROJECT
    assert read("order_by[distributed_cost]=asc&group_by[project]=*").order_field == "cost_total_distributed"
    with pytest.raises(Refusal):
        read("order_by[distributed_cost]=asc&group_by[node]=*")
