"""What the database shows of a source: NULL is NULL, and what Koku does not define is not taken for known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from e2e_validator.access.source_state import Manifest, SourceState

# As PostgreSQL writes them into JSON: the zeros at the end of the fraction are cut off.
CREATED = "2026-11-21T23:10:51.7678+00:00"
ENDED = "2026-11-21T23:10:55.793053+00:00"


def report(**change: Any) -> dict[str, Any]:
    return {"name": "a.csv", "status": 1, "failed_status": None, "started": None, "completed": ENDED} | change


def manifest_row(**change: Any) -> dict[str, Any]:
    row = {"id": 10, "uuid": "u-1", "month": CREATED, "files": 1, "created": CREATED, "completed": None, "state": {}}
    return row | {"reports": [report()]} | change


def row(**change: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"providers": 1, "setup_complete": True, "data_updated": None, "tenant_copies": 1}
    return whole | {"summary_rows": 0, "periods": [], "manifests": [manifest_row()]} | change


def manifest(**change: Any) -> Manifest:
    found = SourceState.from_row(row(manifests=[manifest_row(**change)])).manifest("u-1")
    assert found is not None
    return found


def test_a_source_that_is_not_there_has_nothing() -> None:
    state = SourceState.from_row(row(providers=0, tenant_copies=0, manifests=[]))
    assert (state.exists, state.tenant_copy, state.data_updated, state.manifest("u-1")) == (False, False, None, None)


@pytest.mark.parametrize("copies", [0, 2])
def test_the_tenant_copy_is_exactly_one_row(copies: int) -> None:
    assert SourceState.from_row(row(tenant_copies=copies)).tenant_copy is False


def test_null_times_stay_none() -> None:
    found = manifest(created=None, completed=None, state=None, reports=[report(completed=None)])
    assert (found.created, found.completed, found.state, found.reports[0].completed) == (None, None, {}, None)


def test_times_keep_their_fraction_and_zone() -> None:
    assert manifest().created == datetime(2026, 11, 21, 23, 10, 51, 767800, UTC)


def test_a_manifest_is_found_by_its_own_uuid_alone() -> None:
    state = SourceState.from_row(row(manifests=[manifest_row(), manifest_row(id=11, uuid="u-2")]))
    found = state.manifest("u-2")
    assert found is not None
    assert found.id == 11
    assert state.manifest("u-3") is None


@pytest.mark.parametrize(
    ("status", "completed", "is_done"),
    [(1, ENDED, True), (1, None, False), (2, ENDED, False), (4, ENDED, False), (3, None, False), (0, ENDED, False)],
)
def test_a_file_is_done_with_status_and_time_together(status: int, completed: str | None, is_done: bool) -> None:
    assert manifest(reports=[report(status=status, completed=completed)]).reports[0].done is is_done


def test_a_number_that_koku_does_not_define_is_shown_as_it_is() -> None:
    found = manifest(reports=[report(status=0), report(status=2, failed_status=9), report(status=6), report()])
    assert found.statuses() == {"DONE": 1, "FAILED": 1, "undefined 0": 1, "undefined 6": 1}
    assert [one.failed_status for one in found.reports] == [None, "undefined 9", None, None]


def test_a_step_has_its_words_without_the_time_it_took() -> None:
    state = {
        "summary": {"start": CREATED, "end": ENDED, "time_taken_seconds": 4},
        "download": {"start": CREATED, "failed": ENDED},
    }
    found = manifest(state=state)
    assert found.step("summary") == {"start", "end"}
    assert found.step("processing") == frozenset()
    assert found.states() == {"download": ["failed", "start"], "summary": ["end", "start"]}
    assert found.step_time("summary", "end") == datetime(2026, 11, 21, 23, 10, 55, 793053, UTC)
    assert found.step_time("summary", "failed") is None
    assert found.step_time("processing", "end") is None


def test_a_step_that_is_null_has_no_words() -> None:
    found = manifest(state={"summary": None})
    assert (found.step("summary"), found.step_time("summary", "end"), found.states()) == (frozenset(), None, {})


def test_a_step_without_words_counts_like_none() -> None:
    assert manifest(state={"download": {"start": CREATED}, "summary": {}}).states() == {"download": ["start"]}


def period(start: str, summarised: str | None = None) -> dict[str, Any]:
    return {"start": start, "summarised": summarised, "cost_derived": None}


def test_a_period_is_found_by_its_month() -> None:
    october, november = period("2026-10-01T00:00:00+00:00"), period("2026-11-01T00:00:00+00:00", ENDED)
    state = SourceState.from_row(row(periods=[october, november]))
    first, second = state.period("2026-10"), state.period("2026-11")
    assert first is not None
    assert second is not None
    assert (first.summarised, second.summarised) == (None, datetime(2026, 11, 21, 23, 10, 55, 793053, UTC))
    assert state.period("2025-11") is None
    assert state.period("2026-12") is None


def test_the_month_of_a_period_is_utc_in_any_session_zone() -> None:
    state = SourceState.from_row(row(periods=[period("2026-10-31T20:00:00-04:00")]))
    assert state.period("2026-11") is not None
    assert state.period("2026-10") is None


def test_a_period_without_a_start_is_no_period_of_any_month() -> None:
    with pytest.raises(ValueError, match="without a start"):
        SourceState.from_row(row(periods=[{"start": None, "summarised": None, "cost_derived": None}]))
