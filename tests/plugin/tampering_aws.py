"""A pytest plugin (``-p tampering_aws``) that breaks what a classic Koku could break, between two phases."""

from __future__ import annotations

from pathlib import Path

import tampers_aws
from scene import TAMPERERS, Scene

from e2e_validator.deployment import Target
from e2e_validator.events import PhaseFinished
from e2e_validator.providers.aws.names import NAMES

__all__ = ["tampers_aws"]


def pytest_e2e_phase_started(scenario: str, phase: str, folder: Path, target: Target) -> None:
    _tamper(scenario, "started", phase, Scene(folder, target, NAMES))


def pytest_e2e_phase_finished(scenario: str, phase: str, folder: Path, target: Target, finished: PhaseFinished) -> None:
    if finished.verdict == "PASSED":
        _tamper(scenario, "finished", phase, Scene(folder, target, NAMES))


def _tamper(scenario: str, moment: str, phase: str, scene: Scene) -> None:
    tamperer = TAMPERERS.get((scenario, moment, phase))
    if tamperer is not None:
        tamperer(scene)
