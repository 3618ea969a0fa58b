"""The judge against the answers of a real Koku with AWS sources: every figure, to 1e-9."""

from __future__ import annotations

import copy
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aws_recordings import GOOD, RECORDINGS, TODAY, expected

from e2e_validator.expect.ledger import compare
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.answers import WrongShapeError, read_answer
from e2e_validator.providers.aws.expect.question import PATHS, Question
from e2e_validator.providers.aws.expect.reports import OTHERS


def answers(name: str) -> Iterator[tuple[str, Any]]:
    for path in sorted((RECORDINGS / name / "api").glob("*.json")):
        yield path.stem, json.loads(path.read_text(), parse_float=Decimal)


def question_of(path: str, params: dict[str, str]) -> Question:
    """The question that was asked, with Koku's own defaults of what it leaves open."""
    report = next(report for report, own in PATHS.items() if own == path)
    daily = params.get("filter[resolution]", "daily") == "daily"
    start, end = TODAY - timedelta(days=9), TODAY
    if "start_date" in params:
        start, end = date.fromisoformat(params["start_date"]), date.fromisoformat(params["end_date"])
    elif params.get("filter[time_scope_units]") == "month":
        start = TODAY.replace(day=1)
        if params["filter[time_scope_value]"] == "-2":
            start, end = date(2026, 10, 1), date(2026, 10, 31)
    names = ("filter", "exclude", "group_by")
    parts: dict[str, dict[str, str]] = {name: {} for name in names}
    for key, text in params.items():
        found = re.fullmatch(r"(filter|exclude|group_by)\[(.+)\]", key)
        if found:
            parts[found[1]][found[2]] = text
    limit = parts["filter"].pop("limit", None)
    for name in ("resolution", "time_scope_units", "time_scope_value"):
        parts["filter"].pop(name, None)
    filters, excludes = (
        tuple((name, tuple(text.split(","))) for name, text in parts[part].items()) for part in names[:2]
    )
    return Question(
        report, start, end, daily, params.get("cost_type", "unblended_cost"), tuple(parts["group_by"]), filters,
        excludes, int(limit) if limit else None,
    )  # fmt: skip


# What is no report of figures, and where it is looked at.
NO_FIGURES = {
    "costs_by_org_unit_id": "refused with 400: there are no organisational units (docs/contract/clouds.md 10)",
    "forecast": "empty: there are too few days (docs/contract/clouds.md 10)",
    "settings_aws_categories": "of the tenant; the keys are in test_tags_and_resource_types",
    "settings_tags": "of the tenant, with keys of other recordings",
    "user_access": "of the tenant",
    "tags": "test_tags_and_resource_types",
    "tags_key_only": "test_tags_and_resource_types",
    **{
        f"rt_aws-{one}": "test_tags_and_resource_types"
        for one in ("accounts", "categories", "ec2-compute-instances", "ec2-compute-os", "organizational-units",
                    "regions", "services")
    },
}  # fmt: skip
ASKED = [(name, call) for name in GOOD for call, _ in answers(name) if call not in NO_FIGURES]


def recorded_answer(name: str, call: str) -> Any:
    return dict(answers(name))[call]


@pytest.mark.parametrize(("name", "call"), ASKED)
def test_the_api_shows_what_was_recorded(name: str, call: str) -> None:
    recorded = recorded_answer(name, call)
    assert recorded["status"] == 200
    question = question_of(recorded["path"], recorded["params"])
    assert compare("api", expected(name).answer(question), read_answer(question, recorded["body"])) == []


def test_every_recorded_call_is_looked_at() -> None:
    assert len(ASKED) == 236
    for name in GOOD:
        for call, recorded in answers(name):
            assert call in NO_FIGURES or recorded["path"] in PATHS.values()


def test_the_parameters_are_those_of_the_recorder() -> None:
    seen = 0
    for name in GOOD:
        for call, recorded in answers(name):
            if call not in NO_FIGURES and "start_date" in recorded["params"]:
                question = question_of(recorded["path"], recorded["params"])
                assert {"cost_type": "unblended_cost", **question.params()} == {
                    "cost_type": "unblended_cost", **recorded["params"]
                }  # fmt: skip
                seen += 1
    assert seen > 150


def shown_rows(name: str, call: str) -> list[dict[str, Any]]:
    body = recorded_answer(name, call)["body"]
    rows: list[dict[str, Any]] = body["data"]
    return rows


@pytest.mark.parametrize("name", [one for one in GOOD if (RECORDINGS / one / "api" / "tags.json").is_file()])
def test_tags_and_resource_types(name: str) -> None:
    """Lists of tag values mix all sources of the tenant: what is expected must be in them."""
    want = expected(name)
    listed = {row["key"]: row["values"] for row in shown_rows(name, "tags")}
    assert want.tags()
    for key, values in want.tags().items():
        assert set(values) <= set(listed[key])
    assert want.tags().keys() <= set(shown_rows(name, "tags_key_only"))
    categories = {row["key"]: row["values"] for row in shown_rows(name, "rt_aws-categories")}
    assert want.categories() == categories
    assert want.categories().keys() == {row["key"] for row in shown_rows(name, "settings_aws_categories")}
    rows, found = want.payloads[-1].rows, want.payloads[-1].instances
    lists: dict[str, set[str]] = {
        "accounts": {row.account for row in rows},
        "services": {row.product_code for row in rows},
        "regions": {row.region for row in rows} - {""},
        "ec2-compute-instances": {row.resource for row in found},
        "ec2-compute-os": {row.operating_system for row in found} - {""},
        "organizational-units": set(),
    }
    for call, names in lists.items():
        assert {row["value"] for row in shown_rows(name, f"rt_aws-{call}")} == names, call


