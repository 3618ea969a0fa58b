"""What a run showed of a scenario with a fault: how it ended, of what, who repaired it, how soon it was noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

GOOD = ("PASSED", "REPAIRED")


@dataclass(frozen=True, slots=True)
class Shown:
    """One scenario of one run.

    ``verdict`` and ``phase`` are those of the first phase that did not pass; for a scenario that must fail, those with
    which it did. ``causes`` are the faults that were recognised, in order. ``repairs`` are those that worked, ``vain``
    those that were tried and did not; ``seconds`` is the time from the fault to its recognition, or to the end of the
    phase that failed of it.
    """

    scenario: str
    as_it_says: bool
    """Whether the scenario ended as its own expectations have it."""
    verdict: str
    phase: str
    causes: tuple[str, ...]
    repairs: tuple[str, ...]
    vain: tuple[str, ...]
    api: str
    """The verdict of the phase ``api``, which compares every figure; empty when there is none."""
    seconds: float | None


def shown(run: Path, expectations: Mapping[str, Mapping[str, Any]]) -> dict[str, Shown]:
    """Each scenario of a run by its name; ``expectations`` holds the ``expect`` of each scenario's file."""
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    recognised = _recognised(run)
    return {
        scenario["name"]: _shown(
            scenario, expectations[scenario["name"]], recognised.get(scenario["name"], []), run / scenario["name"]
        )
        for scenario in results["scenarios"]
    }


def expectations(files: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """The ``expect`` of each scenario by its name, as the files say it."""
    found = {}
    for file in files:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        found[raw["name"]] = raw.get("expect") or {}
    return found


def _shown(
    scenario: Mapping[str, Any], expect: Mapping[str, Any], events: Sequence[Mapping[str, Any]], folder: Path
) -> Shown:
    phases = scenario["phases"]
    verdict, phase = _ending(scenario, expect.get("fails"))
    tries = [entry for one in phases for entry in one["repairs"]]
    causes = [entry["cause"] for entry in tries] + [one["cause"] for one in phases if one["name"] == phase]
    return Shown(
        scenario=scenario["name"],
        as_it_says=scenario["verdict"] in GOOD,
        verdict=verdict,
        phase=phase,
        causes=tuple(dict.fromkeys(filter(None, causes))),
        repairs=tuple(dict.fromkeys(entry["repair"] for entry in tries if entry["effect"] == "worked")),
        vain=tuple(dict.fromkeys(entry["repair"] for entry in tries if entry["effect"] != "worked")),
        api=next((one["verdict"] for one in phases if one["name"] == "api"), ""),
        seconds=_seconds(folder, events, phase),
    )


def _ending(scenario: Mapping[str, Any], fails: Mapping[str, Any] | None) -> tuple[str, str]:
    """Verdict and phase of the first phase that did not pass; a REPAIRED or PASSED scenario has no such phase."""
    for phase in scenario["phases"]:
        # One that ended as it must is noted as passed; what the user of a real deployment sees is the word it had.
        if fails and phase["name"] == fails["phase"] and phase["verdict"] == "PASSED":
            return str(fails.get("verdict", "FAILED")), phase["name"]
        if phase["verdict"] not in (*GOOD, "SKIPPED"):
            return phase["verdict"], phase["name"]
    return scenario["verdict"], ""


def _recognised(run: Path) -> dict[str, list[dict[str, Any]]]:
    """The events by which something was noticed, by scenario, in the order of time."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in sorted(events_of(run), key=lambda event: str(event["at"])):
        if event["event"] in {"Recognised", "Repaired", "PhaseFinished"}:
            found.setdefault(event["scenario"], []).append(event)
    return found


def events_of(run: Path) -> Iterator[dict[str, Any]]:
    """Every event of the run's journal."""
    for journal in sorted((run / "events").glob("*.ndjson")):
        for line in journal.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _seconds(folder: Path, events: Sequence[Mapping[str, Any]], failed: str) -> float | None:
    """From the fault to its first recognition or repair, or else to the end of the phase that failed of it."""
    told = folder / "faults.json"
    if not told.exists():
        return None
    fired = json.loads(told.read_text(encoding="utf-8"))["fired"]
    if not fired:
        return None
    began = datetime.fromisoformat(fired[0]["at"])
    for event in events:
        at = datetime.fromisoformat(event["at"])
        ended = event["event"] != "PhaseFinished" or event["phase"] == failed
        if ended and at >= began:
            return (at - began).total_seconds()
    return None
