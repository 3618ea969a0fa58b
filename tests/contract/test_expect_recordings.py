"""The judge against the recordings of a real Koku: every figure of every zero-cost recording, to 1e-9."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.expect.measures import Measures, add
from e2e_validator.providers.ocp.expect.answers import read_answer
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.fields import GROUPINGS, REPORTS
from e2e_validator.providers.ocp.expect.noise import compare
from e2e_validator.providers.ocp.expect.summary import HIGHEST, SUMMED
from e2e_validator.providers.ocp.generate.tarball import unpack

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"
# The day on which Koku was recorded: a month "up to today" ended there.
FIRST, TODAY = "2026-11-01", "2026-11-21"
GOOD = sorted(
    path.parent.name for path in RECORDINGS.glob("*/recording.json") if not path.parent.name.startswith("neg_")
)
REFUSED = sorted(path.parent.name for path in RECORDINGS.glob("neg_*/recording.json"))
SHAPES = [(report, grouping) for report in REPORTS for grouping in GROUPINGS]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Expectation]:
    """The expectation of a recording, from its payloads."""

    @cache
    def of(name: str) -> Expectation:
        recording = json.loads((RECORDINGS / name / "recording.json").read_text())
        folders = []
        if name not in REFUSED:
            payloads = sorted((RECORDINGS / name).glob("payload.*"), key=_order)
            folders += [unpack(payload, tmp_path_factory.mktemp("payload")) for payload in payloads]
        return Expectation.from_payloads(
            folders, cluster_alias=recording["cluster_id"], cluster_id=recording["cluster_id"]
        )

    return of


def _order(payload: Path) -> tuple[int, str]:
    _, upload, month, *_ = payload.name.split(".")
    return int(upload), month


def recorded_summary(name: str) -> Measures:
    """The usage rows of the recorded daily summary, in the shape of ``expect.summary``."""
    rows: Measures = {}
    with (RECORDINGS / name / "db" / "daily_summary.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            key = (
                row["usage_start"],
                row["data_source"],
                row["namespace"],
                row["node"],
                row["persistentvolumeclaim"],
            )
            add(rows, key, {field: Decimal(row[field]) for field in SUMMED if row[field]})
            for field in HIGHEST:
                if row[field]:
                    rows[key][field] = max(rows[key].get(field, Decimal(0)), Decimal(row[field]))
    return rows


def recorded_answer(name: str, report: str, grouping: str) -> dict[str, Any]:
    """The recorded answer, with its parameters."""
    shape = {"total": "monthly", "daily": "daily"}.get(grouping, f"by_{grouping}.monthly")
    text = (RECORDINGS / name / "api" / f"{report}.{shape}.json").read_text()
    answer: dict[str, Any] = json.loads(text, parse_float=Decimal)
    assert answer["status"] == 200
    return answer


def expected_figures(expectation: Expectation, report: str, grouping: str, params: dict[str, Any]) -> Measures:
    first = date.fromisoformat(params.get("start_date", FIRST))
    last = date.fromisoformat(params.get("end_date", TODAY))
    every = expectation.figures(first, last)
    return {key: row for key, row in every.items() if key[:2] == (report, grouping)}


def test_the_recordings_are_all_there() -> None:
    assert set(GOOD) == {
        "growing_day",
        "not_daily",
        "one_pod_day",
        "same_payload_twice",
        "team_cluster",
        "two_months",
    }
    assert len(REFUSED) == 10


@pytest.mark.parametrize("name", GOOD)
def test_the_daily_summary_is_what_was_recorded(name: str, expected: Callable[[str], Expectation]) -> None:
    recorded = recorded_summary(name)
    assert recorded
    assert compare("summary", expected(name).stage("summary", -1), recorded) == []


@pytest.mark.parametrize(("report", "grouping"), SHAPES)
@pytest.mark.parametrize("name", [*GOOD, *REFUSED])
def test_the_api_shows_what_was_recorded(
    name: str, report: str, grouping: str, expected: Callable[[str], Expectation]
) -> None:
    answer = recorded_answer(name, report, grouping)
    figures = expected_figures(expected(name), report, grouping, answer["params"])
    assert compare("api", figures, read_answer(report, grouping, answer["body"])) == []
    if name in REFUSED:
        assert not any(value for row in figures.values() for value in row.values())


def numbers(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all figures that are not 0."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from numbers(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from numbers(value, (*path, index))
    elif isinstance(node, Decimal) and node:
        yield path


@pytest.mark.parametrize(("report", "grouping"), [shape for shape in SHAPES if shape[0] != "costs"])
def test_no_figure_can_change_by_1e_8_unseen(
    report: str, grouping: str, expected: Callable[[str], Expectation]
) -> None:
    """Each number of the team cluster's answers, one at a time."""
    answer = recorded_answer("team_cluster", report, grouping)
    figures = expected_figures(expected("team_cluster"), report, grouping, answer["params"])
    paths = list(numbers({part: answer["body"][part] for part in ("data", "meta")}))
    assert paths
    for path in paths:
        changed = copy.deepcopy(answer["body"])
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] *= Decimal("1.00000001")
        assert compare("api", figures, read_answer(report, grouping, changed)), path


