"""Runs many scenarios at once against one stack, until they queue behind each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from faults.running import TODAY, Ran, make_project, run

from e2e_validator.embedded.stack import EmbeddedStack

from .mix import KINDS, Kind, write_mix
from .seen import Seen

# Runs at the same time, each with two workers.
LANES = 3
# How long nothing may have changed before a fault is believed: the default of an embedded stack.
REPAIR_AFTER_SECONDS = 2.0


def soak(
    pace: str,
    count: int,
    folder: Path,
    *,
    lanes: int = LANES,
    repair_after: float = REPAIR_AFTER_SECONDS,
    kinds: Sequence[Kind] = KINDS,
) -> Seen:
    """Run ``count`` scenarios of these kinds on a stack of that pace.

    Raises:
        RuntimeError: a run did not come to its end.
    """
    files = write_mix(make_project(folder), count, kinds)
    with EmbeddedStack.start(today=date.fromisoformat(TODAY), pace=pace) as stack, ThreadPoolExecutor(lanes) as pool:
        file = folder / "target.json"
        file.write_text(json.dumps(stack.endpoints.as_json()), encoding="utf-8")

        def lane(number: int) -> Ran:
            given = ("--target", str(file), "--keep", "none", "--repair-after", str(repair_after))
            return run(files[number::lanes], folder / f"lane-{number}", *given, project=folder)

        ran = list(pool.map(lane, range(min(lanes, count))))
    seen = Seen(pace)
    for one in ran:
        seen.add(one.folder)
    return seen
