"""The time of the whole library on embedded stacks, beside what nise alone takes for the same data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from e2e_validator.calendar_months import months
from e2e_validator.generate.cache import VARIABLE
from e2e_validator.generate.month import NiseKind
from e2e_validator.generate.nise import WARM_VARIABLE, run_nise
from e2e_validator.providers.aws.generate import nise_kind as cloud
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan

CHECKOUT = Path(__file__).parents[2]
# Faults wait for what does not come, by seconds of the clock: "make faults" is their time.
LEFT_OUT = "faults"


@dataclass(frozen=True, slots=True)
class Library:
    """Seconds of a run of all scenarios with two workers and an empty cache; and of nise alone, one call at a time."""

    seconds: float
    scenarios: int
    nise_seconds: float
    calls: int
    load: str


def measured() -> Library:
    """Both, one after the other.

    Raises:
        AssertionError: a scenario did not end as it must, so that the time says nothing.
    """
    load = f"load {os.getloadavg()[0]:.1f}"
    with tempfile.TemporaryDirectory() as folder:
        files = [str(path) for path in _files()]
        command = [sys.executable, "-m", "pytest", "-n", "2", "-q", f"--run-dir={folder}/runs", *files]
        began = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**os.environ, VARIABLE: f"{folder}/cache"},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        if done.returncode:
            raise AssertionError(f"The library ended with {done.returncode}:\n{done.stdout[-2000:]}")
        results = json.loads(Path(folder, "runs", "latest", "results.json").read_text(encoding="utf-8"))
    nise_seconds, calls = nise_alone()
    return Library(took, len(results["scenarios"]), nise_seconds, calls, load)


def nise_alone() -> tuple[float, int]:
    """Seconds and calls of nise, each in a new process and nothing from a cache, for the days of the small reports."""
    os.environ |= {VARIABLE: "off", WARM_VARIABLE: "off"}
    took, calls = 0.0, 0
    for kind, generators, start, end, beside in _data():
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            run_nise(generators, kind=kind, key="b", start=start, end=end, folder=Path(folder), beside=beside)
            took += time.perf_counter() - began
            calls += len(months(start, end))
    return took, calls


def _files() -> list[Path]:
    return [path for path in sorted((CHECKOUT / "scenarios").rglob("*.yaml")) if LEFT_OUT not in path.parts]


def _data() -> Iterator[tuple[NiseKind, Sequence[Mapping[str, Any]], datetime, datetime, Mapping[str, Any]]]:
    """What nise makes for the library, payload by payload."""
    today: date = datetime.now(UTC).date()
    for path in _files():
        loaded = load_scenario(path, fixtures=CHECKOUT / "fixtures", today=today)
        if loaded.report is None:
            continue
        kind = NISE if loaded.scenario.source.type == "OCP" else cloud.NISE
        beside = {"accounts": loaded.report["accounts"]} if "accounts" in loaded.report else {}
        for payload in plan(loaded, today).payloads:
            end = payload.end if loaded.scale is None else min(payload.end, payload.start + timedelta(days=1))
            yield kind, loaded.report["generators"], payload.start, end, beside
