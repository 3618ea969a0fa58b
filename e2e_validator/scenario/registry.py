"""The registry of scenarios, as Markdown made from the files themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from e2e_validator.scenario.description import describe
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.plan import plan

_HEAD = """\
# Scenarios

Made by `make docs` from the files. Run one with `pytest scenarios/<name>.yaml`, some with `-m <tag>`.

| scenario | tags | tarballs | why it exists |
|---|---|---|---|"""
_FAULTS = """\

## With faults

Each runs on an embedded stack of its own, to which the fault is put; with `--target` they are left out.

| scenario | what is done to the stack | expected end | what happens, and what a user sees |
|---|---|---|---|"""


def registry(folder: Path, *, fixtures: Path, today: date) -> str:
    """A table of the scenarios in ``folder`` and below; raises ScenarioError when one of them is wrong."""
    found = [(path, load_scenario(path, fixtures=fixtures, today=today)) for path in sorted(folder.rglob("*.yaml"))]
    lines = [_HEAD]
    lines += [_row(folder, path, loaded, today) for path, loaded in found if not loaded.scenario.faults]
    disturbed = [_disturbed(folder, path, loaded) for path, loaded in found if loaded.scenario.faults]
    return "\n".join([*lines, *([_FAULTS, *disturbed] if disturbed else [])]) + "\n"


def _row(folder: Path, path: Path, loaded: LoadedScenario, today: date) -> str:
    tags = ", ".join(loaded.scenario.tags)
    return _cells(_link(folder, path, loaded), tags, str(len(plan(loaded, today).payloads)), _description(loaded))


def _disturbed(folder: Path, path: Path, loaded: LoadedScenario) -> str:
    words = describe(loaded.scenario)
    end = "; ".join(filter(None, (words.get("expected", "passes"), words.get("repairs", ""))))
    return _cells(_link(folder, path, loaded), words["faults"], end, _description(loaded))


def _link(folder: Path, path: Path, loaded: LoadedScenario) -> str:
    return f"[{loaded.name}]({path.relative_to(folder)})"


def _description(loaded: LoadedScenario) -> str:
    return " ".join(loaded.scenario.description.split())


def _cells(*texts: str) -> str:
    escaped = [text.replace("|", "\\|") for text in texts]
    return f"| {' | '.join(escaped)} |"
