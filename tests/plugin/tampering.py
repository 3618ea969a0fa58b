"""A pytest plugin (``-p tampering``) that breaks what a real Koku could break, between two phases of a scenario."""

from __future__ import annotations

import os
from pathlib import Path

import tampers_flow
import tampers_neighbour
import tampers_rows
from scene import TAMPERERS, Scene

from e2e_validator.deployment import Target
from e2e_validator.events import PhaseFinished

__all__ = ["tampers_flow", "tampers_neighbour", "tampers_rows"]


def pytest_e2e_phase_started(scenario: str, phase: str, folder: Path, target: Target) -> None:
    _tamper(scenario, "started", phase, Scene(folder, target))


def pytest_e2e_phase_finished(scenario: str, phase: str, folder: Path, target: Target, finished: PhaseFinished) -> None:
    if finished.verdict == "PASSED":
        _tamper(scenario, "finished", phase, Scene(folder, target))


def _tamper(scenario: str, moment: str, phase: str, scene: Scene) -> None:
    tamperer = TAMPERERS.get((scenario, moment, phase))
    if tamperer is not None and not os.environ.get("E2E_HANDS_OFF"):
        tamperer(scene)
