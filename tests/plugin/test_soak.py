"""Healthy runs at a slow pace start no repair; what a longer soak (``make soak``) would say is said of what it saw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from soak.seen import Seen, table
from soak.soaking import soak


@pytest.mark.embedded
def test_healthy_runs_that_queue_are_not_repaired(tmp_path: Path) -> None:
    """Suspicion begins before a step at this pace shows a change: only the evidence says that somebody is at work."""
    seen = soak(
        "real", 8, tmp_path, lanes=2, repair_after=0.6, kinds=[("one_pod_day", "recorded"), ("one_pod_day", "priced")]
    )
    assert seen.runs == 8
    assert seen.repairs == []
    assert seen.not_passed == []
    assert seen.longest > 1.2  # or nothing was proven


def a_run(folder: Path, *phases: tuple[str, str], events: tuple[dict[str, Any], ...] = ()) -> Path:
    found = [{"name": name, "verdict": verdict, "headline": "why"} for name, verdict in phases]
    bad = [verdict for _, verdict in phases if verdict != "PASSED"]
    scenario = {"name": "x", "verdict": bad[0] if bad else "PASSED", "phases": found}
    (folder / "results.json").write_text(json.dumps({"scenarios": [scenario]}))
    (folder / "events").mkdir()
    (folder / "events" / "main.ndjson").write_text(
        "".join(json.dumps({"scenario": "x"} | event) + "\n" for event in events)
    )
    return folder


def event(kind: str, phase: str, second: int, **more: str) -> dict[str, Any]:
    return {"event": kind, "phase": phase, "at": f"2026-11-21T12:00:{second:02}+00:00", **more}


def test_a_soak_without_a_false_alarm_is_sound(tmp_path: Path) -> None:
    events = (
        event("PhaseStarted", "download", 0),
        event("Observed", "download", 1),
        event("Heartbeat", "download", 5),
        event("Observed", "download", 8),
        event("PhaseFinished", "download", 9),
        event("PhaseStarted", "generate", 10),
        event("PhaseFinished", "generate", 50),  # nobody waits there
    )
    seen = Seen("slow")
    seen.add(a_run(tmp_path, ("download", "PASSED"), events=events))
    assert seen.sound
    assert (seen.runs, seen.longest, seen.longest_in) == (1, 7.0, "x download")
    assert "| slow | 1 | 0 | 0 | 7.0 s (x download) |" in table([seen])


@pytest.mark.parametrize(
    ("verdict", "more"),
    [
        ("FAILED", ()),
        ("BLOCKED", ()),
        ("REPAIRED", ()),
        ("PASSED", (event("Repaired", "download", 1, repair="apply", effect="no effect", did="it"),)),
    ],
)
def test_a_repair_or_a_run_that_did_not_pass_is_a_false_alarm(
    tmp_path: Path, verdict: str, more: tuple[dict[str, Any], ...]
) -> None:
    seen = Seen("fast")
    seen.add(a_run(tmp_path, ("download", verdict), events=more))
    assert not seen.sound
