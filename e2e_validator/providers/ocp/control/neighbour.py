"""The neighbour as a source of this type: its payloads, what must come out of them, and what is there."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from e2e_validator.engine.context import Context
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import WrongLife
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.ocp.control.payload import write_payloads
from e2e_validator.providers.ocp.control.shared import Shared, shared_with
from e2e_validator.providers.ocp.expect.answers import read_answer
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.fields import REPORTS
from e2e_validator.providers.ocp.expect.surface.question import report_path
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.reports import parameters
from e2e_validator.providers.ocp.stages import (
    archive_stages,
    line_item_stages,
    rate_stage,
    stage,
    summary_stage,
    ui_stage,
)
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import Plan

_GROUPINGS = {"costs": ("total", "project"), "compute": ("total", "node")}


class OpenShiftNeighbour:
    """See ``engine.provider.ControlSource``."""

    def shared_with(self, scenarios: Iterable[tuple[LoadedScenario, Plan]]) -> tuple[Shared, ...]:
        """Days, and names of nodes and namespaces."""
        return shared_with(scenarios)

    def write(self, shared: Sequence[object], folder: Path, key: str) -> Iterator[tuple[str, Path]]:
        """A payload folder for each month, with its uuid."""
        return write_payloads(cast("Sequence[Shared]", shared), folder, cluster_id=key)

    def expect(self, own: Context, folders: Sequence[Path]) -> None:
        """Write the expectation of these payloads."""
        Expectation.from_payloads(
            folders, cluster_alias=own.source_name, cluster_id=own.source_key, today=own.today
        ).write(own.expectation_file)

    def compare(self, own: Context, months: Sequence[Context]) -> int:
        """How many figures are equal."""
        last = len(own.state.payloads)
        stages = [stage for month in months for stage in _archive(month)]
        stages += [*line_item_stages(own, last), summary_stage(own, last), rate_stage(own, last), ui_stage(own, last)]
        expected = own_expectation(own).figures(own.plan.first_day, own.plan.last_day)
        asked = {key: values for key, values in expected.items() if key[1] in _groupings(key[0])}
        stages.append(stage("UI tables -> API", asked, _answers(own)))
        judge(stages)
        return sum(len(values) for one in stages for values in one.expected.values())


def _archive(month: Context) -> list[Stage]:
    found = month.manifest(month.observe())
    if found is None:
        raise WrongLife(f"the manifest of {month.payload.month} is gone")
    return archive_stages(month, month.sent, found.id)


def _groupings(report: str) -> tuple[str, ...]:
    return _GROUPINGS.get(report, ("total",))


def _answers(own: Context) -> Measures:
    """What the API shows of the neighbour, asked in words of its own: pages are cached."""
    span, limit = (own.plan.first_day, own.plan.last_day), 500 + secrets.randbelow(500)
    plain = [(report, grouping) for report in REPORTS for grouping in _groupings(report)]

    def ask(asked: tuple[str, str]) -> Any:
        report, grouping = asked
        return own.clients.koku.ask(report_path(report), parameters(own, grouping, span, limit)).body

    figures: Measures = {}
    for asked, body in zip(plain, side_by_side(ask, plain), strict=True):
        figures |= read_answer(*asked, body)
    return figures
