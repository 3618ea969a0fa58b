"""Koku's database: bundled with the release, or brought along (docs/contract/chart.md 1.11)."""

from __future__ import annotations

from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.settings import Sources, settle

PARTS = ("host", "port", "name", "user", "password")


def find_database(sources: Sources, found: Found) -> None:
    """Host, port, name, user and password, as the pods have them."""
    for part in PARTS:
        settle(f"database.{part}", sources, found, needed=True)
    settle("database.sslmode", sources, found)
    port = found.value("database.port")
    if port is not None and not port.value.isdigit():
        found.fail("database.port", f"{port.origin}: {port.value} is no port; give it with --set database.port=5432")
