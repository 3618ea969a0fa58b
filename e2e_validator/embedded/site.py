"""Where one stack is being built: what every engine needs to know to write its configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from e2e_validator.embedded.day import StackDay
from e2e_validator.embedded.endpoints import Endpoints
from e2e_validator.embedded.transports import OpenedTransports


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one stack, all on 127.0.0.1."""

    object_store: tuple[int, ...]
    """Ten; the seventh is S3."""
    database: int
    cache: int
    koku: int
    masu: int
    control: int
    """Where faults are armed."""
    trino: int | None = None
    """On the classic stack alone."""

    @classmethod
    def of(cls, ports: tuple[int, ...]) -> Ports:
        """Share ``PORTS_NEEDED`` ports out, or one more on the classic stack."""
        return cls(ports[:10], *ports[10:16])


PORTS_NEEDED = 15
PORTS_NEEDED_CLASSIC = PORTS_NEEDED + 1


@dataclass(frozen=True, slots=True)
class Site:
    """Folder, ports, credentials and clock of one stack."""

    folder: Path
    logs: Path
    ports: Ports
    endpoints: Endpoints
    database_password: str = field(repr=False)
    cache_password: str = field(repr=False)
    day: StackDay
    """The stand-in's clock."""
    control_token: str = field(repr=False)
    pace: str
    """``fast`` or ``real``."""
    transports: OpenedTransports | None = None
    """``None``: masu is the only transport."""
    workers: int = 1
    """Processes that take tasks on the classic stack."""

    def opened(self) -> OpenedTransports:
        """The further transports, for engines that are started for them alone."""
        assert self.transports is not None
        return self.transports

    @property
    def cache_url(self) -> str:
        """Valkey's address, password included."""
        return f"redis://:{self.cache_password}@127.0.0.1:{self.ports.cache}/0"


def write_private(path: Path, text: str, *, uid: int | None = None) -> None:
    """Write a file that only its owner (``uid``; by default this user) may read."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if uid is not None:
        os.chown(path, uid, uid)
