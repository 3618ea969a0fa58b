"""The state of the database: named queries that only read."""

from __future__ import annotations

from contextlib import closing

import psycopg

from e2e_validator.access.database import Database
from e2e_validator.access.evidence import read_evidence
from e2e_validator.access.http import Unreachable
from e2e_validator.access.snapshots import SNAPSHOTS, read_snapshot
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.bundle.look import Collector, Keep, Look, NotHere


def _collect(look: Look, keep: Keep) -> None:
    with closing(Database(look.target)) as database:
        for name in SNAPSHOTS:
            try:
                keep(f"sql/{name}.json", read_snapshot(database, name, [source.uuid for source in look.sources]))
            except psycopg.Error as error:
                keep(f"sql/{name}.json", error)


def _collect_sources(look: Look, keep: Keep) -> None:
    if not look.sources or look.names is None:
        raise NotHere("the scenario has no source yet")
    with closing(SourceDatabase(look.target, look.names)) as database:
        for source in look.sources:
            name = f"sql/source-{source.uuid}.json"
            try:
                keep(name, {"name": source.name, "key": source.key, **read_evidence(database, source.uuid)})
            except (psycopg.Error, LookupError) as error:
                keep(name, error)
            except Unreachable as error:
                keep(name, error)
                return


SNAPSHOT = Collector("database", "sessions, locks, connections, migrations, task rows", _collect)
SOURCES = Collector(
    "sources", "manifests, files, periods, trackers and rows of the scenario's sources", _collect_sources
)
