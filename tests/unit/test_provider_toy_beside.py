"""Commands, life and cleanup take a source type that they never heard of, and say nothing of another one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import phase_context as fakes
import pytest
from click.testing import CliRunner
from psycopg import sql
from test_source_type_words import WORDS_OF_A_SOURCE_TYPE
from toy_type import NAMES, SCENARIO, TODAY, Toy, of_toys, toys, written

from e2e_validator.access.life import SourceLife, read_life
from e2e_validator.access.other_organisation import OtherOrganisation
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.access.tag_switch import ByApi
from e2e_validator.access.transports import transport_of
from e2e_validator.cli import cli
from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients
from e2e_validator.engine.provider import control_of
from e2e_validator.errors import CleanupIncomplete, HarnessError, NeighbourChanged, ScenarioError, UsageError
from e2e_validator.life import looking, rules
from e2e_validator.life.shown import shown
from e2e_validator.neighbour import control, tenants
from e2e_validator.phases import cleanup
from e2e_validator.providers import registry
from e2e_validator.scenario.load import load_scenario


@pytest.fixture(autouse=True)
def toy() -> Iterator[Toy]:
    with toys() as made:
        yield made


def said(*arguments: str) -> str:
    """What a command prints, which must have no word of another source type."""
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    assert not WORDS_OF_A_SOURCE_TYPE.search(result.output)
    return result.output


# --- the command line ------------------------------------------------------------------------------------------------


def test_explain_says_how_its_figures_come_about(tmp_path: Path) -> None:
    assert said("explain", str(written(tmp_path)), "--today", f"{TODAY}").endswith("7 marbles in one box\n")


def test_expect_says_what_its_reports_must_show(tmp_path: Path) -> None:
    (tmp_path / "box").write_text("7")
    asked = ("expect", "--source-type", "TOY", str(tmp_path / "box"))
    assert said(*asked) == "box: 7\n"
    assert json.loads(said(*asked, "--json")) == {"marbles": {"box": "7"}}


def test_deviations_lists_its_own_beside_the_others() -> None:
    result = CliRunner().invoke(cli, ["deviations"])
    assert result.output.endswith("marble_lost: one rolls away\n")


def test_new_writes_its_scenario_which_is_right_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert said("new", "mine", "--source-type", "TOY") == "mine.yaml is written. Next: pytest mine.yaml\n"
    assert load_scenario(tmp_path / "mine.yaml", fixtures=tmp_path, today=TODAY).scenario.source.type == "TOY"


def test_a_type_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError, match=r"--source-type TOYS: there is no such source type; known: AWS, OCP, TOY"):
        CliRunner().invoke(cli, ["new", "x", "--source-type", "TOYS"], catch_exceptions=False)


def test_a_scenario_accepts_the_deviations_of_its_type_alone(tmp_path: Path) -> None:
    text = f"{SCENARIO}expect: {{deviates: [NAME]}}\n"
    loaded = load_scenario(written(tmp_path, text.replace("NAME", "marble_lost")), fixtures=tmp_path, today=TODAY)
    assert loaded.scenario.expect.deviates == ("marble_lost",)
    with pytest.raises(ScenarioError, match="there is no deviation 'unread_rows' to be accepted"):
        load_scenario(written(tmp_path, text.replace("NAME", "unread_rows")), fixtures=tmp_path, today=TODAY)


# --- the clients -----------------------------------------------------------------------------------------------------


def test_the_clients_of_its_phases_know_its_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target.unknown()
    clients = Clients(target, "TOY")
    assert transport_of(target, clients.names)._endpoint == "ingest_toys/"  # type: ignore[attr-defined]
    monkeypatch.setattr("e2e_validator.access.masu.Masu.can_enable_tags", lambda _masu: False)
    assert isinstance(clients.tags, ByApi)
    assert clients.database.names is NAMES
    asked: list[tuple[str, Any]] = []

    def rows(_database: SourceDatabase, statement: sql.Composed, parameters: Any = ()) -> list[dict[str, Any]]:
        asked.append((statement.as_string(), parameters))
        return [
            {
                "found": {"provider": None, "copies": [], "periods": [], "manifests": [], "line_items": {}},
                "providers": 0,
                "tenant_copies": 0,
                "data_updated": None,
                "summary_rows": 0,
                "periods": [],
                "manifests": [],
                "name": "toys_marbles_rows",
            }
        ]

    monkeypatch.setattr(SourceDatabase, "rows", rows)
    clients.database.life("u")
    clients.database.observe("u")
    assert clients.database.line_item_tables() == ["toys_marbles_rows"]
    assert "toy_months" in asked[0][0]
    assert not [one for one in asked if WORDS_OF_A_SOURCE_TYPE.search(f"{one}")]


# --- how its sources live --------------------------------------------------------------------------------------------


def life(**change: Any) -> SourceLife:
    """The rows of a box that went through, as ``read_life`` reads them."""
    manifest = {
        "id": 10,
        "assembly_id": "uuid-1",
        "box": "box-1",
        "colour": "red",
        "billing_period_start_datetime": "2026-11-01T00:00:00+00:00",
        "num_total_files": 0,
        "export_datetime": None,
        "creation_datetime": fakes.at(0).isoformat(),
        "completed_datetime": fakes.at(7).isoformat(),
        "state": fakes.whole_state(),
        "reports": [],
    }
    period = {
        "box": "box-1",
        "label": "s",
        "begins": "2026-11-01T00:00:00+00:00",
        "ends": "2026-12-01T00:00:00+00:00",
        "summary_data_creation_datetime": fakes.at(4).isoformat(),
        "summary_data_updated_datetime": fakes.at(4).isoformat(),
        "derived_cost_datetime": fakes.at(6).isoformat(),
    }
    provider = {"name": "s", "type": "TOY", "active": True, "paused": False, "setup_complete": True}
    found = {
        "provider": provider | {"created_timestamp": fakes.at(-9).isoformat()},
        "copies": [{"name": "s", "type": "TOY", "provider_id": fakes.PROVIDER}],
        "periods": [period | change.pop("period", {})],
        "manifests": [manifest | change.pop("manifest", {})],
        "named": [{"table": "toy_shelf", "key": "box-1", "alias": "s", "n": 1} | change.pop("named", {})],
    }
    return SourceLife.from_json(found | change, NAMES.tables)


class OneAnswer:
    """A database with this answer, and the statement that asked for it."""

    def __init__(self) -> None:
        self.statement = ""

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier("org1", name)

    def rows(self, statement: Any, parameters: Any = ()) -> list[dict[str, Any]]:
        del parameters
        self.statement = statement.as_string()
        return [{"found": {"provider": None, "copies": [], "periods": [], "manifests": []}}]


def test_its_life_is_read_from_its_own_tables_and_columns() -> None:
    database = OneAnswer()
    read_life(database, "u", NAMES.tables)
    for name in ('"org1"."toy_months"', '"org1"."toy_shelf"', '"box" AS key', '"begins"', "'colour', m."):
        assert name in database.statement
    assert not WORDS_OF_A_SOURCE_TYPE.search(database.statement)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, ""),
        ({"manifest": {"colour": "blue"}}, "manifest.colour of box 1 is blue"),
        ({"period": {"box": "other"}}, "report period: box is 'other', must be 'box-1'"),
        ({"period": {"ends": "2026-11-30T00:00:00+00:00"}}, "report period: ends is 2026-11-30"),
        ({"periods": []}, "toy_months has 0 rows of 2026-11, not 1"),
        ({"named": {"alias": "x"}}, "toy_shelf.label is 'x' in 1 rows of 's'"),
        ({"copies": [{"name": "s", "type": "OTHER", "provider_id": fakes.PROVIDER}]}, "'OTHER', must be 'TOY'"),
    ],
)
def test_its_rows_are_held_to_the_rules_under_its_names(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    made = of_toys(tmp_path, "summary")
    made.state.source = {"id": "1", "uuid": fakes.PROVIDER, "name": "s", "key": "box-1"}
    (tmp_path / "payload").mkdir()
    made.state.payloads = [replace(fakes.sent(1), payload_folder=str(tmp_path / "payload"), files=0)]
    made.plan = replace(made.plan, payloads=(fakes.payload(1),))
    wrong = list(looking.after_summary(made, life(**change)))
    assert [bool(re.search(re.escape(says), one)) for one in wrong] == [True] * bool(says)


def test_a_type_without_a_column_of_its_key_has_no_such_rule(tmp_path: Path) -> None:
    tables = replace(NAMES.tables, key=None, alias=None, named=())
    names = replace(NAMES, tables=tables)
    database = OneAnswer()
    read_life(database, "u", tables)
    assert "label" not in database.statement
    assert SourceDatabase(Target.unknown(), names).manifests_of("box-1") == 0
    whose = rules.Whose(fakes.PROVIDER, "s", "box-1", names)
    (period,) = life(period={"box": "other", "label": "other"}).periods
    assert list(rules.period([period], datetime(2026, 11, 1, tzinfo=UTC), whose)) == []
    assert list(rules.named(life(named={"key": None, "alias": None}), whose)) == []


def test_its_source_is_shown_as_one_of_its_type() -> None:
    wrong = next(shown({"source_type": "OTHER"}, life(), TODAY, source_type="TOY", cost_model=None))
    assert wrong == "sources/: source_type is 'OTHER', must be 'TOY'"


def test_another_organisation_is_asked_for_its_own_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(_other: OtherOrganisation, path: str, _params: Any) -> dict[str, Any]:
        asked.append(path)
        return {"data": [{"marbles": {"value": 7}}]} if path.startswith("reports/") else {}

    monkeypatch.setattr(OtherOrganisation, "can_be", lambda _target: True)
    monkeypatch.setattr(OtherOrganisation, "asked", answer)
    made = of_toys(tmp_path, "api")
    made.neighbour = ("a day",)
    with pytest.raises(NeighbourChanged, match=r"sees the figure 7 of this source in reports/toys/marbles/"):
        tenants.check(made)
    assert len(asked) == 3


def test_the_control_source_of_its_run_is_of_a_type_that_has_one(tmp_path: Path) -> None:
    made = of_toys(tmp_path, "source")
    made.clients = Clients(Target.unknown(), "TOY")
    own = control.of(made)
    assert (own.clients.names.type, made.clients.names.type) == (registry.USUAL, "TOY")
    assert own.clients is control.of(made).clients
    with pytest.raises(HarnessError, match="Sources of type TOY can be no control source"):
        control_of(made)


# --- what is left of it ----------------------------------------------------------------------------------------------


def test_cleanup_removes_and_lists_what_its_type_keeps_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = of_toys(tmp_path, "cleanup")
    made.plan = replace(made.plan, limits={"cleanup": 0})
    spare = ("attic", f"{fakes.PROVIDER}/spare")
    fakes.objects(made).stored[spare] = b""
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(made)
    assert spare not in fakes.objects(made).stored
    # This type goes on to tell of it, so the list must name it with the command that removes it.
    assert f"rm --recursive s3://attic/{fakes.PROVIDER}/" in failure.value.detail
    assert not WORDS_OF_A_SOURCE_TYPE.search(failure.value.detail)
    monkeypatch.setattr(Toy, "files_beside", lambda *_: None)
    made.state.payloads = []
    assert cleanup.run(made).facts == "1 source, 0 objects removed, nothing left"
