"""The ways in which the chart can be installed: release, database, Route, labels."""

from __future__ import annotations

from typing import Any

PLACES: dict[str, dict[str, Any]] = {
    "as-the-chart-says": {},
    "another-release": {"release": "prod", "namespace": "finance"},
    "own-database": {"database": "external", "cache": "external"},
    "no-route": {"route": "none"},
    "ingress": {"route": "ingress", "keycloak": False},
    "old-labels": {"generation": "split"},
    "oldest-labels": {"generation": "first", "database": "external"},
}
"""Name -> parameters of ``cluster.installed.Installed``; the first is the usual one, the others differ from it."""
