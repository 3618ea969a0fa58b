"""The payloads of a scenario whose data are rows without times: a line for what has a row every hour."""

from __future__ import annotations

import uuid
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentParcel
from e2e_validator.providers.ocp.generate.hourly import Line, write_hours
from e2e_validator.providers.ocp.generate.payload import package
from e2e_validator.providers.ocp.made_payload import note


def written_by_the_hour(context: Context, work: Path, made: list[SentParcel]) -> int:
    """Write each parcel's CSV files and package them; the number of rows."""
    origin = min(parcel.start for parcel in context.plan.parcels)
    written = 0
    for parcel in context.plan.parcels:
        place = work / f"rows-{parcel.index}"
        place.mkdir(parents=True)
        csvs = []
        for file in context.loaded.rows:
            path = place / file.name
            lines = [Line(line.cells, line.hours, line.days) for line in file.lines]
            written += write_hours(file.columns, lines, path, start=parcel.start, end=parcel.end, origin=origin)
            csvs.append(path)
        manifest_uuid = str(uuid.uuid4())
        folder = package(
            csvs,
            work / f"payload-{parcel.index}",
            start=parcel.start,
            end=parcel.end,
            cluster_id=context.source_key,
            manifest_uuid=manifest_uuid,
            daily_reports=parcel.daily_reports,
        )
        made.append(note(context, parcel.index, manifest_uuid, folder))
    return written
