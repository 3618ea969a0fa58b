"""What is said of money: costs in the database read as they are, rules between figures, costs worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import PROVIDER, FakeDatabase, context, manifest, period, source_state, step, whole_state
from psycopg import sql

from e2e_validator.engine.context import Context
from e2e_validator.errors import GaveUp, HarnessError, NumbersDiffer
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import judge
from e2e_validator.phases import cost
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.rate_rows import COSTS
from e2e_validator.providers.ocp.expect.ui_tables import GROUP_COLUMNS
from e2e_validator.providers.ocp.money import check_money, reconciliation
from e2e_validator.providers.ocp.stages import rate_stage, ui_stage
from e2e_validator.scenario.model import Costs, Expect, Rejected, ZeroCosts
from e2e_validator.waiting.reading import Progress

DAY = date(2026, 11, 5)
D = DAY.isoformat()
SUMMARY = "reporting_ocpusagelineitem_daily_summary"
# What must be charged: by (day, source, namespace, node, claim, rate type, monthly type, labels).
POD: Measures = {(D, "Pod", "app", "n1", "", "Infrastructure", "Node", ""): dict.fromkeys(COSTS, Decimal(0))}
POD[next(iter(POD))]["cost_model_cpu_cost"] = Decimal("2.5")
USAGE: Measures = {(D, "Pod", "app", "n1", ""): {"pod_usage_cpu_core_hours": Decimal(12)}}


class Tables(FakeDatabase):
    """Answers with the rows of the table that a statement names."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        super().__init__()
        self.tables = tables
        self.asked: list[tuple[str, Any]] = []

    def rows(self, statement: sql.Composed, parameters: Any = ()) -> list[dict[str, Any]]:
        text = statement.as_string(None)
        self.asked.append((text, parameters))
        named = (rows for name, rows in self.tables.items() if f'"{name}"' in text)
        return next(named, super().rows(statement, parameters))


def row(**change: Any) -> dict[str, Any]:
    """A row with costs of the daily summary, summed; costs that are not given are NULL."""
    keys = {"usage_start": DAY, "data_source": "Pod", "namespace": "app", "node": "n1"}
    return (
        keys
        | {"cost_model_rate_type": "Infrastructure", "monthly_cost_type": "Node"}
        | dict.fromkeys(COSTS)
        | {"cost_model_cpu_cost": Decimal("2.5")}
        | change
    )


def money(
    folder: Path, database: Any = None, *, rates: Measures = POD, costs: Costs | None = None, **more: Any
) -> Context:
    """A scenario whose data must be charged with ``rates``; ``costs`` are worked out by hand."""
    the_context = context(folder, more.pop("phase", "api"), rejected=more.pop("rejected", None))
    the_context.clients = cast("Any", SimpleNamespace(database=database))
    stage = {"summary": USAGE, "rates": rates}
    the_context.__dict__["expectation"] = Expectation("c", "c", ("uuid-1",), (stage,))
    scenario = the_context.loaded.scenario.model_copy(update={"expect": Expect(costs=costs)})
    the_context.loaded = replace(the_context.loaded, scenario=scenario, **more)
    return the_context


# --- the stages ------------------------------------------------------------------------------------------------------


