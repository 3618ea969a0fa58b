"""What a source type does for phases and engine, which know none: the protocol of a provider.

A provider is found by the type that the scenario names (``providers.registry``). Everything it is given is a phase's
context; what it compares, it reads through the context's clients and judges against its own expectation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol, cast

from e2e_validator.access.life import ManifestRow
from e2e_validator.access.source_names import SourceNames
from e2e_validator.engine.context import Context
from e2e_validator.engine.delivery import Delivery
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.stock import Item
from e2e_validator.errors import HarnessError, Problem
from e2e_validator.expect.expected import Expected
from e2e_validator.providers import registry
from e2e_validator.scenario.flow import Flow
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import Plan
from e2e_validator.scenario.source_type import SourceRules


@dataclass(frozen=True, slots=True)
class Compared:
    """What a phase has compared once it stopped waiting: a few words, the ledger's lines, and counts for machines."""

    facts: str
    lines: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilesBeside:
    """Objects of a source that Koku keeps in another bucket than the archive, and leaves there when it is deleted."""

    bucket: str
    prefix: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Payloads of which figures are asked for without a deployment, in the order of their ingest."""

    payloads: tuple[Path, ...]
    """Tarballs or folders."""
    cost_model: Path | None = None
    """A file with the cost model in the API's own JSON."""
    enabled_tags: tuple[str, ...] = ()
    today: date | None = None
    """Days after this one are not shown by the API; None: all days count."""
    platform: tuple[str, ...] = ()
    """What the organisation has put into the cost group Platform."""


class ControlSource(Protocol):
    """The source of this type that a run makes beside its scenarios', and which none of them may change."""

    def shared_with(self, scenarios: Iterable[tuple[LoadedScenario, Plan]]) -> tuple[object, ...]:
        """What its data have in common with the scenarios': days, and names that occur in both."""

    def write(self, shared: Sequence[object], folder: Path, key: str) -> Iterator[tuple[str, Path]]:
        """Its payloads, one a month: the uuid of each, and its folder, which has the month's name."""

    def expect(self, own: Context, folders: Sequence[Path]) -> None:
        """Write what must come out of these payloads."""

    def compare(self, own: Context, months: Sequence[Context]) -> int:
        """How many figures are equal; ``months`` are the contexts of its payloads.

        Raises:
            NumbersDiffer, WrongLife: names what is not.
        """


class Provider(Protocol):
    """One source type."""

    @property
    def flow(self) -> Flow:
        """Its phases in order, with their limits."""

    @property
    def rules(self) -> SourceRules:
        """What its scenarios may say."""

    @property
    def names(self) -> SourceNames:
        """How Koku calls what it keeps of its sources."""

    @property
    def delivery(self) -> Delivery:
        """How its payloads get to Koku."""

    @property
    def control(self) -> ControlSource | None:
        """Its part in a run's control source; None where it can make none."""

    @property
    def type(self) -> str:
        """Its name in scenarios and in Koku's API."""

    def source_body(self, name: str, key: str) -> dict[str, Any]:
        """The body of ``POST sources/`` for the source ``name`` with the key ``key`` (docs/contract/koku.md 5.5)."""

    def read_expectation(self, path: Path) -> Expected:
        """The expectation that ``generate`` has written."""

    def prepare(self, context: Context, *, again: bool) -> list[str]:
        """Set up what the source needs before data come (prices, tags); a fact for each.

        ``again``: the source was made before an interruption, so the rest may be there too.
        """

    def generate(self, context: Context) -> Outcome:
        """Make the payloads and write the expectation that follows from them; note both in the state."""

    def rehearse(self, context: Context) -> None:
        """``generate`` as far as no deployment is needed, with figures that were worked out by hand left unjudged."""

    def contradictions(self, context: Context) -> list[Problem]:
        """What a scenario's author worked out by hand and does not follow from data and prices."""

    def pack(self, sent: SentPayload, damage: str | None) -> None:
        """Make the payload's folder the object that is uploaded."""

    def compare_payloads(self, context: Context, sent: Sequence[SentPayload]) -> str:
        """The ledger's lines of payloads as they stand in the object store."""

    def misnoted(self, sent: SentPayload, manifest: ManifestRow) -> Iterator[str]:
        """What Koku's manifest says of a payload and the payload does not say of itself, in sentences."""

    def check_files_beside(self, context: Context) -> None:
        """Whether what Koku keeps of the payloads outside the archive is what they hold, once they are converted.

        Raises:
            WrongLife: it is not.
        """

    def files_beside(self, context: Context, provider_uuid: str) -> FilesBeside | None:
        """What it keeps there of a source now; None where there is no such place, or we may not look."""

    def kept(self, context: Context) -> Sequence[Item]:
        """What Koku keeps in its database of data whose source is gone, with the reason: told, and not removed."""

    def before_upload(self, context: Context) -> None:
        """What is done just before the data come, such as asking what a user who waits would ask."""

    def compare(self, context: Context) -> Compared:
        """Compare what this phase's stages hold: asked when the phase has stopped waiting.

        Raises:
            NumbersDiffer: names the first stage that differs.
        """

    def show(self, context: Context) -> Outcome:
        """Compare everything that the API shows, and the ledger before it once more."""

    def verify(self, context: Context) -> None:
        """Whether everything behind the API is what it must be, for repairs; raises NumbersDiffer if not."""

    def asked_by_others(self, context: Context) -> dict[str, dict[str, Any]]:
        """What another organisation asks of the API and sees nothing of: parameters by path."""

    def explain(self, context: Context) -> str:
        """How the figures of a rehearsed scenario come about: which data, which rate, which sum."""

    def expected_figures(self, asked: Asked) -> Mapping[str, Any]:
        """What the reports must show of payloads, JSON-ready; numbers are decimal strings.

        Raises:
            UsageError: a file is no payload or no cost model.
            Inconclusive: a payload cannot be read.
        """

    def expected_text(self, asked: Asked) -> str:
        """The same figures as lines of text; raises as ``expected_figures``."""

    def known_deviations(self, *, markdown: bool) -> str:
        """Where Koku's figures are known not to be what the data say; empty where no such place is known."""

    def kinds_of_files(self, folder: Path) -> dict[str, str]:
        """What kind of report each file of a payload's folder is, by its name."""


def provider_of(context: Context) -> Provider:
    """The provider of the scenario's source."""
    return cast("Provider", registry.find(context.loaded.scenario.source.type))


def control_of(context: Context) -> ControlSource:
    """The control source's part of that provider."""
    provider = provider_of(context)
    if provider.control is None:
        raise HarnessError(f"Sources of type {provider.type} can be no control source.")
    return provider.control
