"""Sources that Koku polls: what is recognised, and not recognised with each piece of evidence taken away."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest
from phase_context import period
from polled_cases import (
    BEGUN,
    DAILY,
    STEMS,
    WHOLE,
    cut_off,
    entry_left,
    failed,
    falsely_done,
    fruitless,
    no_bill,
    not_fetched,
    object_damaged,
    object_lost,
    polling_lock,
    said,
    uncalled,
    unheard,
    unrecorded,
    unsynced,
)
from repair_cases import CONVERTED, SUMMARISED, changed, in_state, session

from e2e_validator.access.archived import Archived
from e2e_validator.access.worker_entries import entries_of, entries_without, own_entries
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.registry import recognise
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.repair.registry import repair_of

Cases = dict[str, Callable[[], Case]]
MENDED: Cases = {
    "polling_locked": polling_lock,
    "poll_unheard": unheard,
    "poll_without_result": fruitless,
    "bill_without_provider": no_bill,
    "file_lock_left": entry_left,
    "file_not_fetched": not_fetched,
    "conversion_cut": cut_off,
    "conversion_failed": failed,
    "false_done": falsely_done,
    "archive_incomplete": object_lost,
    "archive_damaged": object_damaged,
    "callback_lost": uncalled,
}
LINES = {
    "hive_without_s3": 'org.apache.hadoop.fs.UnsupportedFileSystemException No FileSystem for scheme "s3"',
    "hive_password_wrong": 'FATAL: password authentication failed for user "metastore"',
    "hive_down": "Failed connecting to Hive metastore: [hive-metastore:9083]",
    "trino_tls": "TrinoUserError(name=INVALID_TABLE_PROPERTY, External location is not a valid file system URI)",
    "trino_schema_missing": "line 1:1: Schema 'org1234567' does not exist",
    "trino_down": "Max retries exceeded with url: /v1/statement (Caused by NewConnectionError: Connection refused)",
    "column_missing": "Usecols do not match columns, columns expected but not found: ['bill_invoice_id']",
}


def cause(found: Case) -> str | None:
    finding = recognise(found.observed, found.expected)
    return finding.cause if finding else None


@pytest.mark.parametrize("name", MENDED)
def test_each_is_recognised_and_has_its_repair(name: str) -> None:
    found = MENDED[name]()
    assert cause(found) == name
    assert repair_of(name, found.expected.phase) is not None


@pytest.mark.parametrize("name", MENDED)
@pytest.mark.parametrize(
    "change",
    [
        {"queued": ("download: get_report_files",)},
        {"queued": None},
        {"unattended_seconds": 0.0},
        {"still_seconds": 0.0, "dead": False},
        {"names": NAMES},
    ],
)
def test_none_is_while_a_process_may_be_at_it(name: str, change: dict[str, object]) -> None:
    assert cause(changed(MENDED[name](), **change)) not in MENDED


@pytest.mark.parametrize("make", [falsely_done, object_lost, object_damaged])
def test_an_archive_that_does_not_answer_proves_nothing(make: Callable[..., Case]) -> None:
    assert cause(make(archived=None)) is None


def test_a_payload_not_at_its_source_was_not_lost_by_a_poll() -> None:
    for make in (polling_lock, unheard, fruitless):
        assert cause(changed(make(), object_there=lambda: False)) is None


def test_a_lock_ends_with_its_time() -> None:
    assert cause(unrecorded(updated=5, asked=5)) == "poll_unheard"
    assert cause(unrecorded(updated=5, asked=5 + 3 * 86400)) is None
    assert cause(unrecorded(updated=None, asked=None)) == "poll_unheard"


def test_with_the_row_in_the_tenant_it_is_another_failure() -> None:
    assert cause(in_state(no_bill(), tenant_copy=True)) == "conversion_failed"
    done_without = in_state(falsely_done(), tenant_copy=False, periods=())
    assert cause(done_without) == "bill_without_provider"
    assert cause(in_state(done_without, periods=(period(),))) == "archive_incomplete"


def test_a_list_that_cannot_be_read_hides_what_it_names() -> None:
    assert cause(entry_left(file_locks={":w:worker": None})) is None
    assert cause(not_fetched(file_locks={":w:worker": None})) is None
    assert cause(cut_off(file_locks={":w:worker": None})) is None


def test_a_file_in_a_failed_download_is_none_of_ours() -> None:
    assert cause(failed(was=3)) == "file_failed"


@pytest.mark.parametrize("name", LINES)
def test_a_known_text_names_the_cause_and_has_no_repair(name: str) -> None:
    found = said(LINES[name])
    assert cause(found) == name
    assert repair_of(name, "parquet") is None
    finding = recognise(found.observed, found.expected)
    assert finding is not None
    assert finding.final
    assert "{" not in finding.sentence
    assert LINES[name] in finding.evidence["said"]


@pytest.mark.parametrize(
    "line",
    [
        "KeyError: 'bill_payeraccountid'",
        '{"message": "could not write parquet to temp file", "traceback": "...KeyError: \'bill_payeraccountid\'"}',
    ],
)
def test_a_missing_column_is_named_as_the_log_does(line: str) -> None:
    finding = recognise(said(line).observed, said(line).expected)
    assert finding is not None
    assert finding.sentence == "the file has no column bill_payeraccountid"
    assert cause(failed(said=("a KeyError: 'x' of something else",))) == "conversion_failed"


def test_the_password_is_said_before_what_follows_of_it() -> None:
    assert cause(failed(said=(LINES["hive_down"], LINES["hive_password_wrong"]))) == "hive_password_wrong"


def test_a_text_without_a_failure_says_nothing() -> None:
    assert cause(uncalled(said=tuple(LINES.values()))) == "callback_lost"
    found = changed(entry_left(state=BEGUN), said=(LINES["column_missing"],))
    assert cause(found) == "column_missing"
    assert cause(changed(found, queued=("celery: x",))) == "not_taken"


def test_a_file_of_which_koku_kept_no_day_is_not_falsely_done() -> None:
    """A header alone: done, without a bill, and nothing was to be made of it (docs/contract/clouds.md 12)."""
    assert cause(falsely_done(archived=Archived((), ((), ()), ()))) is None


def test_what_another_manifest_left_is_not_missed() -> None:
    others = Archived(tuple(key.replace("-10_", "-9_") for key in WHOLE.csv), WHOLE.parquet, ())
    assert cause(object_lost(archived=others)) is None
    assert WHOLE.missing(9) == []
    assert replace(WHOLE, parquet=(WHOLE.parquet[0], DAILY[1:])).missing(10) == [f"{STEMS[0]}: daily parquet"]


def test_a_summary_that_was_begun_was_called() -> None:
    begun = {"summary": {"start": CONVERTED["processing"]["end"]}}
    assert cause(uncalled(state=CONVERTED | begun)) == "summary_lost"
    assert cause(uncalled(state=SUMMARISED, completed=7)) is None


def test_a_session_is_not_needed_to_know_that_none_is_at_it() -> None:
    """Requests come and go; who may have a task is found out look by look."""
    assert cause(changed(cut_off(), sessions=(session(),))) == "conversion_cut"


def test_an_unknown_partition_is_named() -> None:
    found = unsynced()
    finding = recognise(found.observed, found.expected, figures=True)
    assert finding is not None
    assert finding.cause == "partition_missing"
    assert "partition 2026-11 of lines" in finding.sentence
    assert recognise(changed(found, unsynced=()).observed, found.expected, figures=True) is None


def test_a_list_of_files_loses_its_own_entries_alone() -> None:
    value = base64.b64encode(pickle.dumps(["u1:a", "u2:a", "u1:b"])).decode()
    assert own_entries(value, "u1") == ["u1:a", "u1:b"]
    assert entries_of(entries_without(value, own_entries(value, "u1"))) == ["u2:a"]


@pytest.mark.parametrize(
    "value",
    ["no base64!", base64.b64encode(pickle.dumps({"a": 1})).decode(), base64.b64encode(pickle.dumps([1])).decode()],
)
def test_a_list_that_is_none_is_not_guessed_at(value: str) -> None:
    with pytest.raises(LookupError):
        entries_of(value)


def test_a_list_makes_no_object_of_what_it_names() -> None:
    value = base64.b64encode(pickle.dumps([Case])).decode()
    with pytest.raises(LookupError, match="is no text"):
        entries_of(value)
