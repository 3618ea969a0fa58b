"""What is there before and after: own names must be free, what earlier runs left is told once, with its commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from claims_in_memory import LockServer
from phase_context import context, inventory, objects

from e2e_validator.access.http import Unreachable
from e2e_validator.access.inventory import Named
from e2e_validator.engine.claims import hold_organisation, token
from e2e_validator.engine.context import Context
from e2e_validator.engine.inventory import in_words, left_by_earlier_runs, of_scenario
from e2e_validator.engine.stock import Item, Stock
from e2e_validator.errors import Blocked
from e2e_validator.phases import preflight

OWN, EARLIER = "e2e-scenario-x-0123abcd", "e2e-old-one-89abcdef"
INGRESS = "ocp-ingress"


def fresh(folder: Path, **more: Any) -> Context:
    """A scenario that has made nothing yet."""
    the_context = context(folder, "preflight", create=False, **more)
    the_context.state.payloads = []
    return the_context


def line(the_context: Context) -> str:
    """What preflight says of the inventory."""
    return preflight._inventory(the_context)


def test_nothing_is_there_before_a_scenario(tmp_path: Path) -> None:
    the_context = fresh(tmp_path)
    assert line(the_context) == f"nothing of {OWN} is there"
    assert written(the_context, "inventory-before.json") == {"left": [], "not_ours_to_judge": []}


@pytest.mark.parametrize(
    ("named", "key", "said"),
    [
        (Named("source", "u-1", OWN), None, f"1 source of {OWN} are there already; remove with: curl -X DELETE"),
        (Named("price list", "u-1", f"{OWN} prices"), None, "1 price list of"),
        (None, f"{OWN}/payload-1.tar.gz", f"s3 rm --recursive s3://{INGRESS}/{OWN}/"),
    ],
)
def test_what_has_a_scenario_s_own_name_already_blocks_it(
    tmp_path: Path, named: Named | None, key: str | None, said: str
) -> None:
    the_context = fresh(tmp_path)
    inventory(the_context).names = [named] if named else []
    objects(the_context).stored = {(INGRESS, key): b""} if key else {}
    with pytest.raises(Blocked) as blocked:
        line(the_context)
    assert said in blocked.value.headline
    assert len(written(the_context, "inventory-before.json")["left"]) == 1


def test_what_a_scenario_made_before_the_cut_is_its_own(tmp_path: Path) -> None:
    the_context = context(tmp_path, "preflight")
    the_context.state.payloads = []
    inventory(the_context).names = [Named("source", "u-1", OWN)]
    assert line(the_context) == "1 source of an earlier run"


@pytest.mark.parametrize("held", [True, False])
def test_what_earlier_runs_left_is_told_unless_it_is_at_work(tmp_path: Path, held: bool) -> None:
    the_context, server = fresh(tmp_path), LockServer()
    the_context.clients.claims = server.claims("run-1")
    if held:
        server.claims("run-2").take(token("89abcdef"), shared=True)
    inventory(the_context).earlier = [
        Named("source", "u-1", EARLIER),
        Named("cost model", "u-2", EARLIER),
        Named("price list", "u-3", f"{EARLIER} prices"),
    ]
    objects(the_context).stored = {(INGRESS, f"{EARLIER}/payload-1.tar.gz"): b"", (INGRESS, "e2e-loose"): b""}
    first, *commands = line(the_context).splitlines()
    if held:
        assert (first, commands) == (f"nothing of {OWN} is there", [])
        return
    assert first.endswith(
        "left by earlier runs: 1 source, 1 cost model, 1 price list, 1 object, with commands in left-behind.json"
    )
    paths = ("sources/u-1", "cost-models/u-2", "price-lists/u-3")
    for command, path in zip(commands[1:4], paths, strict=True):
        assert f"curl -X DELETE 'http://unknown.invalid/{path}/'" in command
    assert commands[4].endswith(f"s3 rm --recursive s3://{INGRESS}/{EARLIER}/")


def test_a_scenario_that_has_yet_to_go_on_is_of_this_run(tmp_path: Path) -> None:
    the_context = fresh(tmp_path)
    inventory(the_context).earlier = [Named("source", "u-1", EARLIER)]
    (tmp_path / "old_one").mkdir()
    (tmp_path / "old_one" / "state.json").write_text('{"token": "89abcdef"}')
    assert line(the_context) == f"nothing of {OWN} is there"


def test_earlier_runs_are_looked_for_once_a_run(tmp_path: Path) -> None:
    the_context = fresh(tmp_path)
    inventory(the_context).earlier = [Named("source", "u-1", EARLIER)]
    first, here = left_by_earlier_runs(the_context)
    inventory(the_context).earlier = []
    assert here
    assert left_by_earlier_runs(the_context) == (first, False)
    assert len(line(the_context).splitlines()) == 1


def test_an_organisation_wanted_alone_blocks_at_preflight(tmp_path: Path) -> None:
    the_context, server = fresh(tmp_path), LockServer()
    hold_organisation(server.claims("run-2", exclusive=True))
    the_context.clients.claims = server.claims("run-1")
    with pytest.raises(Blocked, match="is held by run run-2"):
        preflight._locks(the_context)


def test_a_silent_database_fails_the_check_of_its_lock(tmp_path: Path) -> None:
    the_context = fresh(tmp_path)
    the_context.clients.claims = LockServer(down=True).claims("run-1")
    with pytest.raises(Unreachable):
        preflight._locks(the_context)


class Masu:
    """Has keys enabled, or does not answer."""

    def __init__(self, *enabled: str, gone: bool = False) -> None:
        self.enabled, self.gone = enabled, gone

    def enabled_tags(self) -> list[str]:
        if self.gone:
            raise Unreachable("masu did not answer")
        return list(self.enabled)

    def enabled_among(self, keys: list[str]) -> set[str]:
        return set(keys) & set(self.enabled_tags())

    def command(self, action: str, key: str) -> str:
        return f"{'disable' if action == 'delete' else 'enable'} {key}"


@pytest.mark.parametrize(
    ("masu", "listed"),
    [
        (Masu("app", "environment"), ["tag key environment"]),
        (Masu("app"), []),
        (Masu(gone=True), ["tag key environment"]),
    ],
)
def test_keys_that_runs_alone_enabled_are_listed_with_a_command(tmp_path: Path, masu: Masu, listed: list[str]) -> None:
    the_context: Any = fresh(tmp_path)
    the_context.clients.tags = masu
    needed = {"environment": {"ours": True, "scenarios": ["scenario_x"]}, "app": {"ours": False, "scenarios": []}}
    (tmp_path / "tag_keys.json").write_text(json.dumps(needed))
    left = of_scenario(the_context, [], tags=True).left
    assert [item.what for item in left] == listed
    command = "disable it in the organisation's settings" if masu.gone else "disable environment"
    assert [item.command for item in left] == [command] * len(listed)


def test_a_stock_in_words_counts_by_kind() -> None:
    items = [
        Item("source e2e-x-01234567", 1, ""),
        Item("org1234567.rates_to_usage", 72, ""),
        Item("public.api_provider", 1, ""),
        Item("s3://bucket/prefix/", 2, ""),
        Item("tag key app", 1, ""),
        Item("cost model e2e-x-01234567", 1, ""),
    ]
    assert in_words(items) == "1 source, 73 rows, 2 objects, 1 tag key, 1 cost model"


def test_nothing_has_no_table() -> None:
    assert Stock().table() == ""


def written(the_context: Context, name: str) -> Any:
    """A file that stands in the scenario's folder."""
    return json.loads((the_context.folder / name).read_text(encoding="utf-8"))
