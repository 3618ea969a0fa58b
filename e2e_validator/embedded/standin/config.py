"""What the stand-in is told at its start: addresses, credentials, tenant, clock and pace."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

PaceName = Literal["fast", "brisk", "real", "slow"]
PACE_NAMES: tuple[PaceName, ...] = get_args(PaceName)


class ConfigError(ValueError):
    """The configuration file cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class ControlConfig:
    """The control port, on which faults are armed."""

    port: int
    token: str = field(repr=False)
    folder: Path
    """Where armed faults are noted."""
    stack: Path
    """Where the keeper notes the servers' process ids."""
    object_store_shell: tuple[str, ...]
    """The command that changes the object store's settings."""


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """The broker that announces uploads."""

    bootstrap: str
    joined: Path
    """A file that is there once the listener is a member of its group."""


@dataclass(frozen=True, slots=True)
class ClassicConfig:
    """What the classic stack has besides: Trino, and the disk of its worker."""

    trino_port: int
    data_dir: Path
    """Where a worker keeps fetched reports."""
    workers: int = 1
    """How many processes of that worker take tasks: as many files are at once in work."""


@dataclass(frozen=True, slots=True)
class StandinConfig:
    """Settings of one stand-in, read from a JSON file with these keys.

    ``today`` fixes the date (the time of day runs on); the clock is ``shift_seconds`` ahead of real time; ``pace``
    tells how long work takes.
    What holds a password or key is kept out of ``repr``.
    """

    dsn: str = field(repr=False)
    s3_url: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    bucket_ingress: str
    bucket_archive: str
    bucket_ros: str
    valkey_url: str = field(repr=False)
    org_id: str
    account: str
    schema: str
    koku_port: int
    masu_port: int
    today: date | None
    pace: PaceName
    log_dir: Path
    shift_seconds: float
    control: ControlConfig | None = None
    """Without it there is no control port and no fault."""
    kafka: KafkaConfig | None = None
    """Without it masu alone announces."""
    classic: ClassicConfig | None = None
    """Without it the stack is on-premise: OpenShift alone."""

    @classmethod
    def load(cls, path: Path) -> StandinConfig:
        """Read and check the file.

        Raises:
            ConfigError: the file is missing, is no JSON object, or a key is missing, unknown or of a wrong kind.
        """
        try:
            raw = json.loads(path.read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise ConfigError(f"The stand-in's configuration {path} cannot be read: {error}.") from error
        if not isinstance(raw, dict):
            raise ConfigError(f"The stand-in's configuration {path} is not a JSON object.")
        names = {f.name for f in fields(cls)}
        if wrong := sorted((names ^ raw.keys()) - ({"control", "kafka", "classic"} - raw.keys())):
            raise ConfigError(f"The stand-in's configuration {path} has missing or unknown keys: {', '.join(wrong)}.")
        return cls(**_typed(raw, path))


def _typed(raw: dict[str, Any], path: Path) -> dict[str, Any]:
    try:
        typed = raw | {
            "koku_port": int(raw["koku_port"]),
            "masu_port": int(raw["masu_port"]),
            "today": date.fromisoformat(raw["today"]) if raw["today"] else None,
            "log_dir": Path(raw["log_dir"]),
            "shift_seconds": float(raw["shift_seconds"]),
            "control": _control(raw.get("control")),
            "kafka": _kafka(raw.get("kafka")),
            "classic": _classic(raw.get("classic")),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"The stand-in's configuration {path} has a value of a wrong kind: {error}.") from error
    if typed["pace"] not in PACE_NAMES:
        names = ", ".join(PACE_NAMES)
        raise ConfigError(f"The stand-in's configuration {path} has pace {typed['pace']!r}; use one of {names}.")
    return typed


def _control(raw: dict[str, Any] | None) -> ControlConfig | None:
    if raw is None:
        return None
    return ControlConfig(
        int(raw["port"]),
        str(raw["token"]),
        Path(raw["folder"]),
        Path(raw["stack"]),
        tuple(raw["object_store_shell"]),
    )


def _kafka(raw: dict[str, Any] | None) -> KafkaConfig | None:
    return None if raw is None else KafkaConfig(str(raw["bootstrap"]), Path(raw["joined"]))


def _classic(raw: dict[str, Any] | None) -> ClassicConfig | None:
    return None if raw is None else ClassicConfig(int(raw["trino_port"]), Path(raw["data_dir"]), int(raw["workers"]))
