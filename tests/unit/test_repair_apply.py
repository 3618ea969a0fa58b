"""What repairs do, in which order, and when they do nothing after all; no servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from phase_context import at, manifest, period
from psycopg import sql
from repair_cases import (
    DAY,
    DONE,
    LOCK,
    PROCESSING,
    failed_without_copy,
    in_state,
    key,
    locked,
    lost,
    no_copy,
    open_manifest,
    stuck,
    uncosted,
    unsummarised,
)

from e2e_validator.access.http import Unreachable
from e2e_validator.access.masu import Masu
from e2e_validator.access.transports import Transport
from e2e_validator.access.writing import Writing
from e2e_validator.diagnose.case import Case
from e2e_validator.errors import NumbersDiffer, PhaseFailed
from e2e_validator.repair import (
    lost_completion,
    lost_cost_step,
    lost_summary,
    payload_lost,
    stale_lock,
    stale_view_cache,
    stuck_report,
    tenant_sync,
    tenant_sync_after_failure,
)
from e2e_validator.repair.half_written import undo_text
from e2e_validator.repair.repair import RepairResult, Tools, moved

Answer = list[dict[str, Any]]
POD_KEYS = (key("pod_usage"),)


@dataclass
class World:
    """Database and masu that note what is done to them; ``answers`` by a word of the statement."""

    case: Case
    answers: dict[str, Answer] = field(default_factory=dict)
    did: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    kept: list[RepairResult] = field(default_factory=list)
    offers: bool = True
    masu_is_down: bool = False

    @contextmanager
    def transaction(self) -> Iterator[World]:
        self.did.append("begin")
        try:
            yield self
        except BaseException:
            self.did.append("roll back")
            raise
        self.did.append("commit")

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier("org1234567", name)

    def change(self, statement: sql.SQL | sql.Composed, parameters: Any = ()) -> Answer:
        text = statement.as_string(None)
        self.did.append(text)
        self.parameters.append(parameters)
        return next((rows for word, rows in self.answers.items() if word in text), [])

    def announce(self, key: str, _tarball: Path) -> None:
        self._ask(f"announce {key}")

    def summarise(self, _provider: str, first: date, last: date) -> None:
        self._ask(f"summarise {first} {last}")

    def apply_costs(self, _provider: str, first: date, last: date) -> bool:
        self._ask(f"price {first} {last}")
        return self.offers

    def forget_views(self) -> bool:
        self._ask("forget views")
        return self.offers

    def keep(self, mended: RepairResult) -> None:
        self.did.append("keep")
        self.kept.append(mended)

    def _ask(self, what: str) -> None:
        if self.masu_is_down:
            raise Unreachable("masu does not answer")
        self.did.append(what)

    @property
    def tools(self) -> Tools:
        return Tools(cast("Writing", self), cast("Masu", self), cast("Transport", self), self.keep)

    def words(self) -> list[str]:
        """What was done, statements by their first word and table."""
        return [short(text) for text in self.did]


def short(text: str) -> str:
    tables = [name for name in ("manifest", "status", "worker_cache", "line_items_daily", "line_items") if name in text]
    return f"{text.split(maxsplit=1)[0]} {tables[0]}" if tables else " ".join(text.split()[:2]).replace('"', "")


def held(case: Case, **answers: Answer) -> World:
    """A world in which the manifest is what the case shows."""
    row = case.observed.evidence["manifests"][0]
    files = [{"report_name": report["report_name"], "status": report["status"]} for report in row["reports"]]
    return World(case, {**answers, "JOIN public.reporting_common_costusagereportmanifest": files, "SELECT m.": [row]})


HOLD = ["SELECT manifest", "SELECT manifest"]


def test_a_stuck_report_is_committed_before_it_is_announced() -> None:
    items = [{"usage_start": DAY, "n": number} for number in range(3)]
    world = held(stuck(), **{'"openshift_storage_usage_line_items"': items})
    result = stuck_report.apply(world.case, world.tools)
    assert world.words() == [
        "begin", *HOLD, "DELETE line_items", "DELETE line_items_daily", "UPDATE manifest", "keep", "commit",
        "announce cluster/1.tar.gz",
    ]  # fmt: skip
    assert result.did == "removed 3 half-written rows, then announced the payload again"
    assert result.removed == {"openshift_storage_usage_line_items": items} == world.kept[0].removed
    assert world.parameters[2:4] == [["provider-1", DAY]] * 2
    assert world.parameters[4][0] == [key("storage_usage")]  # what is done keeps its key


def test_nothing_of_files_that_are_done_is_deleted() -> None:
    world = held(stuck())
    stuck_report.apply(world.case, world.tools)
    deleted = [text for text in world.did if text.startswith("DELETE")]
    assert [text.split('"')[3] for text in deleted] == [
        "openshift_storage_usage_line_items", "openshift_storage_usage_line_items_daily",
    ]  # fmt: skip
    assert all("source = %s AND usage_start = %s" in text for text in deleted)


def test_nothing_begun_nothing_deleted() -> None:
    world = held(stuck(tracker=POD_KEYS))
    result = stuck_report.apply(world.case, world.tools)
    assert world.words() == ["begin", *HOLD, "keep", "commit", "announce cluster/1.tar.gz"]
    assert (result.did, result.undo) == (
        "found no half-written row, then announced the payload again", "nothing was removed"
    )  # fmt: skip


@pytest.mark.parametrize(
    "moved_on",
    [
        {"state": {"processing": {"end": "now"}}},
        {"s3_parquet_cleared_tracker": {key("node_labels"): True}},
        {"reports": [{"report_name": "a.csv", "status": DONE}]},
        None,
    ],
    ids=["the state", "the tracker", "a file", "the row is gone"],
)
@pytest.mark.parametrize("apply", [stuck_report.apply, tenant_sync_after_failure.apply, lost_completion.apply])
def test_what_has_moved_since_it_was_looked_at_is_left_alone(
    apply: Callable[[Case, Tools], RepairResult], moved_on: dict[str, Any] | None
) -> None:
    world = held(stuck())
    world.answers["SELECT m."] = [world.case.observed.evidence["manifests"][0] | moved_on] if moved_on else []
    if moved_on and "reports" in moved_on:
        world.answers["JOIN public.reporting_common_costusagereportmanifest"] = moved_on["reports"]
    with pytest.raises(LookupError, match="moved since"):
        apply(world.case, world.tools)
    assert world.words() == ["begin", *HOLD, "roll back"]


def test_without_masu_removed_rows_and_undo_are_kept() -> None:
    items = [{"usage_start": DAY}]
    world = held(stuck(), **{'"openshift_storage_usage_line_items_daily"': items})
    world.masu_is_down = True
    with pytest.raises(Unreachable):
        stuck_report.apply(world.case, world.tools)
    assert world.words()[-2:] == ["keep", "commit"]
    assert world.kept[0].removed == {"openshift_storage_usage_line_items_daily": items}
    assert "INSERT INTO org1234567.openshift_storage_usage_line_items_daily" in world.kept[0].undo


def test_the_undo_puts_back_this_manifests_rows_alone() -> None:
    undo = undo_text(stuck(), {"openshift_storage_usage_line_items": [{"n": 1}]})
    assert f'"{key("storage_usage")}": true' in undo
    assert "WHERE provider_id = 'provider-1' AND assembly_id = 'uuid-1';" in undo
    assert "INSERT INTO org1234567.openshift_storage_usage_line_items SELECT * FROM" in undo


def test_after_a_failure_the_half_written_goes_first() -> None:
    world = held(failed_without_copy())
    tenant_sync_after_failure.apply(world.case, world.tools)
    assert world.words() == [
        "begin", *HOLD, "DELETE line_items", "DELETE line_items_daily", "UPDATE manifest", "INSERT INTO", "keep",
        "commit", "announce cluster/1.tar.gz",
    ]  # fmt: skip
    undo = world.kept[0].undo.splitlines()
    assert undo[-1] == "DELETE FROM org1234567.reporting_tenant_api_provider WHERE uuid = 'provider-1';"


def test_before_anything_was_sent_the_row_alone_is_inserted() -> None:
    world = World(no_copy())
    tenant_sync.apply(world.case, world.tools)
    assert world.words() == ["begin", "INSERT INTO", "keep", "commit"]
    assert "ON CONFLICT (uuid) DO NOTHING" in world.did[1]


def test_the_lock_that_was_seen_is_deleted_and_no_other() -> None:
    lock = locked().observed.evidence["locks"][LOCK]
    world = World(locked(), {"DELETE": [{"cache_key": LOCK, **lock}]})
    result = stale_lock.apply(world.case, world.tools)
    assert world.words() == ["begin", "DELETE worker_cache", "keep", "commit"]
    assert world.parameters == [[LOCK, lock["value"], lock["expires"]]]
    assert result.undo.startswith("INSERT INTO public.worker_cache_table")
    assert LOCK in result.undo


def test_a_lock_that_was_taken_anew_stays() -> None:
    world = World(locked())  # nothing has that value and that expiry any more
    with pytest.raises(LookupError, match="has changed"):
        stale_lock.apply(world.case, world.tools)
    assert world.words() == ["begin", "DELETE worker_cache", "roll back"]
    with pytest.raises(LookupError, match="gone"):
        stale_lock.apply(unsummarised(), world.tools)


def test_completion_is_not_stamped_while_a_figure_differs() -> None:
    def differs() -> None:
        raise NumbersDiffer("line items -> daily summary: 1 figure differs")

    world = held(open_manifest(verify=differs))
    with pytest.raises(NumbersDiffer):
        lost_completion.apply(world.case, world.tools)
    assert world.did == []


def test_completion_is_stamped_after_the_held_comparison() -> None:
    said: list[str] = []
    stamp = {"completed_datetime": "2026-11-21T12:00:08+00:00"}
    world = held(open_manifest(verify=lambda: said.append("compared")), **{"UPDATE public.reporting": [stamp]})
    world.did = said
    result = lost_completion.apply(world.case, world.tools)
    assert world.words() == [
        "compared",
        "begin",
        *HOLD,
        "UPDATE manifest",
        "UPDATE public.api_provider",
        "keep",
        "commit",
    ]
    assert world.parameters[-1]["stamp"] == stamp["completed_datetime"]
    assert "SET data_updated_timestamp = NULL" in result.undo


def test_completion_that_came_meanwhile_is_not_stamped_over() -> None:
    world = held(open_manifest())
    with pytest.raises(LookupError, match="completed meanwhile"):
        lost_completion.apply(world.case, world.tools)
    assert world.words()[-2:] == ["UPDATE manifest", "roll back"]


@pytest.mark.parametrize(("offers", "asked"), [(True, ["price"]), (False, ["price", "summarise"])])
def test_costs_are_asked_for_as_masu_offers(offers: bool, asked: list[str]) -> None:
    world = World(uncosted(), offers=offers)
    lost_cost_step.apply(world.case, world.tools)
    assert world.did == [f"{word} {DAY} {DAY}" for word in asked]


def test_what_only_asks_masu_writes_nothing() -> None:
    world = World(unsummarised())
    lost_summary.apply(world.case, world.tools)
    payload_lost.apply(lost(), world.tools)
    assert world.did == [f"summarise {DAY} {DAY}", "announce cluster/1.tar.gz"]


def test_pages_that_masu_cannot_drop_are_said_to_expire() -> None:
    world = World(open_manifest())
    assert stale_view_cache.apply(world.case, world.tools).did.startswith("had masu drop")
    world.offers = False
    with pytest.raises(PhaseFailed, match="within an hour"):
        stale_view_cache.apply(world.case, world.tools)


SUMMARISED_NOW = period(summarised=900, costed=None)
COSTED_NOW = period(summarised=4, costed=900)


@pytest.mark.parametrize(
    ("took", "before", "after"),
    [
        (lost_summary.took, unsummarised(), {"periods": (SUMMARISED_NOW,)}),
        (lost_cost_step.took, uncosted(), {"periods": (COSTED_NOW,)}),
        (lost_completion.took, open_manifest(), {"manifests": (manifest(completed=at(7)),)}),
        (tenant_sync.took, no_copy(), {"tenant_copy": True}),
        (moved, lost(), {"manifests": (manifest(),)}),
        (moved, stuck(), {"manifests": (manifest(),)}),
    ],
)
def test_an_effect_is_what_has_come_since(took: Callable[..., bool], before: Case, after: dict[str, Any]) -> None:
    assert not took(before, before.observed.state)
    assert took(before, replace(before.observed.state, **after))


@pytest.mark.parametrize(
    ("took", "before", "after"),
    [
        (lost_summary.took, unsummarised(months=(period(),)), {"periods": (period("2026-10", summarised=900),)}),
        (lost_summary.took, unsummarised(months=(period(),)), {"periods": ()}),
        (lost_cost_step.took, uncosted(months=(period(),)), {"periods": (period(costed=None),)}),
        (lost_completion.took, open_manifest(), {"manifests": ()}),
        (lost_completion.took, open_manifest(), {"manifests": (manifest(uuid="uuid-2"),)}),
        (moved, lost(), {"manifests": (manifest(uuid="uuid-2"),)}),
        (moved, stuck(), {"manifests": ()}),
        (moved, stuck(), {"data_updated": at(900), "summary_rows": 99}),
    ],
)
def test_what_happens_elsewhere_is_no_effect(took: Callable[..., bool], before: Case, after: dict[str, Any]) -> None:
    assert not took(before, replace(before.observed.state, **after))


def test_a_lock_that_is_gone_has_no_other_effect_to_wait_for() -> None:
    assert stale_lock.took(locked(), locked().observed.state)


def test_a_file_in_work_before_the_case_is_no_effect() -> None:
    found = stuck(statuses=(DONE, PROCESSING, 3))
    assert not moved(found, in_state(found, summary_rows=7).observed.state)