def test_ec2_shows_the_instances_with_their_properties() -> None:
    (entry,) = shown_rows("aws_rich", "ec2_compute")
    found = {row.resource: row for row in expected("aws_rich").payloads[-1].instances}
    assert len(entry["resource_ids"]) == len(found)
    for one in entry["resource_ids"]:
        (shown,) = one["values"]
        row = found[one["resource_id"]]
        for name in ("account", "instance_type", "operating_system", "region", "memory"):
            assert (shown[name] or "") == getattr(row, name)
        assert (str(shown["vcpu"]) if shown["vcpu"] is not None else "") == (row.vcpu or "")
        assert {tag["key"]: tag["values"] for tag in shown["tags"]} == {
            key: [value] for key, value in json.loads(row.tags).items()
        }


def tag_steps() -> dict[str, Any]:
    recording = json.loads((RECORDINGS / "aws_tags" / "recording.json").read_text(), parse_float=Decimal)
    return {str(number): step for number, step in enumerate(recording["steps"]) if "by_app" in step}


CATEGORY_OFF = json.loads((RECORDINGS / "aws_category_off" / "recording.json").read_text(), parse_float=Decimal)
ASKED_WHILE_OFF = [
    call for call in CATEGORY_OFF["calls"] if call["step"] == "disabled" and call["path"].startswith("reports/")
]


@pytest.mark.parametrize("call", ASKED_WHILE_OFF, ids=lambda call: f"{call['path']} {sorted(call['params'])[2:]}")
def test_a_disabled_category_is_answered_with_nothing(call: dict[str, Any]) -> None:
    """Whatever the sources have: the recording is of others than these files."""
    question = question_of(call["path"], call["params"])
    answered = read_answer(question, call["body"])
    assert question.categories == ("env",)
    assert compare("api", expected("aws_rich", categories=("env",)).answer(question), answered) == []
    assert compare("api", expected("aws_rich").answer(question), answered)


@pytest.mark.parametrize(("step", "disabled"), [("0", ()), ("2", ()), ("4", ("app",)), ("6", ("app",)), ("8", ())])
def test_a_key_counts_as_it_was_at_the_last_summary(step: str, disabled: tuple[str, ...]) -> None:
    recorded = tag_steps()[step]
    want = expected("aws_rich_again", disabled)
    question = question_of("reports/aws/costs/", recorded["by_app"]["params"])
    assert question.groups == ("tag:app",)
    assert compare("api", want.answer(question), read_answer(question, recorded["by_app"]["body"])) == []
    rows = want.payloads[-1].rows
    assert len(rows) == recorded["total_rows"]
    by_tags: Measures = defaultdict(lambda: {"c": Decimal(0), "n": Decimal(0)})
    for row in rows:
        one = by_tags[(row.tags,)]
        one["c"] += row.values["unblended_cost"]
        one["n"] += 1
    kept = {(json.dumps(one["tags"], ensure_ascii=False),): one for one in recorded["rows_by_tags"]}
    assert dict(by_tags) == {key: {"c": Decimal(one["c"]), "n": Decimal(one["n"])} for key, one in kept.items()}


def figures_in(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all figures that are not 0."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from figures_in(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from figures_in(value, (*path, index))
    elif isinstance(node, Decimal) and node:
        yield path


@pytest.mark.parametrize("call", ["costs_two_groups", "instance-types_daily", "storage_by_account", "ec2_compute"])
def test_no_figure_can_change_by_1e_8_unseen(call: str) -> None:
    recorded = recorded_answer("aws_markup", call)
    question = question_of(recorded["path"], recorded["params"])
    want = expected("aws_markup").answer(question)
    paths = list(figures_in({part: recorded["body"][part] for part in ("data", "meta")}))
    assert len(paths) > 20
    for path in paths:
        changed = copy.deepcopy(recorded["body"])
        place = changed
        for key in path[:-1]:
            place = place[key]
        # Of 1e-9, the last digit that Koku keeps, a hundred-millionth is nothing.
        place[path[-1]] *= Decimal("1.00000001") if abs(place[path[-1]]) > Decimal("1e-3") else Decimal("1.1")
        assert compare("api", want, read_answer(question, changed)), path


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["data"][0]["services"].pop(),
        lambda body: body["data"].pop(),
        lambda body: body["data"][0]["services"].append(body["data"][0]["services"][0]),
        lambda body: body["data"][0]["services"][0].update(service=OTHERS),
        lambda body: body["data"][0]["services"][0]["values"][0]["cost"]["raw"].update(value=None),
        lambda body: body["data"][0]["services"][0]["values"][0]["cost"]["raw"].update(units="EUR"),
        lambda body: body["data"][0]["services"][0]["values"][0].pop("supplementary"),
    ],
)
def test_a_group_missing_extra_or_null_is_seen(change: Callable[[Any], Any]) -> None:
    recorded = recorded_answer("aws_rich", "costs_by_service")
    question = question_of(recorded["path"], recorded["params"])
    change(recorded["body"])
    assert compare("api", expected("aws_rich").answer(question), read_answer(question, recorded["body"]))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["links"].update(next="?offset=100"),
        lambda body: body["meta"].pop("total"),
        lambda body: body["data"][0].pop("services"),
        lambda body: body["meta"]["total"]["cost"]["raw"].update(value="1"),
    ],
)
def test_another_shape_is_no_answer(change: Callable[[Any], Any]) -> None:
    recorded = recorded_answer("aws_rich", "costs_by_service")
    question = question_of(recorded["path"], recorded["params"])
    change(recorded["body"])
    with pytest.raises(WrongShapeError):
        read_answer(question, recorded["body"])
