"""Hooks that other plugins may implement; they run in the process that runs the phase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # pytest loads this file in every project
    from e2e_validator.deployment import Target
    from e2e_validator.events import PhaseFinished


@pytest.hookspec
def pytest_e2e_phase_started(scenario: str, phase: str, folder: Path, target: Target) -> None:
    """A phase is about to run; ``folder`` is the scenario's folder in the run."""


@pytest.hookspec
def pytest_e2e_phase_finished(scenario: str, phase: str, folder: Path, target: Target, finished: PhaseFinished) -> None:
    """A phase has ended, well or not."""
