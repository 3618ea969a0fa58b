"""A run and its folder on disk: everything a phase must find again stands there, not in memory.

Under pytest-xdist every phase of a scenario may meet a new process (a worker crashed, a phase was selected alone);
so each phase reads the scenario's state from ``state.json`` and writes it back, atomically, when it ends.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e_validator.errors import HarnessError
from e2e_validator.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its id and its folder ``reports/<id>/``."""

    id: str
    folder: Path

    def scenario_folder(self, name: str) -> Path:
        """The folder of one scenario, made when first asked for."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def stop_file(self) -> Path:
        """Its existence asks every waiter of the run to stop."""
        return self.folder / "STOP"

    @property
    def abandon_file(self) -> Path:
        """Its existence asks every cleanup of the run to stop too."""
        return self.folder / "STOP_NOW"

    def stop(self, by: str) -> None:
        """Ask every process of the run to stop; ``by`` is what made us, such as SIGINT. The first one stays noted."""
        with suppress(FileExistsError), self.stop_file.open("x", encoding="utf-8") as file:
            file.write(by)

    def stopped(self) -> bool:
        """Whether the run was asked to stop."""
        return self.stop_file.exists()

    def stopped_by(self) -> str:
        """What made the run stop; empty when it is not known."""
        try:
            return self.stop_file.read_text(encoding="utf-8").strip()
        except OSError:
            return ""


@dataclass(slots=True)
class SentPayload:
    """What is known of one tarball on its way: names only, so that it can be written as JSON.

    ``announced_at`` (ISO 8601, UTC) is written before it is announced, ``request_id`` when masu has answered: a
    process that was killed in between cannot know whether it was announced. ``files`` are those that the manifest
    names, ``here`` those that this tarball and the ones before it with the same uuid hold; 0 means all of them.
    ``months`` are those that Koku summarises after it, by the expectation. ``costed_at`` is when the costs were made
    that the phase ``cost`` compared.
    """

    index: int
    uuid: str
    payload_folder: str
    tarball: str
    object_key: str
    files: int
    control: bool = False
    announced_at: str = ""
    request_id: str = ""
    undone_at: str = ""
    here: int = 0
    months: list[str] | None = None
    costed_at: str = ""
    bucket: str = ""
    """Where it stands, if that is a bucket of the source's own; empty for the ingress bucket."""

    def months_summarised(self, planned: str) -> list[str]:
        """The months (YYYY-MM) that Koku summarises after it; the ``planned`` one where they were not worked out."""
        return [planned] if self.months is None else self.months

    @property
    def awaited(self) -> int:
        """How many files Koku can be done with."""
        return self.here or self.files

    @property
    def rest_comes_later(self) -> bool:
        """Whether a later tarball holds files of this payload: until then nothing is summarised."""
        return self.awaited < self.files


@dataclass(slots=True)
class ScenarioState:
    """What the phases of one scenario hand on to each other.

    A source has ``id``, ``uuid``, ``name`` and ``key``; id and uuid are empty while it is not known whether
    Koku has made it. ``repairs`` holds every try of a repair, in the order of time.
    """

    path: Path
    token: str = ""
    verdicts: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] | None = None
    control_source: dict[str, str] | None = None
    payloads: list[SentPayload] = field(default_factory=list)
    cost_model: str | None = None
    price_lists: list[str] = field(default_factory=list)
    enabled_tags: list[str] = field(default_factory=list)
    disabled_tags: list[str] = field(default_factory=list)
    """Tag keys that must be disabled, as those of ``enabled_tags`` must be enabled."""
    kept_tags: list[str] = field(default_factory=list)
    """Tag keys that are to stay enabled, and are never switched."""
    other_keys: list[str] = field(default_factory=list)
    """Tag keys that were enabled in the organisation, and not by the scenario."""
    repairs: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path, name: str = "state.json") -> ScenarioState:
        """The state on disk, or a fresh one with a new token (8 hex digits, so that no id contains another)."""
        path = folder / name
        if not path.exists():
            return cls(path, token=secrets.token_hex(4))
        data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            path,
            token=data["token"],
            verdicts=dict(data["verdicts"]),
            source=data["source"],
            control_source=data["control_source"],
            payloads=[SentPayload(**payload) for payload in data["payloads"]],
            cost_model=data["cost_model"],
            price_lists=list(data["price_lists"]),
            enabled_tags=list(data["enabled_tags"]),
            disabled_tags=list(data["disabled_tags"]),
            kept_tags=list(data["kept_tags"]),
            other_keys=list(data["other_keys"]),
            repairs=list(data["repairs"]),
        )

    def save(self) -> None:
        """Write the state."""
        data = {
            "token": self.token,
            "verdicts": self.verdicts,
            "source": self.source,
            "control_source": self.control_source,
            "cost_model": self.cost_model,
            "price_lists": self.price_lists,
            "enabled_tags": self.enabled_tags,
            "disabled_tags": self.disabled_tags,
            "kept_tags": self.kept_tags,
            "other_keys": self.other_keys,
            "repairs": self.repairs,
            "payloads": [
                {name: getattr(payload, name) for name in SentPayload.__dataclass_fields__} for payload in self.payloads
            ],
        }
        write_whole(self.path, json.dumps(data, indent=1))

    def payload(self, index: int) -> SentPayload:
        """The payload that was made for index ``index`` (from 1)."""
        for payload in self.payloads:
            if payload.index == index and not payload.control:
                return payload
        raise HarnessError(f"No payload {index} was made.")

    @property
    def control(self) -> SentPayload | None:
        """The healthy payload that proves, in a negative scenario, that the listener was there."""
        return next((payload for payload in self.payloads if payload.control), None)
