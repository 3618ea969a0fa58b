"""Everything a phase works with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from e2e_validator.access.claims import Claims
from e2e_validator.access.http import Unreachable
from e2e_validator.access.inventory import Inventory
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.access.objects_as_koku import ObjectsAsKoku
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.access.source_names import SourceNames
from e2e_validator.access.source_state import Manifest, SourceState
from e2e_validator.access.tag_switch import TagSwitch, switch_of
from e2e_validator.access.transports import Transport, transport_of
from e2e_validator.access.warehouse import Warehouse
from e2e_validator.deployment import Target
from e2e_validator.engine.redacting import Redacts
from e2e_validator.engine.run_state import Run, ScenarioState, SentPayload
from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.events import Emit, Event, Heartbeat, Observed
from e2e_validator.expect.expected import Expected
from e2e_validator.finding import Finding
from e2e_validator.moments import stamp
from e2e_validator.providers import registry
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import Plan, PlannedPayload
from e2e_validator.waiting import Waiter
from e2e_validator.waiting.waiter import Wait

if TYPE_CHECKING:
    from e2e_validator.access.cluster import Cluster


class Clients:
    """One client per thing talked to, made when first used, for sources of one type."""

    def __init__(self, target: Target, source_type: str, claims: Claims | None = None) -> None:
        """Nothing is opened yet. ``claims`` are the process's, which outlive a phase; without, they end with these."""
        self._target = target
        self._source_type = source_type
        self._others: dict[str, Clients] = {}
        self._lasting_claims = claims

    @cached_property
    def names(self) -> SourceNames:
        """How Koku calls what it keeps of the source type."""
        names: SourceNames = registry.find(self._source_type).names
        return names

    @cached_property
    def koku(self) -> KokuApi:
        """The public API."""
        return KokuApi(self._target)

    @cached_property
    def masu(self) -> Masu:
        """The internal API."""
        return Masu(self._target)

    @cached_property
    def tags(self) -> TagSwitch:
        """What enables tag keys; masu is asked whether it does."""
        return switch_of(self.koku, self.masu, self._target.koku_url, self.names)

    @cached_property
    def transport(self) -> Transport:
        """How payloads get in."""
        return transport_of(self._target, self.names)

    @cached_property
    def objects(self) -> Objects:
        """The object store."""
        return Objects(self._target)

    @cached_property
    def objects_as_koku(self) -> ObjectsAsKoku:
        """The object store by the client that Koku has."""
        return ObjectsAsKoku(self._target)

    @cached_property
    def warehouse(self) -> Warehouse | None:
        """Trino; None for a target that names none."""
        return Warehouse(self._target) if self._target.trino_url else None

    @cached_property
    def database(self) -> SourceDatabase:
        """The database, read only."""
        return SourceDatabase(self._target, self.names)

    @cached_property
    def cluster(self) -> Cluster | None:
        """The cluster around the deployment; None for a target that stands in none."""
        from e2e_validator.access.cluster import Cluster

        return Cluster.of(self._target)

    @cached_property
    def inventory(self) -> Inventory:
        """What the database holds of a source, in any table."""
        return Inventory(self._target, self.database)

    @cached_property
    def claims(self) -> Claims:
        """The locks of this process."""
        return self._lasting_claims or Claims(self._target, "no-run")

    def of(self, source_type: str) -> Clients:
        """The clients for sources of another type, which are closed with these."""
        if source_type not in self._others:
            self._others[source_type] = Clients(self._target, source_type, self.claims)
        return self._others[source_type]

    def close(self) -> None:
        """Close what was opened."""
        for other in self._others.values():
            other.close()
        if "database" in self.__dict__:
            self.database.close()
        if "claims" in self.__dict__ and self._lasting_claims is None:
            self.claims.close()


def name_of(key: str) -> str:
    """The name of the source with this key: another text, in which the key is not contained.

    A Koku that takes one for the other must be seen to do so.
    """
    return f"e2e-source-{key.removeprefix('e2e-')}"


