"""What is armed and what has fired, in files; and the registry."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from e2e_validator.embedded.faults.book import Armed, FaultBook
from e2e_validator.embedded.faults.control_door import RefusedError, read_order
from e2e_validator.embedded.faults.firing import source_of
from e2e_validator.embedded.faults.registry import REGISTRY, fault_named, registry_table


def test_each_time_is_given_to_one_process_only(tmp_path: Path) -> None:
    armed = Armed("file_failed", times=3)
    FaultBook(tmp_path).arm(armed)
    children = []
    for _ in range(4):
        if (pid := os.fork()) == 0:
            os._exit(sum(FaultBook(tmp_path).claim(armed, 1, "p", "child") for _ in range(3)))
        children.append(pid)
    assert sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children) == 3
    assert len(FaultBook(tmp_path).fired()) == 3


def test_a_time_can_take_several_hits(tmp_path: Path) -> None:
    book, armed = FaultBook(tmp_path), Armed("stale_views", times=1)
    assert [book.claim(armed, 2, "p", "x") for _ in range(3)] == [True, True, False]


def test_without_a_number_it_fires_always(tmp_path: Path) -> None:
    book, armed = FaultBook(tmp_path), Armed("api_503", times=None)
    assert all(book.claim(armed, 1, "p", "x") for _ in range(5))


def test_what_is_cleared_is_forgotten_and_the_rest_stays(tmp_path: Path) -> None:
    book, first, second = FaultBook(tmp_path), Armed("file_failed"), Armed("stale_lock", key="c")
    for armed in (first, second):
        book.arm(armed)
        book.claim(armed, 1, "p", "x")
    book.clear(first.id)
    assert book.armed() == [second]
    assert [(fired.id, fired.key) for fired in book.fired()] == [(second.id, "c")]


def test_what_is_over_is_no_longer_armed(tmp_path: Path) -> None:
    book = FaultBook(tmp_path)
    book.arm(Armed("api_503", until=time.monotonic() - 1))
    assert book.armed() == []


@pytest.mark.parametrize(
    ("args", "source"),
    [
        ([[{"provider_uuid": "u"}], "ocp"], "u"),
        (["org1234567", "OCP", "1b1f4f5e-4f54-4a3c-8a1c-0123456789ab"], "1b1f4f5e-4f54-4a3c-8a1c-0123456789ab"),
        (["org1", "2026-11-01", "2026-11-02", "1b1f4f5e-4f54-4a3c-8a1c-0123456789ab"],) * 1
        + ("1b1f4f5e-4f54-4a3c-8a1c-0123456789ab",),
        ([], None),
    ],
)
def test_the_source_of_a_task_is_found(args: list[object], source: str | None) -> None:
    assert source_of(args) == source


@pytest.mark.parametrize(
    "body",
    [[], {"nam": "file_failed"}, {"name": None}, {"name": "file_failed", "times": "1"}, {"name": "payload_truncated"}],
)
def test_an_order_that_cannot_be_meant_is_refused(body: object) -> None:
    with pytest.raises(RefusedError):
        read_order(body)


def test_an_order_gets_the_defaults_of_its_fault() -> None:
    armed = read_order({"name": "queue_lost", "when": {"seconds": 3}, "key": "c", "times": None})
    assert (armed.options, armed.key, armed.times) == (
        {"task": "masu.processor.tasks.summarize_reports", "seconds": 3, "lose": True}, "c", None
    )  # fmt: skip


def test_the_registry_says_of_each_fault_how_it_is_given() -> None:
    names = [fault.name for fault in REGISTRY]
    assert len(names) == len(set(names))
    for fault in REGISTRY:
        assert fault.does.endswith((".", ")"))
        assert fault.contract
        assert fault.symptoms
        assert fault.built is not bool(fault.given_by)
        assert bool(fault.points) is (fault.act is not None)
    assert {fault.name for fault in REGISTRY if fault.classic_only} >= {"polling_frozen", "chord_lost"}


def test_the_table_has_a_row_for_each_fault() -> None:
    lines = registry_table().splitlines()
    assert len(lines) == len(REGISTRY) + 2
    assert {line.count(" | ") for line in lines if not line.startswith("|--")} == {5}
    assert fault_named("stale_lock").symptoms[0] in registry_table()
