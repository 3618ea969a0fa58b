"""``run.json``: what a later process must know of a run, to go on with it and not with another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from e2e_validator.errors import UsageError
from e2e_validator.scenario.flow import ON_PREM
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import Plan
from e2e_validator.whole_file import write_whole

FILE = "run.json"
_FORMAT = "e2e-validator/run"
_VERSION = 2


@dataclass(frozen=True, slots=True)
class ScenarioRecord:
    """A scenario as the run took it: its file, hashes of what it says (by top-level key) and of its data; its plan.

    ``sha256`` is of the file itself, whose comments and layout may change.
    """

    file: str
    data_sha256: str
    keys: Mapping[str, str]
    phases: tuple[str, ...]
    sha256: str = ""
    stack: str = ON_PREM
    """The stack that it needs, where the run starts one."""

    @classmethod
    def of(cls, loaded: LoadedScenario, plan: Plan) -> Self:
        """What is to be known of a scenario that was just loaded."""
        says = loaded.scenario.model_dump(mode="json", exclude_unset=True)
        keys = {key: _sha256(value) for key, value in says.items()}
        path = loaded.path
        with suppress(ValueError):
            path = path.relative_to(Path.cwd())
        return cls(str(path), loaded.data_sha256, keys, plan.phases, loaded.sha256, plan.stack)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        """The record from JSON."""
        return cls(
            data["file"], data["data_sha256"], dict(data["keys"]), tuple(data["phases"]), data["sha256"], data["stack"]
        )

    def as_json(self, name: str) -> str:
        """The record as text, with the scenario's name."""
        return json.dumps([name, asdict(self)])

    @classmethod
    def from_json(cls, text: str) -> tuple[str, Self]:
        """Name and record from ``as_json``."""
        name, data = json.loads(text)
        return name, cls.load(data)

    def changes(self, now: ScenarioRecord) -> list[str]:
        """The top-level keys that say something else now, and whether the data in other files are others."""
        keys = sorted(key for key in {*self.keys, *now.keys} if self.keys.get(key) != now.keys.get(key))
        inline = {"data", "cost_model"} & set(keys)
        return keys + ["the files it names"] * (self.data_sha256 != now.data_sha256 and not inline)


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run: ``today`` as ISO date, ``target`` with kind, title and addresses (no secrets).

    ``began_on`` is the day of our clock on which it began, another one than ``today`` where that was given.
    """

    run: str
    today: str
    began_on: str
    target: Mapping[str, str]
    options: Mapping[str, Any]
    versions: Mapping[str, str]
    scenarios: Mapping[str, ScenarioRecord] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the record, whole or not at all."""
        data = {"format": _FORMAT, "version": _VERSION, **asdict(self)}
        write_whole(folder / FILE, json.dumps(data, indent=1))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The record in the run's folder.

        Raises:
            UsageError: there is none that this version can read.
        """
        try:
            data = json.loads((folder / FILE).read_text(encoding="utf-8"))
            if (data["format"], data["version"]) != (_FORMAT, _VERSION):
                raise UsageError(f"--resume: {folder / FILE} was written by another version; start a new run.")
            scenarios = {name: ScenarioRecord.load(one) for name, one in data["scenarios"].items()}
            values = {name: data[name] for name in ("run", "today", "began_on", "target", "options", "versions")}
        except FileNotFoundError:
            raise UsageError(
                f"--resume: the run {folder.name} ended before its first phase; there is nothing to go on with."
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise UsageError(f"--resume: {folder / FILE} cannot be read: {reason}; start a new run.") from error
        return cls(scenarios=scenarios, **values)
