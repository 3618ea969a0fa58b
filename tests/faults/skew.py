"""A deployment whose clock is not the run's: stacks that live on another day than the run takes for today."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from e2e_validator.deployment import embedded

from .running import TODAY, make_project, run
from .shown import Shown, shown

CLOCK_SKEW = "clock_skew"
# Days by which the deployment's clock differs from the run's; with the last one the data are too old for it.
SKEWS = (-3, 3, 40, 101)
# The freshest data there can be: those of yesterday and the day before.
SCENARIO = """
version: 1
name: clock_skew
description: One pod on the two days before the run.
tags: [fault]
period: {start: today-2d, end: today}
data: {template: one_pod.yml}
limits: {download: 20s, convert: 20s, summary: 20s, cost: 20s, manifest: 20s, cleanup: 20s}
"""


@dataclass(frozen=True, slots=True)
class Skewed:
    """What was seen of a deployment whose clock is ``days`` ahead of the run's."""

    days: int
    on: Shown
    off: Shown

    @property
    def words(self) -> str:
        """The skew in words."""
        return f"{abs(self.days)} days {'ahead' if self.days > 0 else 'behind'}"


def skewed(folder: Path, *more: str, env: dict[str, str] | None = None) -> list[Skewed]:
    """Run the scenario on a stack for each skew, with repairs on and off at the same time."""
    project = folder / "project"
    scenario = make_project(project) / "clock_skew.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")

    def at(days: int) -> Skewed:
        return _skewed(days, project, folder / f"{days:+d}", more, env)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(at, SKEWS))


def _skewed(days: int, project: Path, folder: Path, more: tuple[str, ...], env: dict[str, str] | None) -> Skewed:
    folder.mkdir()
    target, stack = embedded.start(today=date.fromisoformat(TODAY) + timedelta(days=days))
    with stack, ThreadPoolExecutor(2) as pool:
        file = folder / "target.json"
        target.save(file)
        modes = {
            mode: pool.submit(
                run,
                [project / "scenarios"],
                folder / mode,
                *("--target", str(file), "--repair-after", "2", f"--repair={mode}", *more),
                project=project,
                workers=0,
                env=env,
            )
            for mode in ("auto", "off")
        }
        seen = {mode: shown(future.result().folder, {CLOCK_SKEW: {}})[CLOCK_SKEW] for mode, future in modes.items()}
    return Skewed(days, seen["auto"], seen["off"])
