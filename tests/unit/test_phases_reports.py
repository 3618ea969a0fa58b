"""Which days the reports are asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import context

from e2e_validator.access.http import Refused
from e2e_validator.engine.context import Context
from e2e_validator.errors import Inconclusive
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.providers.ocp.reports import days
from e2e_validator.scenario.model import Rejected

TODAY = date(2026, 11, 28)


class Told:
    """An API that allows these days, or says nothing of them."""

    def __init__(self, said: tuple[date, date] | Exception | None) -> None:
        self.said, self.asked = said, 0

    def report_days(self, _report: str) -> tuple[date, date] | None:
        self.asked += 1
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def asking(folder: Path, api: Told, *, negative: bool) -> Context:
    clients = cast("Any", SimpleNamespace(koku=api, names=NAMES))
    rejected = Rejected(manifest="absent") if negative else None
    return context(folder, "api", clients=clients, today=TODAY, rejected=rejected)


def test_of_a_rejected_payload_all_shown_days_are_asked_for(tmp_path: Path) -> None:
    # With three months, which is what the chart sets, reports begin a month later than with Koku's own four.
    for first in (date(2026, 9, 1), date(2026, 8, 1)):
        api = Told((first, date(2026, 11, 29)))
        assert days(asking(tmp_path, api, negative=True)) == (first, TODAY)


def test_of_all_others_the_days_of_their_data(tmp_path: Path) -> None:
    api = Told(None)
    phase = asking(tmp_path, api, negative=False)
    assert days(phase) == (phase.plan.first_day, phase.plan.last_day)
    assert api.asked == 0


def test_without_an_answer_nothing_is_assumed(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="does not tell which days"):
        days(asking(tmp_path, Told(None), negative=True))
    with pytest.raises(Refused):
        days(asking(tmp_path, Told(Refused("400 to GET", 400, "no")), negative=True))
