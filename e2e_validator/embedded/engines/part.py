"""A part of the stack: one server process, how it is started, and how one sees that it can be used."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e_validator.embedded.site import Site
from e2e_validator.errors import Blocked


class NotReadyError(Exception):
    """The part does not answer as it must, yet; the message says what it did instead, without secrets."""


@dataclass(frozen=True, slots=True)
class Part:
    """One server process of a stack."""

    name: str
    """Short; also the name of its log file."""
    title: str
    """What a sentence calls it, e.g. ``The object store (SeaweedFS)``."""
    command: tuple[str, ...]
    folder: Path
    """Its working directory."""
    log: Path
    environment: Mapping[str, str] = field(repr=False)
    use: Callable[[], None] = field(repr=False)
    """Use the part as its users will, and leave it as they want it (database, buckets); raises NotReadyError."""
    prepare: tuple[tuple[str, ...], ...] = ()
    """Commands that must succeed, in order, before ``command`` is started."""
    uid: int | None = None
    """The user it runs as, if not ours."""
    death_signal: int = signal.SIGKILL
    """What ends it; another than SIGKILL only where a kill would leave things behind."""
    outside_files: tuple[str, ...] = ()
    """Files that it makes outside the stack's folder."""

    def as_json(self) -> dict[str, Any]:
        """What the keeper needs to start it."""
        return {
            "name": self.name,
            "command": list(self.command),
            "prepare": [list(step) for step in self.prepare],
            "folder": str(self.folder),
            "log": str(self.log),
            "environment": dict(self.environment),
            "uid": self.uid,
            "death_signal": int(self.death_signal),
        }


Engine = Callable[[Site], Part]
"""Writes a part's configuration into the site and says how to start it."""


def bare_environment(home: Path) -> dict[str, str]:
    """An environment in which no setting of the user (proxies, credentials, locale) reaches a server."""
    return {"HOME": str(home), "PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "TMPDIR": str(home)}


def package_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it: imports have side effects and take time.

    Raises:
        Blocked: It is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Blocked(f"The package {package} of the embedded stack is not installed; install e2e-validator again.")
    return Path(spec.origin).parent
