"""The matrix of faults: what is wrong is said, what is committed is read back, and only the seconds may differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults.document import document
from faults.matrix import REFUSED, Row, differences, read, rows
from faults.shown import Shown, shown
from faults.skew import CLOCK_SKEW, SKEWS, Skewed
from faults.sound import with_repairs, without_repairs

from e2e_validator.embedded.faults.registry import REGISTRY

PASSED = Shown(
    "x", as_it_says=True, verdict="PASSED", phase="", causes=(), repairs=(), vain=(), api="PASSED", seconds=None
)
REPAIRED = replace(PASSED, verdict="REPAIRED", causes=("lost",), repairs=("found",), seconds=2.54)
FAILED = replace(PASSED, verdict="FAILED", phase="summary", causes=("lost",), api="SKIPPED", seconds=2.5)
RED = replace(FAILED, as_it_says=False)


def test_what_ends_as_it_says_is_not_complained_of() -> None:
    assert list(with_repairs(REPAIRED, {"repaired": ["found"]})) == []
    assert list(with_repairs(FAILED, {"fails": {"phase": "summary", "cause": "lost"}})) == []
    assert list(with_repairs(PASSED, {"repaired": []})) == []


@pytest.mark.parametrize(
    ("seen", "expect", "said"),
    [
        (replace(PASSED, as_it_says=False), {}, "does not end as its scenario says"),
        (replace(RED, verdict="ERROR"), {}, "is no verdict on a fault"),
        (REPAIRED, {"repaired": ["found", "other"]}, "repaired by found, not by found, other"),
        (REPAIRED, {"repaired": []}, "repaired by found, not by nothing"),
        (replace(REPAIRED, verdict="PASSED"), {}, "PASSED, repaired by found"),
        (replace(PASSED, verdict="REPAIRED"), {}, "REPAIRED, repaired by nothing"),
        (replace(PASSED, api=""), {}, "its figures were never compared"),
        (replace(REPAIRED, api="FAILED"), {}, "its figures were never compared"),
        (replace(FAILED, causes=()), {}, "FAILED without a cause"),
    ],
)
def test_what_is_wrong_with_repairs_on_is_said(seen: Shown, expect: Mapping[str, Any], said: str) -> None:
    assert any(said in sentence for sentence in with_repairs(seen, expect))


@pytest.mark.parametrize(("on", "off"), [(REPAIRED, RED), (PASSED, PASSED), (FAILED, FAILED)])
def test_what_had_to_be_repaired_is_red_without_repairs(on: Shown, off: Shown) -> None:
    assert list(without_repairs(on, off)) == []


@pytest.mark.parametrize(
    ("on", "off", "said"),
    [
        (REPAIRED, PASSED, "though it had to be repaired"),
        (REPAIRED, replace(RED, verdict="BLOCKED"), "though it had to be repaired"),
        (REPAIRED, REPAIRED, "repairs are off, and found was tried"),
        (REPAIRED, replace(RED, vain=("found",)), "repairs are off, and found was tried"),
        (REPAIRED, replace(RED, causes=("time_limit",)), "the cause is time_limit, not lost"),
        (FAILED, replace(FAILED, causes=()), "the cause is nothing, not lost"),
        (PASSED, RED, "though nothing was repaired"),
        (FAILED, replace(FAILED, phase="convert"), "though nothing was repaired"),
    ],
)
def test_what_is_wrong_with_repairs_off_is_said(on: Shown, off: Shown, said: str) -> None:
    assert any(said in sentence for sentence in without_repairs(on, off))


def some_rows() -> list[Row]:
    names = [fault.name for fault in REGISTRY] + list(REFUSED.values())
    on, off = dict.fromkeys(names, REPAIRED), dict.fromkeys(names, RED)
    return rows(on, off, [Skewed(days, FAILED, FAILED) for days in SKEWS])


def test_every_fault_has_a_row_and_the_document_reads_back() -> None:
    found = some_rows()
    assert len(found) == len(REGISTRY) - 1 + len(SKEWS)
    assert read(document(found)) == found
    assert sum(CLOCK_SKEW in row.fault for row in found) == len(SKEWS)


def test_the_seconds_may_differ_and_nothing_else() -> None:
    found = some_rows()
    assert differences(found, [replace(row, seconds="99.9") for row in found]) == []
    for field in ("detected", "repaired", "on", "off"):
        (sentence,) = differences(found, [replace(found[0], **{field: "another"}), *found[1:]])
        assert found[0].fault in sentence
    assert differences(found, found[1:]) == [f"{found[0].fault} is no longer there"]
    assert differences(found[1:], found) == [f"{found[0].fault} is missing"]
    assert differences(found, found[::-1]) == ["the rows stand in another order"]


def phase(
    name: str, verdict: str, cause: str = "", *, repairs: tuple[tuple[str, str, str], ...] = ()
) -> dict[str, Any]:
    tries = [{"repair": repair, "cause": why, "effect": effect} for repair, why, effect in repairs]
    return {"name": name, "verdict": verdict, "cause": cause, "repairs": tries}


def a_run(folder: Path, verdict: str, phases: list[dict[str, Any]], *events: dict[str, str], at: str = "") -> Path:
    results = {"scenarios": [{"name": "x", "verdict": verdict, "phases": phases}]}
    (folder / "results.json").write_text(json.dumps(results))
    (folder / "events").mkdir()
    (folder / "events" / "gw0.ndjson").write_text("".join(json.dumps({"scenario": "x"} | one) + "\n" for one in events))
    if at:
        (folder / "x").mkdir()
        (folder / "x" / "faults.json").write_text(json.dumps({"fired": [{"fault": "f", "at": at}]}))
    return folder


def moment(second: float) -> str:
    return f"2026-11-21T12:00:{second:06.3f}+00:00"


def test_a_repaired_scenario_shows_causes_and_repairs_in_order(tmp_path: Path) -> None:
    phases = [
        phase(
            "summary",
            "REPAIRED",
            "b",
            repairs=(("one", "a", "worked"), ("two", "b", "no effect"), ("two", "b", "worked")),
        ),
        phase("api", "PASSED"),
    ]
    events = [
        {"event": "Recognised", "at": moment(1), "phase": "convert"},  # before the fault: of something else
        {"event": "PhaseFinished", "at": moment(3), "phase": "convert"},
        {"event": "Recognised", "at": moment(4.5), "phase": "summary"},
    ]
    run = a_run(tmp_path, "REPAIRED", phases, *events, at=moment(2))
    found = shown(run, {"x": {"repaired": ["one", "two"]}})["x"]
    assert (found.verdict, found.phase, found.api, found.seconds) == ("REPAIRED", "", "PASSED", 2.5)
    assert (found.causes, found.repairs, found.vain) == (("a", "b"), ("one", "two"), ("two",))


def test_a_scenario_that_must_fail_shows_what_a_user_would_see(tmp_path: Path) -> None:
    phases = [phase("source", "PASSED"), phase("ingest", "PASSED", "gone"), phase("cleanup", "PASSED")]
    ended = {"event": "PhaseFinished", "at": moment(7), "phase": "ingest"}
    run = a_run(tmp_path, "PASSED", phases, ended, at=moment(2))
    fails = {"phase": "ingest", "cause": "gone", "verdict": "INCONCLUSIVE"}
    found = shown(run, {"x": {"fails": fails}})["x"]
    assert (found.verdict, found.phase, found.causes, found.seconds) == ("INCONCLUSIVE", "ingest", ("gone",), 5.0)
    assert found.as_it_says


def test_a_red_scenario_shows_its_first_red_phase(tmp_path: Path) -> None:
    phases = [phase("convert", "FAILED", "stuck"), phase("api", "SKIPPED"), phase("cleanup", "UNCLEAN", "left_behind")]
    found = shown(a_run(tmp_path, "FAILED", phases), {"x": {"fails": {"phase": "convert", "cause": "other"}}})["x"]
    assert (found.verdict, found.phase, found.causes, found.seconds) == ("FAILED", "convert", ("stuck",), None)
    assert not found.as_it_says