def test_costs_are_read_of_this_source_alone_and_null_is_0(tmp_path: Path) -> None:
    database = Tables(**{SUMMARY: [row(), row(cost_model_rate_type=None, cost_model_cpu_cost=None)]})
    stage = rate_stage(money(tmp_path, database), 1)
    assert stage.actual == {
        (D, "Pod", "app", "n1", "Infrastructure", "Node"): dict.fromkeys(COSTS, Decimal(0))
        | {"cost_model_cpu_cost": Decimal("2.5")}
    }
    assert judge([stage]) == "daily summary -> costs: ok (1 rows, 6 sums)"
    assert [parameters for _, parameters in database.asked] == [[PROVIDER]]
    assert "WHERE source_uuid = %s::uuid" in database.asked[0][0]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(cost_model_cpu_cost=Decimal("2.50000001"))],
        [row(cost_model_cpu_cost=None)],
        [row(cost_model_cpu_cost=None, cost_model_memory_cost=Decimal("2.5"))],
        [row(namespace="another")],
        [row(cost_model_rate_type="Supplementary")],
        [row(monthly_cost_type=None)],
        [row(), row(cost_model_rate_type="platform_distributed", monthly_cost_type=None)],
        [row(infrastructure_markup_cost=Decimal("0.01"))],
    ],
)
def test_no_cost_can_be_another_one(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(NumbersDiffer, match=r"^daily summary -> costs: "):
        judge([rate_stage(money(tmp_path, Tables(**{SUMMARY: rows})), 1)])


def test_no_costs_at_all_are_a_statement_where_none_are_expected(tmp_path: Path) -> None:
    assert judge([rate_stage(money(tmp_path, Tables(), rates={}), 1)]) == "daily summary -> costs: ok (0 rows, 0 sums)"
    with pytest.raises(NumbersDiffer, match="the row is extra"):
        judge([rate_stage(money(tmp_path, Tables(**{SUMMARY: [row()]}), rates={}), 1)])


def ui(**change: list[dict[str, Any]]) -> Tables:
    """The UI tables as they must be: a row of usage and one of costs in each that has pods."""
    pods = {name: [row(cost_model_rate_type=None, cost_model_cpu_cost=None), row()] for name in GROUP_COLUMNS}
    return Tables(**(pods | {"reporting_ocp_volume_summary_p": []} | change))


def test_each_ui_table_is_read_by_its_own_group(tmp_path: Path) -> None:
    database = ui()
    stage = ui_stage(money(tmp_path, database), 1)
    assert judge([stage]) == "costs -> UI tables: ok (4 rows, 48 sums)"
    groups = {key[0]: key[2] for key in stage.actual}
    assert groups == {
        "reporting_ocp_cost_summary_p": "",
        "reporting_ocp_cost_summary_by_project_p": "app",
        "reporting_ocp_cost_summary_by_node_p": "n1",
        "reporting_ocp_pod_summary_p": "",
    }
    assert [parameters for _, parameters in database.asked] == [[PROVIDER]] * len(GROUP_COLUMNS)


@pytest.mark.parametrize("table", [name for name in GROUP_COLUMNS if "volume" not in name])
@pytest.mark.parametrize("rows", [[], [row()], [row(cost_model_rate_type=None), row(cost_model_cpu_cost=Decimal(2))]])
def test_no_ui_table_can_hold_another_cost(tmp_path: Path, table: str, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(NumbersDiffer, match=rf"^costs -> UI tables: \d+ figures? differs?; {table} / "):
        judge([ui_stage(money(tmp_path, ui(**{table: rows})), 1)])


def test_ui_tables_without_a_row_are_no_equality(tmp_path: Path) -> None:
    the_context = money(tmp_path, Tables(), rates={})
    nothing = Expectation("c", "c", ("uuid-1",), ({"summary": {}, "rates": {}},), touched=((D,),))
    the_context.__dict__["expectation"] = nothing
    with pytest.raises(HarnessError, match="nothing was compared"):
        judge([ui_stage(the_context, 1)])
    # Where Koku summarises no day of a payload, no row is what must be there.
    the_context.__dict__["expectation"] = replace(nothing, touched=((),))
    assert judge([ui_stage(the_context, 1)]) == "costs -> UI tables: ok (0 rows, 0 sums)"


# --- the phase cost ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "progress"),
    [
        (source_state(), Progress.DONE),
        (source_state(periods=(period(costed=None),)), Progress.PENDING),
        (source_state(periods=(period(costed=4.9),)), Progress.PENDING),
        (source_state(periods=()), Progress.PENDING),
        (source_state(periods=(period("2026-10"),)), Progress.PENDING),
        (source_state(manifest(state=whole_state(summary=step(start=3)))), Progress.PENDING),
        (source_state(manifest(uuid="another")), Progress.DEAD),
    ],
)
def test_the_cost_step_is_done_when_it_ran_after_this_summary(tmp_path: Path, state: Any, progress: Progress) -> None:
    reading = cost.look(context(tmp_path, "cost", shows=state))
    assert reading.progress is progress
    assert progress is Progress.DEAD or set(reading.facts) == {"summary ended", "cost step"}


def charged(folder: Path, database: Tables, **more: Any) -> Context:
    database.states[PROVIDER] = source_state()
    return money(folder, database, phase="cost", **more)


def test_the_phase_says_how_many_groups_it_compared(tmp_path: Path) -> None:
    outcome = cost.run(charged(tmp_path, ui(**{SUMMARY: [row()]})))
    assert outcome.facts == "cost step done, 1 group of costs as expected"
    assert outcome.attachments["ledger.txt"].splitlines() == [
        "daily summary -> costs: ok (1 rows, 6 sums)",
        "costs -> UI tables: ok (4 rows, 48 sums)",
    ]


def test_the_phase_says_that_there_are_no_costs(tmp_path: Path) -> None:
    usage = [row(cost_model_rate_type=None, cost_model_cpu_cost=None)]
    none = ui(**{name: usage for name in GROUP_COLUMNS if "volume" not in name})
    assert cost.run(charged(tmp_path, none, rates={})).facts == "cost step done, no costs, as expected without rates"


def test_the_phase_names_the_first_of_both_stages(tmp_path: Path) -> None:
    with pytest.raises(NumbersDiffer, match=r"^daily summary -> costs: ") as caught:
        cost.run(charged(tmp_path, Tables()))
    assert "costs -> UI tables" in caught.value.detail


def test_a_manifest_that_vanished_has_no_costs(tmp_path: Path) -> None:
    database = Tables()
    database.states[PROVIDER] = source_state(manifest(uuid="another"))
    with pytest.raises(GaveUp, match="vanished after the summary"):
        cost.run(money(tmp_path, database, phase="cost"))


# --- the rules, and costs worked out by hand -----------------------------------------------------------------------


def costs(project: str = "", month: str = "2026-11", total: str = "2.5", **shares: str) -> Measures:
    """An answer of ``costs``: the total of one month, or a project in a month."""
    amounts = {"cost.total": Decimal(total)} | {f"cost.{name}": Decimal(value) for name, value in shares.items()}
    if project:
        return {("costs", "project", project, month): amounts}
    return {("costs", "total", "", when): amounts for when in ("", month)}


def used(hours: str = "12") -> Measures:
    return {
        (report, "total", "", when): {"usage": Decimal(hours)}
        for report in ("compute", "memory")
        for when in ("", "2026-11")
    }


FIGURES = used() | costs() | costs("app", "2026-11", distributed="2.5")


def by_hand(**given: Any) -> Costs:
    """``expect.costs`` of a scenario."""
    return Costs.model_validate(given)


@contextmanager
def differs(words: str) -> Iterator[None]:
    with pytest.raises(NumbersDiffer, match=words):
        yield


def said(the_context: Context, figures: Measures = FIGURES) -> list[str]:
    return check_money(the_context, figures, DAY, DAY)


def test_nothing_is_said_of_costs_that_follow_from_the_data(tmp_path: Path) -> None:
    assert said(money(tmp_path)) == []
    assert said(money(tmp_path, rejected=Rejected(manifest="absent")), {}) == []


def test_costs_of_0_in_spite_of_a_cost_model_are_said(tmp_path: Path) -> None:
    nothing = used() | costs(total="0")
    assert said(money(tmp_path, cost_model={"rates": []}), nothing) == ["every cost is 0 in spite of a cost model"]
    assert said(money(tmp_path), nothing) == []


def test_a_broken_rule_between_figures_is_named_first(tmp_path: Path) -> None:
    broken = FIGURES | {
        ("costs", "project", "app", "2026-11"): {"cost.total": Decimal("2.5"), "cost.platform_distributed": Decimal(1)}
    }
    with differs(r"^invariants of the API: costs by project: platform_distributed sums to 1 "):
        said(money(tmp_path, costs=by_hand(total="3")), broken)


def test_what_the_corner_takes_for_no_project_breaks_no_rule(tmp_path: Path) -> None:
    """Koku takes platform costs although no project of a user used anything (docs/contract/koku.md 6.4)."""
    share: Measures = {(D, "Pod", "kube-x", "n1", "", "platform_distributed", "", ""): dict.fromkeys(COSTS, Decimal(0))}
    share[next(iter(share))]["distributed_cost"] = Decimal(-1)
    taken = used() | costs() | costs("kube-x", "2026-11", platform_distributed="-1")
    assert said(money(tmp_path, rates=share), taken) == []
    with differs("platform_distributed sums to -1"):
        said(money(tmp_path, rates=POD), taken)


def test_costs_worked_out_by_hand_are_compared_over_all_months(tmp_path: Path) -> None:
    figures = used() | costs(total="5")
    for month in ("2026-10", "2026-11"):
        figures |= costs("app", month, distributed="3")
    wanted = by_hand(total="5", by_project={"app": "5"}, distributed={"app": "6"})
    assert said(money(tmp_path, costs=wanted), figures) == ["costs worked out by hand equal"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (by_hand(total="2.5001"), r"^expect\.costs: the total cost is 2\.5, worked out by hand 2\.5001"),
        (by_hand(by_project={"app": "3"}), r"the cost of app is 2\.5, worked out by hand 3"),
        (by_hand(by_project={"nobody": "0"}), "the cost of nobody is -, worked out by hand 0"),
        (by_hand(distributed={"app": "3"}), r"the distributed cost of app is 2\.5, worked out by hand 3"),
    ],
)
def test_costs_that_are_not_what_was_worked_out_are_a_difference(tmp_path: Path, wanted: Costs, words: str) -> None:
    with differs(words):
        said(money(tmp_path, costs=wanted))