@pytest.mark.parametrize("field", [*SUMMED, *HIGHEST])
def test_no_column_of_the_summary_can_change_by_1e_8_unseen(field: str, expected: Callable[[str], Expectation]) -> None:
    want = expected("team_cluster").stage("summary", -1)
    recorded = recorded_summary("team_cluster")
    for key in [key for key, row in recorded.items() if row.get(field)]:
        changed = recorded | {key: recorded[key] | {field: recorded[key][field] * Decimal("1.00000001")}}
        assert [(one.key, one.field) for one in compare("summary", want, changed)] == [(key, field)]


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["data"][0]["projects"].pop(),
        lambda body: body["data"].pop(),
        lambda body: body["data"][0]["projects"].append(body["data"][0]["projects"][0]),
        lambda body: body["data"][0]["projects"][0].update(project="other"),
        lambda body: body["data"][0]["projects"][0]["values"][0]["usage"].update(value=None),
        lambda body: body["data"][0]["projects"][0]["values"][0].pop("limit"),
        lambda body: body["meta"]["total"]["cost"]["total"].update(value=Decimal("1e-15")),
        lambda body: body["meta"]["total"]["cost"]["total"].update(value=None),
    ],
)
def test_a_group_missing_extra_or_null_is_seen(
    change: Callable[[Any], Any], expected: Callable[[str], Expectation]
) -> None:
    answer = recorded_answer("team_cluster", "compute", "project")
    figures = expected_figures(expected("team_cluster"), "compute", "project", answer["params"])
    change(answer["body"])
    assert compare("api", figures, read_answer("compute", "project", answer["body"]))


def test_a_missing_day_is_seen(expected: Callable[[str], Expectation]) -> None:
    answer = recorded_answer("team_cluster", "memory", "daily")
    figures = expected_figures(expected("team_cluster"), "memory", "daily", answer["params"])
    answer["body"]["data"][3]["values"] = []
    (missing,) = compare("api", figures, read_answer("memory", "daily", answer["body"]))
    assert missing.key == ("memory", "daily", "", "2026-11-04")


@pytest.mark.parametrize("name", GOOD)
def test_what_was_recorded_is_what_the_data_say(name: str, expected: Callable[[str], Expectation]) -> None:
    """The second oracle against a real Koku: it shares no joins with the first, and comes to the same."""
    expectation = expected(name)
    days = expectation.days()
    assert [(one.name, str(one.worst)) for one in expectation.deviations(days[0], days[-1])] == []
    compared = 0
    for report, grouping in SHAPES:
        answer = recorded_answer(name, report, grouping)
        shown = read_answer(report, grouping, answer["body"])
        params = answer["params"]
        first = date.fromisoformat(params.get("start_date", FIRST))
        last = date.fromisoformat(params.get("end_date", TODAY))
        for key, row in expectation.by_data(first, last).items():
            for field, value in row.items() if key[:2] == (report, grouping) else ():
                there = shown.get(key, {}).get(field, Decimal(0))
                assert abs(there - value) <= Decimal("1e-9") * max(abs(there), abs(value)), (key, field)
                compared += 1
    assert compared > 100
