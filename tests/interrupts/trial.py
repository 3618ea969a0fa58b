"""One run that is interrupted, and what is wrong with its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.running import TODAY

from e2e_validator.deployment import Target

from .moment import WORKERS, Moment
from .remains import remains

PATIENCE_SECONDS = 240.0
INTERRUPTED = 2
# Before pytest knows our options a signal ends Python itself, with nothing made and no folder.
_EARLY = frozenset({-2, -15, 130, INTERRUPTED, 1})


@dataclass(frozen=True)
class Trial:
    """A run that has ended."""

    folder: Path
    moment: Moment
    code: int
    text: str
    signalled: bool
    """Whether it was still there when its moment came."""
    seconds: float
    """From the (last) signal to its end."""
    left_over: tuple[str, ...]
    """Its processes that did not end with it."""

    @classmethod
    def run(cls, folder: Path, moment: Moment, file: Path | None) -> Trial:
        """Run the project in ``folder`` and interrupt it."""
        where = ("--target", str(file)) if file else ("--embedded",)
        command = [sys.executable, "-m", "pytest", "scenarios", *where, "--today", TODAY, *WORKERS[moment.mode]]
        output = folder / "output.txt"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "E2E_"))}
        began = time.monotonic()
        with output.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=kept | {"COLUMNS": "200", "PYTHONUNBUFFERED": "1", "E2E_NISE_CACHE": "off"},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        signalled = False
        ended = began
        for seconds in (moment.after, moment.again):
            if seconds is None:
                continue
            try:
                process.wait(max(0.0, (began if not signalled else ended) + seconds - time.monotonic()))
                break
            except subprocess.TimeoutExpired:
                signalled, ended = True, time.monotonic()
                (os.killpg if moment.whole_group else os.kill)(process.pid, moment.number)
        try:
            code = process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            code = process.wait()
        took = time.monotonic() - ended
        return cls(folder, moment, code, output.read_text(encoding="utf-8"), signalled, took, processes_in(folder))

    @property
    def reports(self) -> Path | None:
        """The run's folder, if it came to have one."""
        runs = [path for path in (self.folder / "reports").glob("*") if path.is_dir() and not path.is_symlink()]
        return runs[0] if runs else None

    @property
    def results(self) -> dict[str, Any] | None:
        """``results.json``, if there is one."""
        path = self.reports / "results.json" if self.reports else None
        return json.loads(path.read_text(encoding="utf-8")) if path and path.is_file() else None

    @property
    def outcome(self) -> str:
        """In a few words."""
        if not self.signalled:
            return f"ended before its moment, with {self.code}"
        verdicts = (self.results or {}).get("counts", {}).get("phases", {})
        phases = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items()) or "no phase"
        return f"exit code {self.code} after {self.seconds:.1f} s: {phases}"

    def complaints(self, target: Target | None) -> list[str]:
        """What is not as it must be, a sentence each."""
        wrong = list(self.left_over)
        if target is not None:
            wrong += [f"left and not said: {what}" for what in remains(target).unsaid(self.text)]
        if not self.signalled:
            return wrong
        if "Traceback (most recent call last)" in self.text and self.reports is not None:
            wrong.append(f"a traceback: {self.text[-3000:]}")
        if self.reports is None:
            return wrong + [f"exit code {self.code} without a folder"] * (self.code not in _EARLY)
        results = self.results
        finished = results is not None and results["run"]["exit_code"] == 0
        if finished and self.code == 0 and "verdict   PASSED" in self.text:
            return wrong  # the signal came after its last word
        if self.code != INTERRUPTED:
            wrong.append(f"exit code {self.code}: {self.text[-2000:]}")
        return wrong + self._reports(results)

    def _reports(self, results: dict[str, Any] | None) -> list[str]:
        """What of the reports does not say that it was interrupted."""
        assert self.reports is not None
        wrong = []
        if results is None:  # before its first phase
            if "results" in self.text and "INTERRUPTED" not in self.text and "Interrupt" not in self.text:
                wrong.append("console does not say that it was interrupted")
        else:
            if results["run"]["exit_code"] != INTERRUPTED or results["run"]["interrupted"] != self.moment.number.name:
                wrong.append(f"results.json: {results['run']}")
            if "verdict   INTERRUPTED (exit code 2)" not in self.text:
                wrong.append(f"console: {self.text[-1500:]}")
            if not any(_broken(path) for path in (self.reports / "allure-results").glob("*-result.json")):
                wrong.append("Allure does not say that it was interrupted")
            bad = {"ERROR", "FAILED", "INCONCLUSIVE", "BLOCKED"} & results["counts"]["phases"].keys()
            wrong += [f"phases {verdict}" for verdict in bad]
        junit = self.reports / "junit.xml"
        if junit.is_file():
            cases = list(ET.parse(junit).getroot().iter("testcase"))  # noqa: S314 - our own file
            if not all(case.get("name") for case in cases):
                wrong.append("JUnit has a testcase without a name")
            if not any("interrupted" in str(mark.get("message")) for case in cases for mark in case):
                wrong.append("JUnit does not say that it was interrupted")
        elif results is not None:
            wrong.append("there is no junit.xml")
        return wrong


def _broken(path: Path) -> bool:
    result = json.loads(path.read_text(encoding="utf-8"))
    return result["status"] == "broken" and "interrupted" in str(result.get("statusDetails"))


def processes_in(folder: Path) -> tuple[str, ...]:
    """Processes that still stand in the folder: nise, workers."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder.resolve()):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(f"still there: {entry.name} {command}")
        except OSError:
            continue
    return tuple(found)
