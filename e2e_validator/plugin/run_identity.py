"""Which run a process belongs to: the same in the controller of pytest-xdist and in its workers.

The controller tells the workers before it knows whether there are scenarios, so this is words alone: no file is made.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from e2e_validator import moments
from e2e_validator.plugin.handover import new_path

_KEY = "e2e_run"


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """A run: its id, its folder (absolute), its day, and the folder in which its processes tell each other secrets."""

    run_id: str
    folder: Path
    today: date
    began_on: date
    """The day of our clock on which it began; another one than ``today`` where that was given."""
    handover: Path
    resumed: bool = False
    worker: str | None = None
    """The worker's name; None in the controller and in a run without xdist."""

    @classmethod
    def new(cls, reports: Path, today: date | None = None, began_on: date | None = None) -> Self:
        """A run that begins now; its folder will be in ``reports``. A day that is not given is today (UTC)."""
        now = moments.utc_now()
        run_id = f"{now:%Y-%m-%d-%H%M%S}-{secrets.token_hex(2)}"
        return cls(run_id, reports.absolute() / run_id, today or now.date(), began_on or now.date(), new_path())

    @classmethod
    def of_resumed(cls, run_id: str, folder: Path, today: str, began_on: str) -> Self:
        """A run that goes on, with its days as its record has them."""
        days = date.fromisoformat(today), date.fromisoformat(began_on)
        return cls(run_id, folder, *days, new_path(), resumed=True)

    def tell(self, workerinput: MutableMapping[str, Any]) -> None:
        """Tell a worker, whose input xdist sends as plain types."""
        paths = str(self.folder), str(self.handover)
        days = self.today.isoformat(), self.began_on.isoformat()
        workerinput[_KEY] = json.dumps([self.run_id, *paths, *days, self.resumed])

    @classmethod
    def of_worker(cls, workerinput: Mapping[str, Any]) -> Self:
        """The run, as a worker was told of it."""
        run_id, folder, handover, *days, resumed = json.loads(workerinput[_KEY])
        today, began_on = map(date.fromisoformat, days)
        return cls(run_id, Path(folder), today, began_on, Path(handover), resumed, workerinput["workerid"])
