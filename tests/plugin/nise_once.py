"""A pytest plugin (``-p nise_once``): nise makes the same data once for all runs that name the same folder.

For runs of many scenarios with the same small data, of which nise would be half the time. What nise makes of a
generator and a period is the same every time, and none of it names the cluster.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.ocp import made_payload


def run_once(
    generators: Sequence[Mapping[str, Any]], *, start: datetime, end: datetime, folder: Path, **named: Any
) -> list[GeneratedMonth]:
    """What nise made of these generators and hours the first time; its files are read, never changed."""
    del folder
    said = json.dumps([generators, start, end], default=str, sort_keys=True)
    place = Path(os.environ["E2E_NISE_ONCE"]) / hashlib.sha256(said.encode()).hexdigest()[:16]
    made = place / "months.pickle"
    with FileLock(f"{place}.lock"):
        if not made.exists():
            months = run_nise(generators, start=start, end=end, folder=place, **named)
            made.write_bytes(pickle.dumps(months))
    found: list[GeneratedMonth] = pickle.loads(made.read_bytes())  # noqa: S301 - our own file
    return found


vars(made_payload)["run_nise"] = run_once
