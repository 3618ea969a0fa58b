"""What a tamperer has in hand: a scenario's state, and ways to write where the validator only reads.

Each tamperer has the name of the scenario it breaks. What it does not manage to break is an error of its own, so that
no scenario is red for another reason than the one it is named after.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import requests
from psycopg import sql
from psycopg.rows import dict_row

from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.access.source_names import SourceNames
from e2e_validator.access.source_state import Manifest
from e2e_validator.deployment import Target
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.slowness import expired, scaled

PATIENCE_SECONDS = 20.0
SUMMARY = "reporting_ocpusagelineitem_daily_summary"


@dataclass(frozen=True)
class Scene:
    """What a tamperer has in hand: the scenario's folder and a target that it may write to."""

    folder: Path
    target: Target
    names: SourceNames = NAMES

    @cached_property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        return found

    @property
    def provider(self) -> str:
        return str(self.state["source"]["uuid"])

    @property
    def neighbour(self) -> str:
        """The provider of the run's control source."""
        path = self.folder.parent / "neighbour-source" / "neighbour.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["source"]["uuid"])

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.state["payloads"][0]
        return payload

    def sql(self, statement: str, *, rows: int | None = None, **values: Any) -> None:
        """Change rows in the tenant's schema; ``rows`` must be changed (default: at least one)."""
        with psycopg.connect(self.target.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(self.target.schema_name)))
            changed = connection.execute(statement, {"provider": self.provider, **values}).rowcount
        if changed < 1 or (rows is not None and changed != rows):
            raise AssertionError(f"{changed} rows changed by: {statement}")

    def execute(self, *statements: str) -> None:
        """Change the schema itself."""
        with psycopg.connect(self.target.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(self.target.schema_name)))
            for statement in statements:
                connection.execute(statement)

    def row(self, table: str, where: str) -> dict[str, Any]:
        """One row."""
        with psycopg.connect(self.target.dsn, row_factory=dict_row) as connection:
            found = connection.execute(f"SELECT * FROM {self.target.schema_name}.{table} WHERE {where} LIMIT 1")
            return found.fetchone() or {}

    def manifest(self, manifest_uuid: str) -> Manifest | None:
        database = SourceDatabase(self.target, self.names)
        try:
            return database.observe(self.provider).manifest(manifest_uuid)
        finally:
            database.close()

    def wait(self, condition: Callable[[], bool]) -> None:
        began = time.monotonic()
        while not condition():
            if expired(PATIENCE_SECONDS, began):
                raise AssertionError("what the tamperer waits for did not come")
            time.sleep(0.05)

    def wait_until_converted(self) -> None:
        def converted() -> bool:
            manifest = self.manifest(self.payload["uuid"])
            return manifest is not None and all(report.done for report in manifest.reports)

        self.wait(converted)

    def wait_until_completed(self, manifest_uuid: str) -> None:
        def completed() -> bool:
            manifest = self.manifest(manifest_uuid)
            return manifest is not None and manifest.completed is not None

        self.wait(completed)

    def clear_cache(self) -> None:
        events = [{"schema_name": self.target.schema_name, "cache_name": "api"}]
        requests.post(f"{self.target.masu_url}invalidate_cache/", json=events, timeout=scaled(60)).raise_for_status()


Tamperer = Callable[[Scene], None]
TAMPERERS: dict[tuple[str, str, str], Tamperer] = {}


def before(phase: str, *, scenario: str = "") -> Callable[[Tamperer], Tamperer]:
    """Tamper when ``phase`` of the scenario (default: the function's name) begins."""
    return _when("started", phase, scenario)


def after(phase: str, *, scenario: str = "") -> Callable[[Tamperer], Tamperer]:
    """Tamper when ``phase`` of the scenario (default: the function's name) has passed."""
    return _when("finished", phase, scenario)


def _when(moment: str, phase: str, scenario: str) -> Callable[[Tamperer], Tamperer]:
    def note(tamperer: Tamperer) -> Tamperer:
        TAMPERERS[scenario or tamperer.__name__, moment, phase] = tamperer
        return tamperer

    return note
