"""upload and ingest by a way in that takes the file itself: what it stored is looked at, and known to the cleanup."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import NOTHING, FakeTransport, context, database

from e2e_validator.access.http import Unreachable
from e2e_validator.engine import sending
from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import NumbersDiffer, PhaseFailed
from e2e_validator.phases import ingest, upload
from e2e_validator.providers.ocp import provider
from e2e_validator.scenario.model import Rejected


class Store:
    """A bucket: what was stored under which key."""

    ingress = "in"

    def __init__(self) -> None:
        self.there: dict[str, bytes] = {}
        self.put_by_us: list[str] = []

    def put(self, key: str, path: Path) -> None:
        self.put_by_us.append(key)
        self.there[key] = path.read_bytes()

    def read(self, _bucket: str, key: str) -> bytes:
        return self.there[key]


def through_a_gateway(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, loses: int = 0, stores: bytes | None = None, **change: Any
) -> tuple[Context, Store]:
    """A context whose way stores the file under ``r``; its first ``loses`` answers get lost."""
    the_context = context(folder, "ingest", shows=NOTHING, **change)
    store, answers = Store(), [False] * loses
    for number, payload in enumerate(the_context.state.payloads):
        payload.tarball = str(folder / f"tarball-{number}")
        Path(payload.tarball).write_bytes(b"payload" + b"!" * number)

    def announce(_key: str, tarball: Path) -> str:
        store.there["r"] = tarball.read_bytes() if stores is None else stores
        if answers:
            answers.pop()
            raise Unreachable("hung up")
        return "r"

    transport = FakeTransport(announce, "the gateway", needs_object=False)
    monkeypatch.setattr(provider, "pack", lambda *_: None)
    monkeypatch.setattr(provider, "payload_stage", lambda _context, sent: sent.object_key)
    monkeypatch.setattr(provider, "judge", lambda stages: f"judged {stages}")
    monkeypatch.setattr(provider, "look_as_a_user", lambda _context: None)
    monkeypatch.setattr(sending, "ARRIVAL_SECONDS", 0.01)
    the_context.clients = cast(
        "Any", SimpleNamespace(transport=transport, objects=store, database=database(the_context))
    )
    return the_context, store


def test_nothing_is_put_where_the_way_stores_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, store = through_a_gateway(tmp_path, monkeypatch)
    outcome = upload.run(the_context)
    assert (store.put_by_us, outcome.facts) == ([], "1 tarball, 0.0 KiB, for the gateway to store")
    assert outcome.attachments == {}


def test_what_the_way_stored_is_compared_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, _ = through_a_gateway(tmp_path, monkeypatch)
    outcome = ingest.run(the_context)
    assert outcome.facts == "announced; the gateway stored 0.0 KiB, read back equal"
    assert outcome.attachments == {"ledger.txt": "judged ['r']"}
    assert ScenarioState.load(tmp_path).payloads[0].object_key == "r"


def test_what_the_way_stored_otherwise_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, _ = through_a_gateway(tmp_path, monkeypatch, stores=b"payloa")
    with pytest.raises(PhaseFailed, match="the object r is not what was uploaded"):
        ingest.run(the_context)


def test_figures_that_differ_in_what_was_stored_are_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, _ = through_a_gateway(tmp_path, monkeypatch)

    def differ(_stages: Any) -> str:
        raise NumbersDiffer("rows differ")

    monkeypatch.setattr(provider, "judge", differ)
    with pytest.raises(NumbersDiffer):
        ingest.run(the_context)


def test_a_lost_answer_leaves_one_object_whose_key_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, store = through_a_gateway(tmp_path, monkeypatch, loses=1)
    outcome = ingest.run(the_context)
    assert "announced again: the answer of the gateway was lost" in outcome.facts
    assert list(store.there) == [the_context.sent.object_key] == ["r"]


def test_where_it_will_stand_is_on_disk_before_it_is_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context, _ = through_a_gateway(tmp_path, monkeypatch)
    before: list[str] = []

    def die(_key: str, _tarball: Path) -> str:
        before.append(ScenarioState.load(tmp_path).payloads[0].object_key)
        raise KeyboardInterrupt

    cast("Any", the_context.clients).transport.announce = die
    with pytest.raises(KeyboardInterrupt):
        ingest.run(the_context)
    assert before == ["r"]


def test_a_negative_scenarios_payloads_are_compared_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_context, store = through_a_gateway(tmp_path, monkeypatch, rejected=Rejected(manifest="absent"))
    transport = cast("Any", the_context.clients).transport

    def announce(_key: str, tarball: Path) -> str:
        store.there[tarball.name] = tarball.read_bytes()
        return tarball.name

    transport.announce, transport.stored_as = announce, lambda _key, request_id: request_id
    outcome = ingest.run(the_context)
    assert outcome.facts.startswith("announced, then the control payload; the gateway stored")
    assert outcome.attachments == {}
    store.there["tarball-1"] = b""
    with pytest.raises(PhaseFailed, match="the object tarball-1 is not what was uploaded"):
        ingest.run(the_context)
