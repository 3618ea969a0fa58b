"""The phases by name. Adding one: a module with ``run(context) -> Outcome``, a line here, and its place in the plan."""

from __future__ import annotations

from collections.abc import Callable

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.neighbour.beside import looked_at_after, made_first, shown_right, whole_first
from e2e_validator.phases import (
    api,
    cleanup,
    convert,
    cost,
    download,
    generate,
    ingest,
    manifest,
    parquet,
    preflight,
    rejection,
    source,
    summary,
    upload,
)

PHASES: dict[str, Callable[[Context], Outcome]] = {
    "preflight": preflight.run,
    "source": made_first(source.run),
    "generate": generate.run,
    "upload": upload.run,
    "ingest": whole_first(ingest.run),
    "download": download.run,
    "convert": convert.run,
    "parquet": parquet.run,
    "summary": summary.run,
    "cost": cost.run,
    "manifest": manifest.run,
    "rejection": rejection.run,
    "api": looked_at_after(shown_right(api.run)),
    "cleanup": looked_at_after(cleanup.run),
}
