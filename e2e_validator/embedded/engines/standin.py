"""The stand-in for Koku: one process that forks its API, listener and workers."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import e2e_validator
from e2e_validator.embedded.endpoints import ACCOUNT
from e2e_validator.embedded.engines.answering import ask_for_ok
from e2e_validator.embedded.engines.object_store import shell_command
from e2e_validator.embedded.engines.part import NotReadyError, Part
from e2e_validator.embedded.site import Site, write_private


def standin(site: Site) -> Part:
    """Prepare the stand-in; it waits for the servers by itself, so it is started together with them."""
    folder = site.folder / "standin"
    folder.mkdir()
    (folder / "faults").mkdir()
    endpoints = site.endpoints
    configuration = folder / "config.json"
    joined = folder / "joined"
    write_private(
        configuration,
        json.dumps(
            {
                "dsn": endpoints.dsn,
                "s3_url": endpoints.s3_url,
                "s3_access_key": endpoints.s3_access_key,
                "s3_secret_key": endpoints.s3_secret_key,
                **{f"bucket_{role}": name for role, name in endpoints.buckets.items()},
                "valkey_url": site.cache_url,
                "org_id": endpoints.org_id,
                "account": ACCOUNT,
                "schema": endpoints.schema,
                "koku_port": site.ports.koku,
                "masu_port": site.ports.masu,
                "today": site.day.fixed.isoformat() if site.day.fixed else None,
                "shift_seconds": site.day.shift.total_seconds(),
                "pace": site.pace,
                "log_dir": str(site.logs),
                "kafka": {"bootstrap": site.transports.bootstrap, "joined": str(joined)} if site.transports else None,
                "classic": _classic(site, folder),
                "control": {
                    "port": site.ports.control,
                    "token": site.control_token,
                    "folder": str(folder / "faults"),
                    "stack": str(site.folder),
                    "object_store_shell": shell_command(site),
                },
            }
        ),
    )
    return Part(
        name="standin",
        title="The stand-in for Koku",
        command=(sys.executable, "-P", "-m", "e2e_validator.embedded.standin", str(configuration)),
        folder=folder,
        log=site.logs / "standin.log",
        environment=python_environment(folder),
        use=lambda: _use(site, joined),
    )


def _classic(site: Site, folder: Path) -> dict[str, object] | None:
    if site.ports.trino is None:
        return None
    return {"trino_port": site.ports.trino, "data_dir": str(folder / "data"), "workers": site.workers}


def python_environment(temporary: Path) -> dict[str, str]:
    """Our environment for a Python child: it finds this package and keeps its temporary files in the stack's folder."""
    root = str(Path(e2e_validator.__file__).parent.parent)
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", "TZ": "UTC", "TMPDIR": str(temporary)}
    return {**os.environ, **own}


def _use(site: Site, joined: Path) -> None:
    ask_for_ok(f"{site.endpoints.koku_url}status/", f"{site.endpoints.masu_url}status/?liveness")
    if site.transports is not None and not joined.exists():
        raise NotReadyError("the listener is not a member of its consumer group yet")
