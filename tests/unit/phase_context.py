"""A context for phases without servers: what the database shows is said by the test, moment by moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

from claims_in_memory import LockServer
from psycopg import sql

from e2e_validator.access.http import Answer, Unreachable
from e2e_validator.access.inventory import Made, Named, Rows
from e2e_validator.access.life import CopyRow, ProviderRow, SourceLife
from e2e_validator.access.source_state import Manifest, Period, ReportStatus, SourceState
from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients, Context
from e2e_validator.engine.run_state import Run, ScenarioState, SentPayload
from e2e_validator.events import Event
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT
from e2e_validator.providers.ocp.flow import FLOW
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.model import Data, Expect, Limits, Rejected, Scenario, Source
from e2e_validator.scenario.plan import Plan, PlannedPayload

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
PROVIDER, CONTROL_PROVIDER = "provider-1", "provider-w"
FILES = 3


def at(seconds: float) -> datetime:
    """A moment, in seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def file(status: str = "DONE", *, completed: float | None = 2, name: str = "a.csv", failed: str | None = None) -> Any:
    """One file of a manifest."""
    return ReportStatus(name, status, failed, None if completed is None else at(completed))


def step(**words: float) -> dict[str, Any]:
    """One step of ``state``: its words with their times, as Koku writes them."""
    return {word: at(seconds).isoformat() for word, seconds in words.items()} | {"time_taken_seconds": 1}


def whole_state(**change: Any) -> dict[str, Any]:
    """The ``state`` of a manifest that went through."""
    return {
        "download": step(start=0, end=1),
        "processing": step(start=1, end=2),
        "summary": step(start=3, end=5),
    } | change


def manifest(**change: Any) -> Manifest:
    """The manifest of payload 1, through: created 0 s after noon, summarised 3 to 5 s, costed at 6, completed at 7."""
    fields: dict[str, Any] = {
        "id": 10,
        "uuid": "uuid-1",
        "files": FILES,
        "created": at(0),
        "completed": at(7),
        "state": whole_state(),
        "reports": (file(name="a.csv"), file(name="b.csv"), file(name="c.csv")),
    }
    return Manifest(**fields | change)


def period(month: str = "2026-11", *, summarised: float | None = 4, costed: float | None = 6) -> Period:
    """A month of the cluster."""
    start = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    return Period(start, *(None if moment is None else at(moment) for moment in (summarised, costed)))


def source_state(*manifests: Manifest, **change: Any) -> SourceState:
    """A source whose only payload went through."""
    fields: dict[str, Any] = {
        "exists": True,
        "tenant_copy": True,
        "data_updated": at(6.9),
        "summary_rows": 4,
        "periods": (period(),),
        "manifests": manifests or (manifest(),),
    }
    return SourceState(**fields | change)


NOTHING = SourceState(True, True, None, 0, (), ())  # a source without any payload


@dataclass
class FakeDatabase:
    """Shows what the test said, the next of a list at each look; an exception instead of a state is raised."""

    states: dict[str, SourceState | Exception | list[SourceState]] = field(default_factory=dict)
    manifests: int = 0
    lives: list[SourceLife] = field(default_factory=list)
    owner: Callable[[], dict[str, str] | None] = field(default=lambda: None)

    def life(self, provider_uuid: str) -> SourceLife:
        """What the test said; else a source without any payload, as it was asked for."""
        name = (self.owner() or {}).get("name")
        row = ProviderRow(name, "OCP", active=True, paused=False, setup_complete=False, created=NOON)
        new = SourceLife(row, (CopyRow(name, "OCP", provider_uuid),), (), ())
        return self.lives.pop(0) if len(self.lives) > 1 else [*self.lives, new][0]

    def observe(self, provider_uuid: str) -> SourceState:
        found = self.states[provider_uuid]
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    def manifests_of(self, _cluster_id: str) -> int:
        return self.manifests

    def table(self, name: str) -> sql.Identifier:
        return sql.Identifier("org1234567", name)

    def rows(self, statement: sql.Composed, _parameters: Any = ()) -> list[dict[str, Any]]:
        """The cost groups that every Koku has; no other table has a row."""
        if "cost_category" not in statement.as_string():
            return []
        return [{"namespace": pattern, "name": group} for pattern, group in KOKU_DEFAULT.patterns]


@dataclass
class FakeInventory:
    """Holds the rows and names that the test said, of whichever source."""

    left: list[Rows] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    earlier: list[Named] = field(default_factory=list)
    asked: list[list[Made]] = field(default_factory=list)

    def rows(self, sources: list[Made]) -> list[Rows]:
        self.asked.append(sources)
        return [rows for rows in self.left if rows.made in sources]

    def named(self, token: str) -> list[Named]:
        return [one for one in self.names if token in one.name]

    def like_ours(self) -> list[Named]:
        return [*self.names, *self.earlier]


@dataclass
class FakeKoku:
    """Knows sources by uuid; ``broken`` are those that it does not delete."""

    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    on_create: Callable[[str], Any] | None = None
    asked: list[str] = field(default_factory=list)

    def ask(self, path: str, _params: Any) -> Any:
        self.asked.append(path)
        return Answer(200, {}, path)

    def delete_source(self, uuid: str) -> None:
        if uuid in self.broken:
            raise Unreachable(f"source {uuid} cannot be deleted now")
        self.deleted.append(uuid)

    def sources(self, name: str) -> list[dict[str, Any]]:
        if "list" in self.broken:
            raise Unreachable("sources cannot be listed now")
        return [source for source in self.there.values() if source["name"] == name]

    def create_source(self, name: str, _key: str, _body: Any) -> Any:
        assert self.on_create is not None
        return self.on_create(name)

    def source(self, uuid: str) -> dict[str, Any] | None:
        return self.there.get(uuid)


