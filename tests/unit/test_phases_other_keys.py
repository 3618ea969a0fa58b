"""Tag keys that others enabled in the organisation stand in the labels of every source, and are no finding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import FakeDatabase, context
from psycopg import sql

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.stage import judge
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.summary import LABELLED
from e2e_validator.providers.ocp.other_keys import other_keys, without
from e2e_validator.providers.ocp.stages import label_stage

USAGE = LABELLED[0]
WANT = {("2026-11-05", "Pod", "app", "n1", "", '{"env": "prod"}'): {USAGE: Decimal(4)}}


class Tenant(FakeDatabase):
    """A daily summary, and the keys that are enabled."""

    def __init__(self, labels: dict[str, int], *enabled: str) -> None:
        super().__init__()
        self.labels, self.enabled = labels, enabled
        self.asked: list[str] = []

    def rows(self, statement: sql.Composed, _parameters: Any = ()) -> list[dict[str, Any]]:
        self.asked.append(statement.as_string(None))
        if "reporting_enabledtagkeys" in self.asked[-1]:
            return [{"key": key} for key in self.enabled]
        keys = {"day": "2026-11-05", "data_source": "Pod", "namespace": "app", "node": "n1"}
        whole = keys | {"persistentvolumeclaim": None} | dict.fromkeys(LABELLED)
        return [
            whole | {"labels": text, "all_labels": text, USAGE: Decimal(usage)} for text, usage in self.labels.items()
        ]


def looking(folder: Path, database: Tenant) -> Context:
    the_context = context(folder, "summary")
    the_context.clients = cast("Any", SimpleNamespace(database=database))
    the_context.loaded = replace(the_context.loaded, enable_tags=("env",))
    rows: Any = {"summary_by_label": WANT}
    the_context.__dict__["expectation"] = Expectation("c", "c", ("uuid-1",), (rows,), touched=(("2026-11-05",),))
    return the_context


def test_rows_that_differ_in_such_keys_alone_are_one(tmp_path: Path) -> None:
    database = Tenant({'{"env": "prod", "team": "a"}': 1, '{"env": "prod", "team": "b"}': 3}, "env", "team")
    assert judge([label_stage(looking(tmp_path, database), 1)]).endswith("ok (1 rows, 1 sums)")
    assert "WHERE enabled AND provider_type = 'OCP'" in database.asked[0]


def test_a_key_disabled_after_the_summary_stays_known(tmp_path: Path) -> None:
    database = Tenant({'{"env": "prod", "team": "a"}': 4}, "env", "team")
    the_context = looking(tmp_path, database)
    assert other_keys(the_context) == {"team"}
    database.enabled = ("env",)
    assert judge([label_stage(the_context, 1)]).endswith("ok (1 rows, 1 sums)")
    assert ScenarioState.load(the_context.state.path.parent).other_keys == ["team"]


def test_a_key_not_enabled_is_too_many_and_own_ones_must_be(tmp_path: Path) -> None:
    for labels, said in (('{"env": "prod", "secret": "x"}', "secret"), ('{"team": "a"}', "the row is")):
        with pytest.raises(NumbersDiffer, match=said):
            judge([label_stage(looking(tmp_path, Tenant({labels: 4}, "env", "team")), 1)])


def test_null_stays_null() -> None:
    assert (without("", frozenset({"a"})), without('{"a": "1"}', frozenset({"a"}))) == ("", "{}")
