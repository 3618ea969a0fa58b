"""cleanup: what this run made is removed and seen to be gone; what the user asked for is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import (
    CONTROL_PROVIDER,
    PROVIDER,
    FakeObjects,
    context,
    database,
    inventory,
    koku,
    manifest,
    objects,
    source,
    source_state,
)

from e2e_validator.access.http import Unreachable
from e2e_validator.access.inventory import Made, Named, Rows
from e2e_validator.engine.archive import archive_prefix
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import PhaseSkipped
from e2e_validator.engine.settling import Rest, Settled
from e2e_validator.errors import CleanupIncomplete
from e2e_validator.phases import cleanup
from e2e_validator.scenario.model import Rejected
from e2e_validator.waiting import done, pending
from e2e_validator.waiting.reading import Progress


def made(folder: Path, **more: Any) -> Context:
    """A scenario whose source and payload are there."""
    the_context = context(folder, "cleanup", **more)
    store(the_context).stored = {
        (store(the_context).ingress, one.object_key): b"" for one in the_context.state.payloads
    }
    # A wait that cannot end is not waited for here.
    the_context.plan = replace(the_context.plan, limits={"cleanup": 0})
    return the_context


def store(the_context: Context) -> FakeObjects:
    return objects(the_context)


def test_sources_and_payloads_are_removed_and_nothing_else(tmp_path: Path) -> None:
    the_context = made(tmp_path, rejected=Rejected(manifest="absent"))
    store(the_context).stored["ocp-ingress", "of-somebody-else"] = b""
    outcome = cleanup.run(the_context)
    assert koku(the_context).deleted == [PROVIDER, CONTROL_PROVIDER]
    assert store(the_context).stored == {("ocp-ingress", "of-somebody-else"): b""}
    assert (outcome.facts, outcome.data) == (
        "2 sources, 2 objects removed, nothing left",
        {"sources": 2, "objects": 2},
    )


def test_a_scenario_that_made_nothing_has_nothing_to_clean(tmp_path: Path) -> None:
    the_context = made(tmp_path, create=False)
    the_context.state.payloads = []
    with pytest.raises(PhaseSkipped, match=r"^nothing was made$"):
        cleanup.run(the_context)


MADE = Made(PROVIDER, "cluster-s")
RAW = "org1234567.openshift_pod_usage_line_items"


def rows(place: str = "public.api_provider", count: int = 1, reason: str = "") -> Rows:
    """Rows of the scenario's source."""
    return Rows(place, MADE, count, f"DELETE FROM {place} WHERE source = '{PROVIDER}'", reason)