@dataclass
class FakeObjects:
    """Two buckets of bytes."""

    ingress: str = "ocp-ingress"
    archive: str = "koku-bucket"
    ros: str | None = None
    stored: dict[tuple[str, str], bytes] = field(default_factory=dict)
    sticky: bool = False

    def remove(self, bucket: str, key: str) -> None:
        if not self.sticky:
            self.stored.pop((bucket, key), None)

    def exists(self, bucket: str, key: str) -> bool:
        return (bucket, key) in self.stored

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        return (key for where, key in self.stored if where == bucket and key.startswith(prefix))


@dataclass
class FakeTransport:
    """Announces objects of the bucket, as the test says."""

    announce: Callable[[str, Path], str]
    title: str = "masu"
    needs_object: bool = True

    def key_of(self, object_key: str, _tarball: Path) -> str:
        return object_key if self.needs_object else "r"

    def stored_as(self, object_key: str, request_id: str) -> str:
        return object_key if self.needs_object else request_id


def sent(index: int = 1, *, control: bool = False) -> SentPayload:
    """One tarball, by names alone."""
    name = "w" if control else str(index)
    return SentPayload(index, f"uuid-{name}", "folder", "tarball", f"cluster/{name}.tar.gz", FILES, control)


def payload(index: int, month: str = "2026-11") -> PlannedPayload:
    """A planned tarball of the first day of ``month``."""
    start = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    end = start + timedelta(days=1)
    return PlannedPayload(index, index - 1, "", month, start, end, daily_reports=True, damage=None, recorded=None)


def source(name: str = "s", uuid: str = PROVIDER) -> dict[str, str]:
    """A source as the scenario's state notes it."""
    return {"id": f"id-{name}", "uuid": uuid, "name": name, "key": f"cluster-{name}"}


def context(
    folder: Path,
    phase: str = "summary",
    *,
    shows: SourceState | Exception | list[SourceState] = NOTHING,
    months: tuple[str, ...] = ("2026-11",),
    rejected: Rejected | None = None,
    create: bool = True,
    keeps: Literal["none", "failed", "all"] = "none",
    target: dict[str, Any] | None = None,
    **change: Any,
) -> Context:
    """The context of one phase of a scenario with a payload for each of ``months``."""
    payloads = tuple(payload(index, month) for index, month in enumerate(months, start=1))
    negative = rejected is not None
    plan = Plan(
        name="scenario_x",
        negative=negative,
        payloads=payloads,
        phases=FLOW.phases(len(payloads), negative=negative),
        first_day=min(one.start for one in payloads).date(),
        last_day=max(one.start for one in payloads).date(),
        limits=Limits().model_dump(),
    )
    state = ScenarioState(
        folder / "state.json",
        token="0123abcd",
        source=source() if create else None,
        control_source=source("w", CONTROL_PROVIDER) if negative else None,
        payloads=[sent(one.index) for one in payloads] + [sent(0, control=True)] * negative,
    )
    scenario = Scenario(
        version=1,
        name="scenario_x",
        description="Why.",
        data=Data(template="one_pod.yml"),
        source=Source(create=create),
        expect=Expect(rejected=rejected),
        keep=keeps,
    )
    loaded = LoadedScenario(folder / "scenario_x.yaml", scenario, "", "", {}, report=None, payloads=())
    clients = SimpleNamespace(
        names=NAMES,
        database=FakeDatabase({PROVIDER: shows, CONTROL_PROVIDER: NOTHING}),
        inventory=FakeInventory(),
        koku=FakeKoku(),
        objects=FakeObjects(),
        claims=LockServer().claims(),
        cluster=None,
        transport=SimpleNamespace(needs_object=True),
    )
    events: list[Event] = []
    number = phase.partition("[")[2].rstrip("]")
    fields: dict[str, Any] = {
        "run": Run("run-1", folder),
        "loaded": loaded,
        "plan": plan,
        "state": state,
        "target": Target.unknown().model_copy(update={"kind": "endpoints"} | (target or {})),
        "clients": cast("Clients", clients),
        "phase": phase,
        "payload_index": int(number or 1),
        "today": date(2026, 11, 21),
        "fixtures": folder,
        "emit": events.append,
    }
    made = Context(**fields | change)
    fake = getattr(made.clients, "database", None)
    if isinstance(fake, FakeDatabase):
        fake.owner = lambda: made.state.source
    return made


def database(context: Context) -> FakeDatabase:
    """The database of a context made here."""
    return cast("FakeDatabase", context.clients.database)


def inventory(context: Context) -> FakeInventory:
    """The inventory of a context made here."""
    return cast("FakeInventory", context.clients.inventory)


def koku(context: Context) -> FakeKoku:
    """The API of a context made here."""
    return cast("FakeKoku", context.clients.koku)


def objects(context: Context) -> FakeObjects:
    """The object store of a context made here."""
    return cast("FakeObjects", context.clients.objects)


def emitted(context: Context) -> list[Event]:
    """The events that a context made here has emitted."""
    return cast("list[Event]", context.emit.__self__)  # type: ignore[attr-defined]
