"""What runs when somebody executes a program in a pod of a picture: the real one of this machine, or a small one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import Any

from cluster.backends import Backends
from cluster.execs import Choose, Run

Json = dict[str, Any]
_SHELLS = {"sh", "bash", "/bin/sh", "/bin/bash"}
_PLAIN = {"cat", "date", "echo", "env", "false", "head", "ls", "printenv", "seq", "sleep", "true", "wc"}
_PYTHON = {"python", "python3"}


def programs(pods: Mapping[tuple[str, str], Json], backends: Backends) -> Choose:
    """Choices for pods by namespace and name; others, and programs that no image has, are not chosen.

    ``psql`` and ``pg_isready`` run against the real database, which takes the place of the local one of the pod.
    The variables of the pod are set, secrets left out.
    """

    def choose(pod: Json, container: str, argv: tuple[str, ...]) -> Run | None:
        metadata = pod["metadata"]
        if (metadata["namespace"], metadata["name"]) not in pods:
            return None
        environment = _variables(pod, container) | _database(backends)
        name = argv[0]
        if name in _PYTHON:
            return Run((sys.executable, *argv[1:]), environment)
        if name in _SHELLS or name in _PLAIN or name in {"curl", "psql", "pg_isready"}:
            program = shutil.which(name)
            return None if program is None else Run((program, *argv[1:]), environment)
        return None

    return choose


def _variables(pod: Json, container: str) -> dict[str, str]:
    found = next(entry for entry in pod["spec"]["containers"] if entry["name"] == container)
    return {entry["name"]: entry["value"] for entry in found.get("env", []) if "value" in entry}


def _database(backends: Backends) -> dict[str, str]:
    if backends.database is None:
        return {}
    host, port = backends.database
    return {
        "PGHOST": host,
        "PGPORT": str(port),
        "PGUSER": backends.database_user,
        "PGPASSWORD": backends.database_password,
        "PGDATABASE": backends.database_name,
    }
