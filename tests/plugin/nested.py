"""pytest runs inside tests: a project folder with scenarios, run as a user would, and what is left of a run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from e2e_validator import slowness

CHECKOUT = Path(__file__).parent.parent.parent
TODAY = "2026-11-21"
MODES = {"plain": (), "xdist": ("-n", "2")}
# Plugins of other packages that take longer to load than everything else in a run.
SLOW = ("valkey", "faker", "hypothesispytest", "anyio", "platformdirs")
INI = f"[pytest]\ne2e_scenarios = scenarios\naddopts = --strict-markers {' '.join(f'-p no:{name}' for name in SLOW)}\n"
# A run of one recorded day takes about a second; whoever waits longer hangs.
PATIENCE_SECONDS = 240.0

QUICK = """
version: 1
name: {name}
description: One recorded day.
tags: [{tags}]
data: {{payloads: recordings/{recording}}}
limits: {{{limits}}}
"""


def quick(name: str, recording: str = "one_pod_day", *, tags: str = "quick", limits: str = "") -> str:
    """A scenario of a recorded payload: it needs no nise, which is most of the time of a small run."""
    return QUICK.format(name=name, recording=recording, tags=tags, limits=limits)


def shipped(name: str) -> str:
    """A scenario of ours."""
    return (CHECKOUT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def furnish(folder: Path, scenarios: dict[str, str], *, ini: str = INI) -> Path:
    """Make ``folder`` a project: its scenarios by name, our fixtures, and a configuration of its own."""
    (folder / "scenarios").mkdir()
    for name, text in scenarios.items():
        (folder / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(CHECKOUT / "fixtures", folder / "fixtures", ignore=shutil.ignore_patterns("api", "db"))
    (folder / "pytest.ini").write_text(ini, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Ended:
    """A nested run that has ended."""

    code: int
    text: str
    folder: Path

    @cached_property
    def reports(self) -> Path:
        """The run's folder."""
        return (self.folder / "reports" / "latest").resolve(strict=True)

    @cached_property
    def results(self) -> dict[str, Any]:
        """``results.json``."""
        found: dict[str, Any] = json.loads((self.reports / "results.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def phases(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The phases' results by scenario and phase."""
        return {
            scenario["name"]: {phase["name"]: phase for phase in scenario["phases"]}
            for scenario in self.results["scenarios"]
        }

    def verdicts(self, scenario: str) -> dict[str, str]:
        """The verdict of each phase of a scenario."""
        return {name: phase["verdict"] for name, phase in self.phases[scenario].items()}

    def state(self, scenario: str) -> dict[str, Any]:
        """What the phases handed on."""
        found: dict[str, Any] = json.loads((self.reports / scenario / "state.json").read_text(encoding="utf-8"))
        return found

    def junit_root(self) -> ET.Element:
        """``junit.xml``."""
        return ET.parse(self.reports / "junit.xml").getroot()  # noqa: S314 - our own file

    def junit(self) -> dict[str, ET.Element]:
        """The testcases of ``junit.xml``, as ``scenario::phase``."""
        cases = self.junit_root().iter("testcase")
        return {f"{case.attrib['classname'].rpartition('.')[2]}::{case.attrib['name']}": case for case in cases}

    def has_run(self) -> bool:
        """Whether the run made a folder."""
        return (self.folder / "reports").exists()


def files_with(folder: Path, text: str) -> list[Path]:
    """The files below a folder that hold a text; links are not followed."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if text.encode() in path.read_bytes()]


def command(args: Iterable[str]) -> list[str]:
    """The command line of a nested run."""
    return [sys.executable, "-m", "pytest", *args]


def environment(**more: str) -> dict[str, str]:
    """What a nested run finds in its environment: nothing of the test session around it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "E2E_")) or name == slowness.VARIABLE
    }
    # Modules of this folder can be named with -p.
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
    return kept | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"} | more


@dataclass
class Running:
    """A nested run in progress."""

    process: subprocess.Popen[str]
    folder: Path
    output: Path

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to become true while the run goes on."""
        began = time.monotonic()
        while not condition():
            if self.process.poll() is not None or slowness.expired(PATIENCE_SECONDS, began):
                pytest.fail(f"not seen: {what}\n{self.output.read_text(encoding='utf-8')}")
            time.sleep(0.05)

    def wait_for_event(self, text: str) -> None:
        """Wait until the run's journal holds ``text``."""
        self.wait_until(lambda: any(text in journal.read_text() for journal in self._journals()), text)

    def _journals(self) -> list[Path]:
        return list((self.folder / "reports").glob("latest/events/*.ndjson"))

    def end(self) -> None:
        """Leave nothing of it, whatever happened."""
        self.process.kill()
        self.process.wait()

    def ended(self, patience_seconds: float = PATIENCE_SECONDS) -> Ended:
        """The run, once it has ended; one that hangs is killed, and its code is then negative."""
        try:
            code = self.process.wait(slowness.scaled(patience_seconds))
        except subprocess.TimeoutExpired:
            self.end()
            code = self.process.returncode
        return Ended(code, self.output.read_text(encoding="utf-8"), self.folder)


def start(folder: Path, *args: str, env: dict[str, str] | None = None) -> Running:
    """Start a nested run in a process group of its own."""
    output = folder / "output.txt"
    with output.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command(args),
            cwd=folder,
            env=environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    return Running(process, folder, output)


def run(
    folder: Path, *args: str, env: dict[str, str] | None = None, patience_seconds: float = PATIENCE_SECONDS
) -> Ended:
    """A nested run from its start to its end."""
    running = start(folder, *args, env=env)
    try:
        return running.ended(patience_seconds)
    finally:
        running.end()
