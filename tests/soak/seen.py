"""What a soak saw: how many runs, what was repaired or did not pass, and how long a healthy system showed no change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from faults.shown import events_of

WAITING = frozenset({"download", "convert", "summary", "cost", "manifest"})


@dataclass(slots=True)
class Seen:
    """The runs at one pace."""

    pace: str
    runs: int = 0
    repairs: list[str] = field(default_factory=list)
    """A sentence for each repair that was tried."""
    not_passed: list[str] = field(default_factory=list)
    """A sentence for each scenario that is not PASSED."""
    recognised: list[str] = field(default_factory=list)
    """A sentence for each fault that was recognised where there is none."""
    longest: float = 0.0
    """Seconds without a change in a phase that waits for Koku."""
    longest_in: str = ""

    @property
    def sound(self) -> bool:
        """Whether there was no false alarm."""
        return not (self.repairs or self.not_passed)

    def add(self, run: Path) -> None:
        """Count the scenarios of a run."""
        results = json.loads((run / "results.json").read_text(encoding="utf-8"))
        self.runs += len(results["scenarios"])
        for scenario in results["scenarios"]:
            if scenario["verdict"] != "PASSED":
                bad = next(one for one in scenario["phases"] if one["verdict"] != "PASSED")
                self.not_passed.append(f"{scenario['name']} {bad['name']}: {bad['verdict']} {bad['headline']}")
        moments: dict[tuple[str, str], list[datetime]] = {}
        for event in events_of(run):
            what = f"{event.get('scenario')} {event.get('phase')}"
            if event["event"] == "Repaired":
                self.repairs.append(f"{what}: {event['repair']} {event['effect']}: {event['did']}")
            elif event["event"] == "Recognised":
                self.recognised.append(f"{what}: {event['finding']['cause']}: {event['finding']['sentence']}")
            if event.get("phase", "").partition("[")[0] in WAITING and event["event"] != "Heartbeat":
                key = event["scenario"], event["phase"]
                moments.setdefault(key, []).append(datetime.fromisoformat(event["at"]))
        for (scenario, phase), times in moments.items():
            for before, after in pairwise(sorted(times)):
                if (gap := (after - before).total_seconds()) > self.longest:
                    self.longest, self.longest_in = gap, f"{scenario} {phase}"


def table(all_seen: Sequence[Seen]) -> str:
    """A line for each pace, in Markdown."""
    lines = ["| pace | runs | repairs | not passed | longest time without a change |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {seen.pace} | {seen.runs} | {len(seen.repairs)} | {len(seen.not_passed)} |"
        f" {seen.longest:.1f} s ({seen.longest_in or 'none'}) |"
        for seen in all_seen
    ]
    total = sum(seen.runs for seen in all_seen)
    repairs, bad = (sum(len(getattr(seen, name)) for seen in all_seen) for name in ("repairs", "not_passed"))
    return "\n".join([*lines, f"| all | {total} | {repairs} | {bad} | |"]) + "\n"
