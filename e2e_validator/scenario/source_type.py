"""What a source type says of its scenarios: which data and prices they may name, and what is wrong with them.

The rules of a source type know documents and problems, not phases: ``lint`` and editors need no more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from e2e_validator.errors import Problem
from e2e_validator.scenario.document import Document


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded payload; ``start`` and exclusive ``end`` are UTC, from its manifest; ``sha256`` is of its bytes.

    Several with one ``uuid`` are parts of one payload: each holds some of the ``files`` that their manifest names.
    """

    path: Path
    upload: int
    month: str
    start: datetime
    end: datetime
    daily_reports: bool
    sha256: str
    uuid: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The keys of the data that an organisation enables and disables, as ``SourceNames.switched`` calls them.

    ``enabled`` and ``disabled`` are what the scenario asks for, ``kept`` those of which it says nothing.
    """

    enabled: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceData:
    """The data of a scenario: a report for nise, recorded payloads in order, or rows by the hour.

    ``scale`` says how often the parts of the report are in the data, in the source type's own terms; None: once.
    ``keys`` are those that Koku enables by itself; of other types there are none.
    ``doubts`` are problems of the data that a known deviation explains, each with its name.
    """

    report: dict[str, Any] | None = None
    payloads: tuple[Recorded, ...] = ()
    rows: tuple[Any, ...] = ()
    scale: BaseModel | None = None
    keys: DataKeys = field(default_factory=DataKeys)
    doubts: tuple[tuple[str, Problem], ...] = ()


@dataclass(frozen=True, slots=True)
class EffectiveDates:
    """The days on which a price list holds, both inclusive, as Koku has them (``effective_start_date``, ...)."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Prices:
    """``body`` is what the API is sent, without name, description, source_type and source_uuids."""

    body: dict[str, Any] | None = None
    price_list: EffectiveDates | None = None


class SourceRules(Protocol):
    """The rules of one source type; what is wrong goes to ``problems``, what is taken otherwise to ``warnings``."""

    @property
    def deviations(self) -> Sequence[str]:
        """The names of the known deviations that a scenario may accept."""

    def starter(self, name: str, file: str, schema: str) -> str:
        """A commented scenario of that name to begin with; ``file`` and ``schema`` are the paths that it shows."""

    def load_data(
        self, document: Document, *, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
    ) -> SourceData:
        """The data that the scenario names."""

    def load_prices(
        self,
        document: Document,
        *,
        fixtures: Path,
        today: date,
        data: SourceData,
        months: Collection[str],
        problems: list[Problem],
    ) -> Prices:
        """The cost model and the days of its price list; ``months`` are those of the data ("YYYY-MM")."""

    def report_models(self) -> Sequence[type[BaseModel]]:
        """What ``data.nise`` may be, for the JSON Schema."""

    def scale_models(self) -> Sequence[type[BaseModel]]:
        """What ``data.scale`` may be, for the JSON Schema; none if data of this type cannot be multiplied."""

    def price_models(self) -> Sequence[type[BaseModel]]:
        """What ``cost_model`` may be, for the JSON Schema."""
