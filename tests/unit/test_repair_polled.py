"""Repairs of sources that Koku polls: what they write, in which order, and when they do nothing; no servers."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest
from phase_context import at, manifest
from polled_cases import FILE, cut_off, entry_left, falsely_done, no_bill, not_fetched, polling_lock, unheard
from repair_cases import DONE, DOWNLOADING, in_state
from test_repair_apply import World

from e2e_validator.access.worker_entries import entries_of
from e2e_validator.diagnose.case import Case
from e2e_validator.repair import file_again
from e2e_validator.repair.poll_again import POLL_AGAIN, POLLING_UNLOCKED
from e2e_validator.repair.polled import taken_again

OTHERS = "another:x"
VALUE = base64.b64encode(pickle.dumps([OTHERS, FILE])).decode()


def world(found: Case, *, forgotten: int = 1, unlocked: bool = True) -> World:
    """Where everything is as it was seen."""
    row = found.observed.manifest_row
    kept = {"state": row["state"], "s3_parquet_cleared_tracker": row["s3_parquet_cleared_tracker"]} if row else {}
    names = [{"report_name": one["report_name"], "status": one["status"]} for one in row["reports"]] if row else []
    return World(
        found,
        answers={
            "SET status = 3": [{"id": 1}] * forgotten,
            "SET polling_timestamp": [{"uuid": "u"}] if unlocked else [],
            "SELECT value": [{"value": VALUE}],
            "SELECT m.state": [{**kept, "completed_datetime": None}],
            "SELECT r.report_name": names,
        },
    )


def written(done: World) -> list[str]:
    """What was written or asked for, by its first words."""
    words = ("UPDATE public.", "INSERT INTO", "announce", "begin", "commit", "roll back", "keep")
    return [text.strip()[:60].split(" SET ")[0] for text in done.did if text.strip().startswith(words)]


STATUS = "UPDATE public.reporting_common_costusagereportstatus r\nSET"


def test_a_file_that_was_cut_off_forgets_and_is_released() -> None:
    done = world(cut_off())
    result = file_again.apply(done.case, done.tools)
    sequence = [text.split("\n")[0] for text in written(done)]
    assert sequence == [
        "begin",
        "UPDATE public.reporting_common_costusagereportstatus r",
        "UPDATE public.worker_cache_table",
        "keep",
        "commit",
        "announce cluster/1.tar.gz",
    ]
    assert result.did == (
        "had 1 file forget that it was fetched, took the source's files out of the worker cache, then asked Koku to"
        " poll the source again"
    )
    after = next(parameters[0] for parameters in done.parameters if parameters and parameters[-1] == VALUE)
    assert entries_of(after) == [OTHERS]
    assert "status = 4" in result.undo
    assert "etag = 'e'" in result.undo
    assert VALUE in result.undo


@pytest.mark.parametrize("make", [entry_left, not_fetched])
def test_a_file_that_was_never_fetched_has_nothing_to_forget(make: Callable[[], Case]) -> None:
    done = world(make())
    file_again.apply_released(done.case, done.tools)
    assert not any("SET status = 3" in text for text in done.did)
    assert written(done)[-1] == "announce cluster/1.tar.gz"


def test_the_row_is_inserted_in_the_same_transaction() -> None:
    done = world(no_bill())
    result = file_again.apply_with_copy(done.case, done.tools)
    assert written(done).index("commit") > next(n for n, text in enumerate(written(done)) if text.startswith("INSERT"))
    assert "DELETE FROM org1234567.reporting_tenant_api_provider" in result.undo


def test_a_locked_source_is_unlocked_by_its_polls_time_alone() -> None:
    done = world(polling_lock())
    result = POLLING_UNLOCKED.apply(done.case, done.tools)
    (statement,) = [text for text in done.did if "UPDATE" in text]
    assert statement.strip().startswith(
        "UPDATE public.api_provider SET polling_timestamp = data_updated_timestamp - interval '1 second'"
    )
    assert "completed" not in statement
    assert written(done)[-3:] == ["keep", "commit", "announce cluster/1.tar.gz"]
    assert at(5).isoformat() in result.undo


def test_a_source_that_was_polled_meanwhile_is_left_alone() -> None:
    done = world(polling_lock(), unlocked=False)
    with pytest.raises(LookupError, match="was polled since"):
        POLLING_UNLOCKED.apply(done.case, done.tools)
    assert written(done) == ["begin", "UPDATE public.api_provider", "roll back"]
    free = world(unheard())
    with pytest.raises(LookupError, match="not locked any more"):
        POLLING_UNLOCKED.apply(free.case, free.tools)


def test_nothing_is_written_for_a_poll_that_was_not_heard() -> None:
    done = world(unheard())
    POLL_AGAIN.apply(done.case, done.tools)
    assert done.did == ["announce cluster/1.tar.gz"]


@pytest.mark.parametrize("make", [cut_off, falsely_done])
def test_what_has_moved_is_left_alone(make: Callable[[], Case]) -> None:
    done = world(make())
    done.answers["SELECT r.report_name"] = [{"report_name": "a.csv", "status": DOWNLOADING}]
    with pytest.raises(LookupError, match="has moved"):
        file_again.apply(done.case, done.tools)
    assert written(done) == ["begin", "roll back"]
    fewer = world(make(), forgotten=0)
    with pytest.raises(LookupError, match="0 of 1 files"):
        file_again.apply(fewer.case, fewer.tools)
    assert written(fewer)[-1] == "roll back"


def test_no_repair_says_that_work_was_done() -> None:
    for make, apply in ((cut_off, file_again.apply), (no_bill, file_again.apply_with_copy)):
        done = world(make())
        apply(done.case, done.tools)
        text = " ".join(done.did)
        assert f"status = {DONE}" not in text
        assert "SET data_updated_timestamp" not in text
        assert "SET completed_datetime" not in text


def test_it_took_when_a_worker_has_begun_anew() -> None:
    before = cut_off()
    state = before.observed.state
    (old,) = state.manifests
    assert not taken_again(before, state)
    assert not taken_again(before, replace(state, manifests=()))
    began = {**old.state, "download": {"start": at(90).isoformat()}}
    assert taken_again(before, replace(state, manifests=(manifest(state=began),)))
    assert in_state(before).observed.state == state
