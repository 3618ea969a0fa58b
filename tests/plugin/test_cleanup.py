"""What is left is said: rows that do not go, data that were to be kept; and silence proves nothing."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from aftermath import left_behind
from nested import TODAY, furnish, quick, run
from psycopg import sql
from tampers_flow import SURVIVOR

from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target
from e2e_validator.deployment import embedded as embedded_target
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
REJECTED = "source: {create: false}\nexpect: {rejected: {manifest: absent, summary_rows: 0}}\n"


@pytest.fixture
def rows_that_survive(stack_target: Target) -> Iterator[None]:
    """Afterwards the table may be emptied again."""
    yield
    schema = sql.Identifier(stack_target.schema_name)
    with psycopg.connect(stack_target.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}, public").format(schema))
        connection.execute(sql.SQL("DROP TRIGGER e2e_keep ON {}").format(sql.Identifier(SURVIVOR)))
        connection.execute("DROP FUNCTION e2e_keep()")
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(SURVIVOR)))


@pytest.mark.usefixtures("rows_that_survive")
def test_rows_that_do_not_go_make_the_run_unclean(tmp_path: Path, target_file: Path, stack_target: Target) -> None:
    furnish(tmp_path, {"row_survives": quick("row_survives", limits="cleanup: 2s")})
    ended = run(tmp_path, "scenarios", "--target", str(target_file), "--today", TODAY, "-p", "tampering")
    assert ended.code == 13, ended.text
    verdicts = ended.verdicts("row_survives")
    assert verdicts.pop("cleanup") == "UNCLEAN"
    assert set(verdicts.values()) == {"PASSED"}
    cleanup = ended.phases["row_survives"]["cleanup"]
    assert "24 rows or objects left in 1 places" in cleanup["headline"]
    table, provider = f"{stack_target.schema_name}.{SURVIVOR}", ended.state("row_survives")["source"]["uuid"]
    assert f"24  DELETE FROM {table} WHERE source = '{provider}';" in cleanup["detail"]
    (left,) = json.loads((ended.reports / "row_survives" / "inventory-after.json").read_text())["left"]
    assert (left["what"], left["count"]) == (table, 24)
    assert left_behind(stack_target, ended) == {SURVIVOR: 24} | {f"{SURVIVOR}_2026_11": 24}


@pytest.mark.parametrize(("option", "kept"), [((), True), (("--keep", "none"), False)], ids=["as the scenario", "none"])
def test_a_red_scenario_keeps_its_data_unless_told_otherwise(
    tmp_path: Path, target_file: Path, stack_target: Target, option: tuple[str, ...], *, kept: bool
) -> None:
    furnish(tmp_path, {"line_item_changed": quick("line_item_changed") + "enable_tags: [app]\n"})
    args = ("--target", str(target_file), "--today", TODAY, "-p", "tampering", *option)
    ended = run(tmp_path, "scenarios", *args)
    assert ended.code == 1, ended.text
    cleanup = ended.phases["line_item_changed"]["cleanup"]
    state = ended.state("line_item_changed")
    assert cleanup["verdict"] == ("SKIPPED" if kept else "PASSED")
    assert (f"source {state['source']['id']} ({state['source']['key']})" in cleanup["headline"]) is kept
    assert bool(left_behind(stack_target, ended)) is kept
    assert Masu(stack_target).enabled_tags("OCP") == ["app"] * kept
    listed = (
        f"""sources/{state["source"]["uuid"]}/' -H "x-rh-identity: $IDENTITY\"""",
        f"s3 rm --recursive s3://{stack_target.buckets['ingress']}/{state['source']['key']}/",
        """'{"schema": "org1234567", "provider_type": "ocp", "action": "delete", "tag_keys": ["app"]}'""",
    )
    for command in listed:
        assert (command in cleanup["detail"]) is kept
    Masu(stack_target).change_tags("OCP", "delete", ["app"])
    KokuApi(stack_target).delete_source(state["source"]["uuid"])
    objects = Objects(stack_target)
    objects.remove(objects.ingress, state["payloads"][0]["object_key"])


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Path]:
    """A target file of a stack of its own whose listener is stopped."""
    target, stack = embedded_target.start(today=date.fromisoformat(TODAY))
    with stack:
        listener = listener_of(stack)
        os.kill(listener, signal.SIGSTOP)
        try:
            path = tmp_path / "target.json"
            target.save(path)
            yield path
        finally:
            os.kill(listener, signal.SIGCONT)


def listener_of(stack: EmbeddedStack) -> int:
    """The process that hears of payloads."""
    (pid_file,) = stack.folder.rglob("koku-listener.pid")
    return int(pid_file.read_text(encoding="utf-8"))


def test_silence_of_a_dead_listener_is_no_rejection(tmp_path: Path, deaf: Path) -> None:
    furnish(tmp_path, {"silence": quick("silence", limits="rejection: 3s") + REJECTED})
    ended = run(tmp_path, "scenarios", "--target", str(deaf), "--today", TODAY, "--keep", "none")
    assert ended.code == 1, ended.text
    assert ended.verdicts("silence")["rejection"] == "FAILED"
    headline = ended.phases["silence"]["rejection"]["headline"]
    assert "not within 3s; last seen: control payload: no manifest row yet" in headline