def test_every_wrong_cost_is_listed(tmp_path: Path) -> None:
    with pytest.raises(NumbersDiffer) as caught:
        said(money(tmp_path, costs=by_hand(total="1", by_project={"app": "1"})))
    assert len(caught.value.detail.splitlines()) == 2


def test_no_costs_are_right_only_where_something_was_used(tmp_path: Path) -> None:
    the_context = money(tmp_path, costs=ZeroCosts())
    nothing = costs(total="0")
    assert said(the_context, used() | nothing) == ["costs are 0 while usage is not, as expected"]
    with differs("usage is 0 too: nothing was charged because nothing was used"):
        said(the_context, used("0") | nothing)
    with differs(r"expect\.costs is zero, but costs/project/app/2026-11 cost\.distributed is -4"):
        said(the_context, used() | nothing | costs("app", "2026-11", total="0", distributed="-4"))


def test_the_coverage_of_each_enabled_key_is_said(tmp_path: Path) -> None:
    the_context = money(tmp_path, enable_tags=("team",))
    by_label: Measures = {
        ("costs", "tag:team", "", ""): {"cost.total": Decimal("2.5")},
        ("costs", "tag:team", "front", "2026-11"): {"cost.total": Decimal("0.5")},
        ("costs", "tag:team", "No-team", "2026-11"): {"cost.total": Decimal(2)},
    }
    assert said(the_context, FIGURES | by_label) == ["tag team covers 20.0 % of the cost"]
    none = used() | costs(total="0") | {("costs", "tag:team", "", ""): {"cost.total": Decimal(0)}}
    assert said(the_context, none) == ["tag team: no cost"]


def test_the_reconciliation_covers_keys_where_enabled_alone(tmp_path: Path) -> None:
    total = {"cost.total": Decimal("2.5"), "cost.distributed": Decimal("2.5")}
    plain = FIGURES | {("costs", "project", "", ""): total}
    figures = plain | {("costs", "tag:team", "", ""): total}
    table = reconciliation(money(tmp_path, enable_tags=("team",)), figures, figures)
    assert "reconciliation of scenario_x" in table
    assert "tag team: 100.00 % of the cost" in table
    assert "tag team" not in reconciliation(money(tmp_path), plain, plain)
