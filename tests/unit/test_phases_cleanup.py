"""cleanup: what this run made is removed and seen to be gone; what the user asked for is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from phase_context import PROVIDER, WITNESS_PROVIDER, FakeObjects, context, database, koku, objects, source

from e2e_validator.access.http import Unreachable
from e2e_validator.errors import CleanupIncomplete
from e2e_validator.phases import cleanup
from e2e_validator.phases.archive import archive_prefix
from e2e_validator.phases.context import Context
from e2e_validator.phases.outcome import PhaseSkipped
from e2e_validator.scenario.model import Rejected
from e2e_validator.waiting.reading import Progress


def made(folder: Path, **more: Any) -> Context:
    """A scenario whose source and payload are there."""
    the_context = context(folder, "cleanup", **more)
    store(the_context).stored = {(store(the_context).ingress, one.object_key): b"" for one in the_context.state.parcels}
    # A wait that cannot end is not waited for here.
    the_context.plan = replace(the_context.plan, limits={"cleanup": 0})
    return the_context


def store(the_context: Context) -> FakeObjects:
    return objects(the_context)


def test_sources_and_payloads_are_removed_and_nothing_else(tmp_path: Path) -> None:
    the_context = made(tmp_path, rejected=Rejected(manifest="absent"))
    store(the_context).stored["ocp-ingress", "of-somebody-else"] = b""
    outcome = cleanup.run(the_context)
    assert koku(the_context).deleted == [PROVIDER, WITNESS_PROVIDER]
    assert store(the_context).stored == {("ocp-ingress", "of-somebody-else"): b""}
    assert (outcome.facts, outcome.data) == (
        "2 sources, 2 objects removed, nothing left",
        {"sources": 2, "objects": 2},
    )


def test_a_scenario_that_made_nothing_has_nothing_to_clean(tmp_path: Path) -> None:
    the_context = made(tmp_path, create=False)
    the_context.state.parcels = []
    with pytest.raises(PhaseSkipped, match=r"^nothing was made$"):
        cleanup.run(the_context)


def test_what_is_left_is_listed_by_table_and_bucket(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    database(the_context).left = {"public.api_provider": 1, "org1234567.openshift_pod_usage_line_items": 72}
    prefix = archive_prefix(the_context.target, source()["uuid"])
    store(the_context).stored["koku-bucket", f"{prefix}year=2026/month=11/a.csv"] = b""
    store(the_context).stored["koku-bucket", "data/csv/org1234567/OCP/source=another/a.csv"] = b""
    reading = cleanup.look(the_context, [source()])
    assert (reading.progress, reading.seen) == (Progress.PENDING, "75 rows or objects left in 4 places")
    assert reading.facts == {
        "public.api_provider": 1,
        "org1234567.openshift_pod_usage_line_items": 72,
        "objects in the archive bucket": 1,
        "objects in the ingress bucket": 1,
    }


def test_what_stays_is_unclean_and_told(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    database(the_context).left = {"public.api_provider": 1}
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(the_context)
    assert "last seen: 1 rows or objects left in 1 places" in failure.value.headline
    assert "public.api_provider = 1" in failure.value.detail


def test_a_payload_that_the_store_does_not_remove_is_not_taken_for_removed(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    store(the_context).sticky = True
    with pytest.raises(CleanupIncomplete, match="1 rows or objects left"):
        cleanup.run(the_context)


def test_one_source_that_cannot_be_deleted_does_not_keep_the_rest_alive(tmp_path: Path) -> None:
    the_context = made(tmp_path, rejected=Rejected(manifest="absent"))
    koku(the_context).broken = {PROVIDER}
    with pytest.raises(CleanupIncomplete, match=f"source {PROVIDER} cannot be deleted now"):
        cleanup.run(the_context)
    assert koku(the_context).deleted == [WITNESS_PROVIDER]
    assert store(the_context).stored == {}


def test_what_cannot_be_looked_at_is_unclean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = made(tmp_path)

    def down(_uuid: str) -> dict[str, int]:
        raise Unreachable("PostgreSQL did not answer: gone")

    monkeypatch.setattr(database(the_context), "leftovers", down)
    with pytest.raises(CleanupIncomplete) as failure:
        cleanup.run(the_context)
    assert "PostgreSQL did not answer: gone" in failure.value.detail


LOST = {"id": "", "uuid": "", "name": "s", "cluster_id": "cluster-s"}


def test_a_source_whose_creation_was_never_answered_is_found_by_its_name(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    the_context.state.source = dict(LOST)
    koku(the_context).there = {"7": {"id": 7, "uuid": "u-7", "name": "s"}, "8": {"id": 8, "uuid": "u-8", "name": "t"}}
    cleanup.run(the_context)
    assert koku(the_context).deleted == ["u-7"]


def test_a_source_that_was_never_made_leaves_nothing_to_clean(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    the_context.state.source, the_context.state.parcels = dict(LOST), []
    with pytest.raises(PhaseSkipped, match=r"^nothing was made$"):
        cleanup.run(the_context)


def test_a_source_that_cannot_be_looked_for_may_be_left(tmp_path: Path) -> None:
    the_context = made(tmp_path)
    the_context.state.source, the_context.state.parcels = dict(LOST), []
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
        assert str(skipped.value) == f"kept, as --keep {keep} says: source id-s (cluster cluster-s)"
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
def test_an_embedded_stack_keeps_nothing_because_it_ends_with_the_run(tmp_path: Path, keep: str) -> None:
    the_context = made(tmp_path, keep=keep, target={"kind": "embedded"})
    the_context.state.verdicts = PASSED | {"api": "FAILED"}
    cleanup.run(the_context)
    assert koku(the_context).deleted == [PROVIDER]