@dataclass
class Context:
    """One phase of one scenario in one run."""

    run: Run
    loaded: LoadedScenario
    plan: Plan
    state: ScenarioState
    target: Target
    clients: Clients
    phase: str
    payload_index: int
    today: date
    """The run's day, from which it takes all its dates; Koku's own may go on (``koku_day``)."""
    fixtures: Path
    emit: Emit
    began_on: date | None = None
    """The day of our clock on which the run began; None: no midnight has passed since."""
    beat_seconds: float = 60.0
    keep: str | None = None
    repair: str = "auto"
    strict: bool = False
    """A check of preflight that cannot look is an error."""
    accepted: frozenset[str] = frozenset()
    """Deviations from the data that ``--accept-deviation`` names."""
    repair_after: float = 30.0
    ask: Callable[[str], bool] = field(default=lambda _question: False)
    finding: Finding | None = None
    repairs: list[dict[str, Any]] = field(default_factory=list)
    blocked: Blocked | None = None
    polls: int = field(default=0)
    redactor: Redacts | None = None
    """Without one nothing is bundled: a bundle may hold secrets."""
    logs: Path | None = None
    """The logs of the embedded stack."""
    neighbour: tuple[object, ...] = ()
    """What the run's control source has in common with its scenarios; empty where there is none."""
    seen: SourceState | None = None
    """The last look at the source."""
    during: Callable[[str], AbstractContextManager[None]] = field(default=lambda _phase: nullcontext())
    """Where an interrupt may end what goes on: around the work of the phase that it is given."""
    said: list[Event] = field(default_factory=list)
    """What the phase has emitted, for a bundle's timeline."""

    @property
    def base(self) -> str:
        """The phase's name without a payload number."""
        return self.phase.split("[")[0]

    @property
    def folder(self) -> Path:
        """This scenario's folder in the run."""
        return self.run.scenario_folder(self.plan.name)

    @property
    def source_key(self) -> str:
        """The key of this scenario's source in this run: unique, contained in no other.

        At most 50 characters.
        """
        return f"e2e-{self.plan.name.replace('_', '-')[:32]}-{self.state.token}"

    @property
    def source_name(self) -> str:
        """What Koku shows of this scenario's source where it does not show the key."""
        return name_of(self.source_key)

    @property
    def control_key(self) -> str:
        """The key of the source of the control payload, in a scenario that has one."""
        return f"e2e-control-{self.state.token}"

    @property
    def payload(self) -> PlannedPayload:
        """The planned payload that this phase follows."""
        return self.plan.payloads[self.payload_index - 1]

    @property
    def sent(self) -> SentPayload:
        """The tarball that this phase follows."""
        return self.state.payload(self.payload_index)

    @property
    def months(self) -> list[str]:
        """The months (YYYY-MM) that Koku summarises after this phase's payload; none if it never does."""
        return self.sent.months_summarised(self.payload.month)

    @property
    def provider_uuid(self) -> str:
        """The provider of this scenario's source."""
        if self.state.source is None or not self.state.source["uuid"]:
            raise HarnessError(f"The scenario {self.plan.name} has no source in its state.")
        return self.state.source["uuid"]

    @property
    def expectation_file(self) -> Path:
        """Where the expectation stands: written once by ``generate``, only read afterwards."""
        return self.folder / "expectation.json"

    @cached_property
    def expectation(self) -> Expected:
        """What the generated data say must come out."""
        read: Expected = registry.find(self.loaded.scenario.source.type).read_expectation(self.expectation_file)
        return read

    @property
    def obstacles(self) -> dict[str, str]:
        """The files that Koku cannot load, and why, as far as their rows tell."""
        if "expectation" not in self.__dict__ and not self.expectation_file.exists():
            return {}
        return dict(reversed(self.expectation.obstacles))

    def observe(self) -> SourceState:
        """What the database shows of the source now."""
        self.seen = self.clients.database.observe(self.provider_uuid)
        return self.seen

    def manifest(self, state: SourceState) -> Manifest | None:
        """The manifest of this phase's payload."""
        return state.manifest(self.sent.uuid)

    def waiter(self, *, interruptible: bool = True, limit_seconds: float | None = None) -> Waiter:
        """A waiter with this phase's limit, whose readings become events."""
        limit = limit_seconds or self.plan.limits[self.base]

        def on_change(wait: Wait, elapsed: float) -> None:
            self.polls = wait.polls
            seen, facts = (wait.last.seen, dict(wait.last.facts)) if wait.last else ("", {})
            self.emit(Observed(stamp(), self.plan.name, self.phase, wait.polls, round(elapsed, 3), seen, facts))

        def on_beat(wait: Wait, elapsed: float) -> None:
            seen = wait.last.seen if wait.last else "not readable yet"
            unchanged = elapsed - (wait.changed_at - wait.started)
            self.emit(Heartbeat(stamp(), self.plan.name, self.phase, elapsed, limit, seen, unchanged))

        return Waiter(
            limit,
            transient=(Unreachable,),
            stopped=self.run.stopped if interruptible else lambda: False,
            on_change=on_change,
            on_beat=on_beat,
            beat_seconds=self.beat_seconds,
        )
