"""Who may be at work: each rule by which a session counts, and by which a task may be in somebody's hands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from repair_cases import DONE, LOCK, OTHER, case, key, session, stuck, unsummarised, without_manifest

from e2e_validator.access.evidence import Session
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.sessions import at_work


def working(found: Case, *, before_files_were_done: bool = True) -> list[Session]:
    return at_work(found.observed, found.expected, before_files_were_done=before_files_were_done)


AT_WORK = {
    "opened before the source last changed, used since": session(),
    "opened at the very moment it last changed": session(opened=-60),
    "used just before the announcement": session(changed=-300.5),
    "in the middle of a statement": session(state="active"),
    "in a transaction in which nothing happens": session(state="idle in transaction", changed=-200),
    "whose times are hidden from us": session(opened=None, changed=None, state=""),
    "whose last use is hidden": session(changed=None),
}
NOT_AT_WORK = {
    "opened after the source last changed": session(opened=-59),
    "not used since the announcement": session(changed=-302),
}


@pytest.mark.parametrize("one", AT_WORK.values(), ids=AT_WORK)
def test_a_session_of_the_last_change_may_be_at_work(one: Any) -> None:
    assert working(unsummarised(sessions=(one,))) == [one]


@pytest.mark.parametrize("one", NOT_AT_WORK.values(), ids=NOT_AT_WORK)
def test_who_came_later_or_has_done_nothing_since_is_not_at_work(one: Any) -> None:
    assert working(unsummarised(sessions=(one,))) == []


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (session(opened=-106), False),
        (session(opened=-104), True),
        (session(opened=-90), True),
        (session(opened=None), True),
        (session(opened=-500, state="active"), True),
        (session(opened=-500, state="idle in transaction"), True),
    ],
)
def test_an_idle_session_from_before_the_files_is_the_listeners(one: Any, counts: bool) -> None:
    found = unsummarised(sessions=(one,))  # the files were seen done 100 s ago, by who may have looked 5 s late
    assert bool(working(found, before_files_were_done=False)) is counts
    assert working(found)


def test_any_session_counts_until_the_files_are_known_as_done() -> None:
    found = unsummarised(sessions=(session(),), converted_seconds=None)
    assert working(found, before_files_were_done=False)


def test_whoever_works_each_is_named() -> None:
    one, two = session(pid=1), session(pid=2)
    assert working(unsummarised(sessions=(one, session(pid=3, opened=-1), two))) == [one, two]


NOBODY = {
    "nobody at all": {},
    "an idle session of a worker that was started anew": {"sessions": (session(opened=-29, changed=-28),)},
    "an idle session of the listener": {"sessions": (session(opened=-400),)},
}
SOMEBODY: dict[str, dict[str, Any]] = {
    "a task waits in its queue": {"queued": ("ocp: masu.processor.tasks.summarize_reports",)},
    "the queues cannot be read": {"queued": None},
    "somebody may have the task": {"unattended_seconds": 0.0},
}


@pytest.mark.parametrize("change", NOBODY.values(), ids=NOBODY)
def test_nobody_will_do_it(change: dict[str, Any]) -> None:
    assert unsummarised(**change).observed.nobody_will()


@pytest.mark.parametrize("change", SOMEBODY.values(), ids=SOMEBODY)
def test_somebody_may_do_it_yet(change: dict[str, Any]) -> None:
    assert not unsummarised(**change).observed.nobody_will()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (LOCK, LOCK),
        (LOCK.replace("provider-1", OTHER), None),
        (LOCK.replace("2026-11", "2026-10"), None),
        (LOCK.replace("org1234567", "org7654321"), None),
        (LOCK.replace(":OCP:", ":AWS:"), None),
        (LOCK.replace("update_summary_tables", "update_cost_model_costs"), None),
        ("provider-1:2026-11", None),
    ],
)
def test_only_the_lock_of_this_sources_own_month_is_its_lock(name: str, found: str | None) -> None:
    assert unsummarised(locks={name: {"value": "x", "expires": "y"}}).observed.summary_lock("2026-11") == found


def test_manifest_row_and_tracker_are_those_of_this_payload() -> None:
    found = stuck()
    assert found.observed.manifest is not None
    assert found.observed.manifest_row is not None
    assert set(found.observed.tracker) == {key("pod_usage"), key("storage_usage")}
    assert without_manifest(found).observed.tracker == {}
    other = replace(found.observed, manifest_uuid="uuid-2")
    assert (other.manifest, other.manifest_row, other.tracker) == (None, None, {})


def test_a_tracker_that_is_null_is_an_empty_one() -> None:
    found = case("convert", DONE)
    found.observed.evidence["manifests"][0]["s3_parquet_cleared_tracker"] = None
    assert found.observed.tracker == {}
