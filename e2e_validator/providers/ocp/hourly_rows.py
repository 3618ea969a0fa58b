"""The payloads of a scenario whose data are rows without times: a line for what has a row every hour."""

from __future__ import annotations

import uuid
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.providers.ocp.generate.hourly import Line, write_hours
from e2e_validator.providers.ocp.generate.payload import package
from e2e_validator.providers.ocp.made_payload import note


def written_by_the_hour(context: Context, work: Path, made: list[SentPayload]) -> int:
    """Write each payload's CSV files and package them; the number of rows."""
    origin = min(payload.start for payload in context.plan.payloads)
    written = 0
    for payload in context.plan.payloads:
        place = work / f"rows-{payload.index}"
        place.mkdir(parents=True)
        csvs = []
        for file in context.loaded.rows:
            path = place / file.name
            lines = [Line(line.cells, line.hours, line.days) for line in file.lines]
            written += write_hours(file.columns, lines, path, start=payload.start, end=payload.end, origin=origin)
            csvs.append(path)
        manifest_uuid = str(uuid.uuid4())
        folder = package(
            csvs,
            work / f"payload-{payload.index}",
            start=payload.start,
            end=payload.end,
            cluster_id=context.source_key,
            manifest_uuid=manifest_uuid,
            daily_reports=payload.daily_reports,
        )
        made.append(note(context, payload.index, manifest_uuid, folder))
    return written
