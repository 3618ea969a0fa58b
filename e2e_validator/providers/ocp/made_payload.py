"""A payload of this run, from nise's data to what the later phases must know of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.ocp.control.generators import control_generators, control_period
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.payload import write_payload
from e2e_validator.providers.ocp.generate.rows import check_rows, planned_rows
from e2e_validator.providers.ocp.generate.scale import Scale, scaled_months
from e2e_validator.providers.ocp.payload_manifest import parse_manifest


def nise_months(
    generators: list[dict[str, Any]],
    cluster_id: str,
    start: datetime,
    end: datetime,
    folder: Path,
    limit_seconds: float,
    scale: Scale | None = None,
) -> dict[str, GeneratedMonth]:
    """Nise's months by name, counted; multiplied by ``scale``."""
    if scale is None:
        months = run_nise(
            generators, kind=NISE, key=cluster_id, start=start, end=end, folder=folder, timeout_seconds=limit_seconds
        )
        check_rows(planned_rows(generators, start, end), months)
    else:
        months = scaled_months(
            generators, scale, key=cluster_id, start=start, end=end, folder=folder, timeout_seconds=limit_seconds
        )
        check_rows(planned_rows(generators, start, end, scale.of), months)
    return {month.month: month for month in months}


def control_payload(context: Context, work: Path, keys: Sequence[str] = ()) -> SentPayload:
    """A healthy payload for the control source, whose pod has a label for each of ``keys``."""
    start, end = control_period(datetime.combine(context.today, datetime.min.time(), UTC))
    generators, limit = control_generators(keys), context.plan.limits["generate"]
    months = nise_months(generators, context.control_key, start, end, work / "control", limit)
    manifest_uuid = str(uuid.uuid4())
    (month,) = months.values()
    folder = write_payload(
        month,
        work / "payload-control",
        cluster_id=context.control_key,
        manifest_uuid=manifest_uuid,
        daily_reports=True,
    )
    return note(context, 0, manifest_uuid, folder, control=True)


def note(
    context: Context,
    index: int,
    manifest_uuid: str,
    folder: Path,
    brought: set[str] | None = None,
    *,
    control: bool = False,
) -> SentPayload:
    """What the later phases must know of the payload; ``brought`` has the files that came before it, and takes its."""
    name = "control" if control else str(index)
    files = parse_manifest((folder / "manifest.json").read_bytes()).files
    there = set() if brought is None else brought
    there.update(file for file in files if (folder / file).exists())
    return SentPayload(
        index=index,
        uuid=manifest_uuid,
        payload_folder=str(folder),
        tarball=str(context.folder / f"payload-{name}.tar.gz"),
        object_key=f"{context.source_key}/payload-{name}.tar.gz",
        files=len(files),
        here=len(there),
        control=control,
    )