def test_what_is_left_is_listed_by_table_and_bucket(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    inventory(the_context).left = [rows(), rows(RAW, 72)]
    prefix = archive_prefix(the_context, source()["uuid"])
    store(the_context).stored["koku-bucket", f"{prefix}year=2026/month=11/a.csv"] = b""
    store(the_context).stored["koku-bucket", "data/csv/org1234567/OCP/source=another/a.csv"] = b""
    reading = cleanup.look(the_context, [source()])
    assert (reading.progress, reading.seen) == (Progress.PENDING, "75 rows or objects left in 4 places")
    assert reading.facts == {
        "public.api_provider": 1,
        RAW: 72,
        f"s3://koku-bucket/{prefix}": 1,
        "s3://ocp-ingress/cluster/1.tar.gz": 1,
    }


def test_what_stays_is_told_with_the_command_that_removes_it(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    inventory(the_context).left = [rows(), rows(RAW, 72)]
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(the_context)
    assert "last seen: 73 rows or objects left in 2 places" in failure.value.headline
    listed = [" ".join(line.split()) for line in failure.value.detail.splitlines()]
    delete = f"""curl -X DELETE 'http://unknown.invalid/sources/{PROVIDER}/' -H "x-rh-identity: $IDENTITY\""""
    assert f"public.api_provider 1 {delete}" in listed
    assert f"{RAW} 72 DELETE FROM {RAW} WHERE source = '{PROVIDER}';" in listed
    assert after(the_context)["left"][1] == {
        "what": RAW, "count": 72, "reason": "", "command": f"DELETE FROM {RAW} WHERE source = '{PROVIDER}';"
    }  # fmt: skip


def test_what_koku_may_keep_is_told_and_not_held_against_it(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    inventory(the_context).left = [rows("public.worker_cache_table", 2, reason="ends by itself")]
    outcome = cleanup.run(the_context)
    assert outcome.facts == "1 source, 1 object removed, nothing left, 2 rows told in inventory-after.json"
    assert [item["reason"] for item in after(the_context)["not_ours_to_judge"]] == ["ends by itself"]


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("source", "e2e-scenario-x-0123abcd", "sources"),
        ("source", "e2e-control-0123abcd", "sources"),
        ("cost model", "e2e-scenario-x-0123abcd", "cost-models"),
        ("price list", "e2e-scenario-x-0123abcd prices", "price-lists"),
    ],
)
def test_what_carries_the_scenario_s_token_is_found_by_it(tmp_path: Path, kind: str, name: str, path: str) -> None:
    the_context = made(tmp_path)
    inventory(the_context).names = [Named(kind, "u-1", name), Named(kind, "u-2", "e2e-scenario-x-ffffffff")]
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(the_context)
    assert f"{kind} {name}" in failure.value.detail
    assert f"curl -X DELETE 'http://unknown.invalid/{path}/u-1/'" in failure.value.detail
    assert "ffffffff" not in failure.value.detail


def test_a_payload_under_the_scenarios_prefix_is_found(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    store(the_context).stored["ocp-ingress", f"{the_context.source_key}/again.tar.gz"] = b""
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(the_context)
    prefix = f"s3://ocp-ingress/{the_context.source_key}/"
    assert f"aws --endpoint-url http://unknown.invalid/ s3 rm --recursive {prefix}" in failure.value.detail


def test_the_control_is_counted_too(tmp_path: Path) -> None:
    the_context = made(tmp_path, rejected=Rejected(manifest="absent"))
    cleanup.run(the_context)
    assert inventory(the_context).asked[0] == [MADE, Made(CONTROL_PROVIDER, "cluster-w")]


def after(the_context: Context) -> dict[str, list[dict[str, Any]]]:
    """The inventory that cleanup wrote."""
    found: dict[str, list[dict[str, Any]]] = json.loads((the_context.folder / "inventory-after.json").read_text())
    return found


def test_a_payload_that_the_store_keeps_is_not_removed(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    store(the_context).sticky = True
    with pytest.raises(CleanupIncomplete, match="1 rows or objects left"):
        cleanup.run(the_context)


def test_one_source_that_stays_does_not_keep_the_rest_alive(tmp_path: Path) -> None:
    the_context = made(tmp_path, rejected=Rejected(manifest="absent"))
    koku(the_context).broken = {PROVIDER}
    with pytest.raises(CleanupIncomplete, match=f"source {PROVIDER} cannot be deleted now"):
        cleanup.run(the_context)
    assert koku(the_context).deleted == [CONTROL_PROVIDER]
    assert store(the_context).stored == {}


def test_what_cannot_be_looked_at_is_unclean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = made(tmp_path)

    def down(_sources: list[Made]) -> list[Rows]:
        raise Unreachable("PostgreSQL did not answer: gone")

    monkeypatch.setattr(inventory(the_context), "rows", down)
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(the_context)
    assert "PostgreSQL did not answer: gone" in failure.value.detail


# --- what comes after the deletion -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "watched"),
    [
        ({"ingest": "PASSED", "convert": "INTERRUPTED"}, True),
        ({"ingest[2]": "PASSED", "summary[2]": "FAILED"}, True),
        ({"ingest": "INTERRUPTED"}, True),
        ({"ingest": "PASSED", "convert": "REPAIRED", "api": "PASSED"}, False),
        ({"upload": "FAILED"}, False),
    ],
)
def test_a_scenario_cut_short_in_kokus_work_is_watched_longer(
    tmp_path: Path, verdicts: dict[str, str], watched: bool
) -> None:
    the_context = made(tmp_path, keep="none")
    the_context.state.verdicts = verdicts
    if watched:
        with pytest.raises(CleanupIncomplete, match="last seen: nothing left; watching for 2s whether it stays so"):
            cleanup.run(the_context)
    else:
        assert cleanup.run(the_context).facts.endswith("nothing left")


def test_rows_after_nothing_was_left_begin_the_watch_anew() -> None:
    now = [0.0]
    readings = [done("nothing left"), pending("3 rows"), done("nothing left"), done("nothing left")]
    looks = Settled(lambda: readings.pop(0), 2.0, clock=lambda: now[0])
    found = []
    for now[0] in (0.0, 1.9, 3.0, 5.0):
        found.append(looks.look().progress)
    assert found == [Progress.PENDING, Progress.PENDING, Progress.PENDING, Progress.DONE]


def test_what_is_at_work_is_waited_for_before_a_deletion() -> None:
    now = [0.0]
    readings = [pending("1 in work", rows=1), pending("1 in work", rows=2), done("nothing is in work")]
    rest = Rest(lambda: readings.pop(0), 2.0, clock=lambda: now[0])
    found = []
    for now[0] in (0.0, 1.9, 3.8):
        found.append(rest.look().progress)
    assert found == [Progress.PENDING, Progress.PENDING, Progress.DONE]


def test_what_stands_still_in_work_is_not_waited_for() -> None:
    now = [0.0]
    rest = Rest(lambda: pending("1 in work", rows=1), 2.0, clock=lambda: now[0])
    found = []
    for now[0] in (0.0, 1.9, 2.0):
        found.append(rest.look().progress)
    assert found == [Progress.PENDING, Progress.PENDING, Progress.DONE]


def test_a_source_is_deleted_once_koku_is_done_with_its_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_context = made(tmp_path)
    the_context.state.verdicts = {"ingest": "PASSED", "convert": "FAILED"}
    looks = [source_state(manifest(completed=None)), source_state(manifest())]
    database(the_context).states[PROVIDER] = looks
    monkeypatch.setattr(
        koku(the_context), "delete_source", lambda _uuid: pytest.fail("too early") if looks[1:] else None
    )
    the_context.plan = replace(the_context.plan, limits={"cleanup": 1})
    with pytest.raises(CleanupIncomplete, match="watching for 2s"):
        cleanup.run(the_context)


LOST = {"id": "", "uuid": "", "name": "s", "key": "cluster-s"}


def test_a_source_never_answered_is_found_by_its_name(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    the_context.state.source = dict(LOST)
    koku(the_context).there = {"7": {"id": 7, "uuid": "u-7", "name": "s"}, "8": {"id": 8, "uuid": "u-8", "name": "t"}}
    cleanup.run(the_context)
    assert koku(the_context).deleted == ["u-7"]


def test_a_source_that_was_never_made_leaves_nothing_to_clean(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    the_context.state.source, the_context.state.payloads = dict(LOST), []
    with pytest.raises(PhaseSkipped, match=r"^nothing was made$"):
        cleanup.run(the_context)


def test_a_source_that_cannot_be_looked_for_may_be_left(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    the_context.state.source, the_context.state.payloads = dict(LOST), []
    koku(the_context).broken = {"list"}
    with pytest.raises(CleanupIncomplete, match="sources cannot be listed now"):
        cleanup.run(the_context)


PASSED = {"preflight": "PASSED", "source": "PASSED", "api": "PASSED"}


@pytest.mark.parametrize(
    ("keep", "verdicts", "kept"),
    [
        ("none", PASSED | {"api": "FAILED"}, False),
        ("failed", PASSED, False),
        ("failed", PASSED | {"api": "FAILED"}, True),
        ("failed", PASSED | {"api": "INCONCLUSIVE"}, True),
        ("failed", PASSED | {"api": "ERROR"}, True),
        ("failed", PASSED | {"api": "BLOCKED"}, True),
        ("failed", PASSED | {"convert": "FAILED", "summary": "SKIPPED"}, True),
        ("failed", PASSED | {"api": "SKIPPED"}, False),
        ("failed", PASSED | {"api": "INTERRUPTED"}, False),
        ("failed", PASSED | {"cleanup": "UNCLEAN"}, False),
        ("all", PASSED, True),
        ("all", PASSED | {"api": "INTERRUPTED"}, True),
    ],
)
@pytest.mark.parametrize("by", ["option", "scenario"])
def test_what_is_kept_follows_from_the_verdicts(
    tmp_path: Path, keep: str, verdicts: dict[str, str], kept: bool, by: str
) -> None:
    option, scenario = (keep, "none") if by == "option" else (None, keep)
    the_context = made(tmp_path, keep=option, keeps=scenario)
    the_context.state.verdicts = dict(verdicts)
    if kept:
        with pytest.raises(PhaseSkipped) as skipped:
            cleanup.run(the_context)
        said = str(skipped.value).splitlines()
        assert said[0] == f"kept, as --keep {keep} says: source id-s (cluster-s)"
        assert said[2].endswith("s3 rm s3://ocp-ingress/cluster/1.tar.gz")
        assert koku(the_context).deleted == []
        assert len(store(the_context).stored) == 1
    else:
        cleanup.run(the_context)
        assert koku(the_context).deleted == [PROVIDER]


def test_the_option_says_more_than_the_scenario(tmp_path: Path) -> None:
    the_context = made(tmp_path, keep="none", keeps="all")
    cleanup.run(the_context)
    assert koku(the_context).deleted == [PROVIDER]


@pytest.mark.parametrize("keep", ["all", "failed"])
def test_an_embedded_stack_ends_with_the_run(tmp_path: Path, keep: str) -> None:
    the_context = made(tmp_path, keep=keep, target={"kind": "embedded"})
    the_context.state.verdicts = PASSED | {"api": "FAILED"}
    cleanup.run(the_context)
    assert koku(the_context).deleted == [PROVIDER]
