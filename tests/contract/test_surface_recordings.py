"""The relations hold on what a real Koku answered, and each is broken by an answer that is wrong in its way."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.providers.ocp.expect.surface.check import Judged
from e2e_validator.providers.ocp.expect.surface.crossing import by_day, crossed
from e2e_validator.providers.ocp.expect.surface.limits import best, with_others
from e2e_validator.providers.ocp.expect.surface.lists import searched
from e2e_validator.providers.ocp.expect.surface.narrowing import narrowed, narrowed_total
from e2e_validator.providers.ocp.expect.surface.order import sorted_by
from e2e_validator.providers.ocp.expect.surface.plain import adds_up, ranked
from e2e_validator.providers.ocp.expect.surface.projects import kind_of
from e2e_validator.providers.ocp.expect.surface.shown import Shown, WrongShape, read_shown
from e2e_validator.providers.ocp.expect.surface.volumes import divided

FIXTURES = Path(__file__).parents[2] / "fixtures" / "surface"
ANSWERS: dict[str, Any] = json.loads(gzip.decompress((FIXTURES / "answers.json.gz").read_bytes()), parse_float=Decimal)
GROUPINGS = ("project", "node", "cluster", "persistentvolumeclaim", "storageclass", "tag:environment")
REPORTS = [name for name, answer in ANSWERS.items() if answer["path"].startswith("reports/")]


def shown(name: str, change: Callable[[Any], Any] = lambda _body: None) -> Shown:
    """A recorded answer, changed before it is read."""
    answer = copy.deepcopy(ANSWERS[name])
    change(answer["body"])
    groupings = [key for key in GROUPINGS if f"group_by[{key}]" in answer["params"]]
    return read_shown(answer["path"].split("/")[2], groupings, answer["body"])


@pytest.mark.parametrize("name", REPORTS)
def test_every_recorded_answer_can_be_read(name: str) -> None:
    answer = shown(name)
    assert answer.dates
    assert len(answer.total) >= 12


def whole(name: str, change: Callable[[Any], Any]) -> Judged:
    return adds_up(shown(name, change), shown(name).grouping)


def limited(name: str, change: Callable[[Any], Any]) -> Judged:
    base, limit = shown(name.split(".limit", maxsplit=1)[0]), int(name.split(".limit")[1][0])
    answer = shown(name, change)
    return with_others(base, answer, limit) + best(base, answer, 0, limit)


def second(name: str, change: Callable[[Any], Any]) -> Judged:
    return best(
        shown(name.split(".limit", maxsplit=1)[0]), shown(name, change), int(name[-1]), int(name.split("limit")[1][0])
    )


def ordered(name: str, change: Callable[[Any], Any]) -> Judged:
    field, transport = name.split("order_")[1].rsplit("_", 1)
    return sorted_by(shown(name, change), field, descending=transport == "desc")


def narrow(base: str, part: str, *, without: bool = False) -> Callable[[str, Callable[[Any], Any]], Judged]:
    def judge(name: str, change: Callable[[Any], Any]) -> Judged:
        return narrowed(shown(base), shown(name, change), lambda group: (part in group.lower()) is not without)

    return judge


def narrow_total(base: str, part: str) -> Callable[[str, Callable[[Any], Any]], Judged]:
    def judge(name: str, change: Callable[[Any], Any]) -> Judged:
        return narrowed_total(shown(base), shown(name, change), lambda group: part in group.lower())

    return judge


def cross(name: str, change: Callable[[Any], Any]) -> Judged:
    report = name.split(".", maxsplit=1)[0]
    return crossed(shown(name, change), shown(f"{report}.by_project.monthly"), shown(f"{report}.by_node.monthly"))


def daily(name: str, change: Callable[[Any], Any]) -> Judged:
    report, group = name.split(".by_")
    return by_day(shown(name, change), shown(f"{report}.by_{group}.monthly"), shown(f"{report}.daily"))


def volumes(name: str, change: Callable[[Any], Any]) -> Judged:
    return divided(shown(name, change), shown("volumes.monthly"), name.split("by_")[1].split(".", maxsplit=1)[0])


def ranks(name: str, change: Callable[[Any], Any]) -> Judged:
    return ranked(shown(name, change))


def first_group(body: Any) -> Any:
    period = next(period for period in body["data"] if any(isinstance(v, list) and v for v in period.values()))
    return next(value for value in period.values() if isinstance(value, list))


def dropped(body: Any) -> None:
    """The first group is missing."""
    del first_group(body)[0]


def doubled(body: Any) -> None:
    """The first group is listed twice."""
    groups = first_group(body)
    groups.append(copy.deepcopy(groups[0]))


def turned(body: Any) -> None:
    """The groups come in the other order."""
    first_group(body).reverse()


def less_total(body: Any) -> None:
    """The total is another one."""
    figures = body["meta"]["total"]
    figure = figures["usage"] if "usage" in figures else figures["cost"]["total"]
    figure["value"] = figure["value"] / 2 + 1


RELATIONS = [
    ("costs.by_project.monthly", whole, (dropped, doubled, less_total)),
    ("compute.by_node.monthly", whole, (dropped, doubled, less_total)),
    ("volumes.by_project.monthly", whole, (dropped, doubled, less_total)),
    ("costs.by_project.monthly", ranks, (turned,)),
    ("costs.by_project.monthly.limit1", limited, (dropped, doubled, turned, less_total)),
    ("costs.by_project.monthly.limit2", limited, (dropped, doubled, turned, less_total)),
    ("compute.by_project.monthly.limit1", limited, (dropped, doubled, turned, less_total)),
    ("compute.by_node.monthly.limit2", limited, (dropped, doubled, turned, less_total)),
    ("volumes.by_project.monthly.limit1", limited, (dropped, doubled, turned, less_total)),
    ("costs.by_project.monthly.limit2.offset1", second, (dropped,)),
    ("memory.by_project.monthly.limit2.offset2", second, (dropped,)),
    ("costs.by_project.monthly.order_cost_asc", ordered, (turned,)),
    ("costs.by_project.monthly.order_project_desc", ordered, (turned,)),
    ("costs.by_project.monthly.order_distributed_cost_asc", ordered, (turned,)),
    ("compute.by_project.monthly.order_usage_asc", ordered, (turned,)),
    ("compute.by_project.monthly.order_request_desc", ordered, (turned,)),
    ("costs.exclude_project_by_project", narrow("costs.by_project.monthly", "batch", without=True), (dropped, doubled)),
    ("costs.by_project_value", narrow("costs.by_project.monthly", "batch"), (dropped, doubled, less_total)),
    ("compute.exclude_node_by_node", narrow("compute.by_node.monthly", "node_a", without=True), (dropped, doubled)),
    ("compute.by_node_value", narrow("compute.by_node.monthly", "node_a"), (dropped, doubled, less_total)),
    ("costs.filter_project_exact", narrow_total("costs.by_project.monthly", "batch"), (dropped, less_total)),
    ("costs.filter_project_upper", narrow_total("costs.by_project.monthly", "batch"), (dropped, less_total)),
    ("costs.filter_project_part", narrow_total("costs.by_project.monthly", "bat"), (dropped, less_total)),
    ("costs.by_project_and_node", cross, (dropped, doubled, less_total)),
    ("compute.by_project_and_node", cross, (dropped, doubled, less_total)),
    ("memory.by_project_and_node", cross, (dropped, doubled, less_total)),
    ("costs.by_project", daily, (dropped, doubled)),
    ("compute.by_node", daily, (dropped, doubled)),
    ("volumes.by_persistentvolumeclaim.monthly", volumes, (dropped, doubled)),
    ("volumes.by_storageclass.monthly", volumes, (dropped, doubled)),
]


@pytest.mark.parametrize(("name", "judge", "tampers"), RELATIONS, ids=[f"{r[1].__name__}-{r[0]}" for r in RELATIONS])
def test_a_relation_holds_on_real_answers_and_not_on_wrong_ones(
    name: str, judge: Callable[..., Judged], tampers: tuple[Callable[[Any], None], ...]
) -> None:
    held = judge(name, lambda _body: None)
    assert held.broken == ()
    assert held.figures
    for tamper in tampers:
        assert judge(name, tamper).broken, tamper.__doc__


def test_a_day_later_is_another_day() -> None:
    def moved(body: Any) -> None:
        names = [period["projects"] for period in body["data"]]
        for period, groups in zip(body["data"], [[], *names[:-1]], strict=True):
            period["projects"] = groups
            for group in groups:
                for entry in group["values"]:
                    entry["date"] = period["date"]

    assert daily("costs.by_project", moved).broken


def test_the_total_of_one_project_is_its_row() -> None:
    row = next(row for row in shown("costs.by_project.monthly").rows if row.group == "batch")
    assert shown("costs.filter_project_exact").total["cost.total"] == row.figures["cost.total"]


def test_a_real_koku_calls_projects_as_the_judge_does() -> None:
    rows = [row for row in shown("costs.by_project.monthly").rows if row.group != "No-project"]
    assert {row.group: row.said["classification"] for row in rows} == {row.group: kind_of(row.group) for row in rows}
    assert len({kind_of(row.group) for row in rows}) == 3


def test_a_list_that_is_searched_has_what_was_searched_for() -> None:
    listed = ANSWERS["resource-types-openshift-projects.search"]["body"]["data"]
    assert searched(listed, "batch", None).broken == ()
    assert searched([], "batch", None).broken
    assert searched([*listed, {"value": "other"}], "batch", None).broken


@pytest.mark.parametrize("name", ["costs.by_project.monthly", "compute.by_node.monthly"])
def test_a_figure_as_text_is_no_figure(name: str) -> None:
    def worded(body: Any) -> None:
        first_group(body)[0]["values"][0]["cost"]["total"]["value"] = "1.0"

    with pytest.raises(WrongShape, match=r"no number in cost\.total"):
        shown(name, worded)
