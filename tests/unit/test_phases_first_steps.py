"""preflight, source, upload and ingest: what they do not take for granted."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from claims_in_memory import LockServer
from phase_context import PROVIDER, FakeTransport, context, database, koku, source_state

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.koku import Source
from e2e_validator.engine.context import Context, name_of
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import Blocked, PhaseFailed, PhaseTimeout
from e2e_validator.phases import ingest, preflight, source, upload
from e2e_validator.providers.ocp import provider
from e2e_validator.scenario.model import Rejected


def refuse(error: BaseException) -> Any:
    """A call that ends with ``error``."""

    def call(*_: Any, **__: Any) -> Any:
        raise error

    return call


def answer(value: Any) -> Any:
    """A call that returns ``value``."""
    return lambda *_, **__: value


def ready(folder: Path, **change: Any) -> Context:
    """A deployment on which every check of preflight is ok, but for ``client__call=...``."""
    calls = {
        "koku__status": answer({"status": "OK"}),
        "koku__sources": answer([]),
        "masu__alive": answer(True),
        "transport__check": answer("open"),
        "database__server_version": answer(160014),
        "database__schema_exists": answer(True),
        "database__missing_tables": answer([]),
        "database__manifests_of": answer(0),
        "objects__missing_buckets": answer([]),
        "objects__keys": answer([]),
        "objects__exists": answer(False),
        "inventory__named": answer([]),
        "inventory__like_ours": answer([]),
    }
    clients: dict[str, dict[str, Any]] = {"objects": {"ingress": "in", "archive": "out"}}
    for name, call in (calls | change).items():
        client, _, method = name.partition("__")
        clients.setdefault(client, {})[method] = call
    found = SimpleNamespace(**{name: SimpleNamespace(**calls) for name, calls in clients.items()})
    found.claims = LockServer().claims("run-1")
    # Of a stack of our own, preflight looks at no more than this.
    return context(folder, "preflight", clients=cast("Any", found), target={"kind": "embedded"})


def test_preflight_counts_its_checks(tmp_path: Path) -> None:
    outcome = preflight.run(ready(tmp_path))
    assert outcome.facts == f"{outcome.data['checks']}/{outcome.data['checks']} checks ok"
    assert outcome.attachments["preflight.txt"].count("ok    ") == outcome.data["checks"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"koku__status": refuse(Unreachable("the Koku API did not answer"))}, "Koku API: the Koku API did not answer"),
        ({"koku__status": refuse(Refused("a page\n<html>", 200, "<html>"))}, "Koku API: a page"),
        ({"koku__sources": refuse(Refused("the Koku API answered 401", 401, ""))}, "the Koku API answered 401"),
        ({"masu__alive": answer(False)}, "masu: masu answers, but does not say that it is alive"),
        (
            {"transport__check": refuse(Blocked("Kafka has no topic x; make it."))},
            "transport: Kafka has no topic x; make it.",
        ),
        (
            {"transport__check": refuse(Unreachable("Kafka at a:1 is silent"))},
            "transport: Kafka at a:1 is silent",
        ),
        (
            {"transport__check": refuse(Refused("a gateway answered 403", 403, ""))},
            "transport: a gateway answered 403",
        ),
        ({"database__server_version": answer(150010)}, "PostgreSQL is 15; Koku needs 16"),
        ({"database__missing_tables": answer(["a.b", "c.d"])}, "tables: 2 tables are missing, first a.b"),
        ({"database__missing_tables": refuse(psycopg.Error(""))}, "tables: Error"),
        ({"objects__missing_buckets": answer(["in", "out"])}, "object store: bucket in and out does not exist"),
        ({"database__manifests_of": answer(2)}, "already has 2 manifests"),
    ],
)
def test_what_is_not_ready_blocks_and_blames_no_product(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(Blocked) as failure:
        preflight.run(ready(tmp_path, **change))
    assert said in failure.value.headline
    assert failure.value.detail.count("FAIL  ") == 1
    assert failure.value.detail.count("ok    ") == len(failure.value.detail.splitlines()) - 1


def test_masu_need_not_announce_where_another_transport_does(tmp_path: Path) -> None:
    """In production it takes none (docs/contract/koku.md 5.1); asked for it, the client would have no such call."""
    lines = (
        preflight.run(ready(tmp_path, transport__check=answer("Kafka a:1"))).attachments["preflight.txt"].splitlines()
    )
    assert "ok    masu: alive" in lines
    assert "ok    transport: Kafka a:1" in lines


def test_a_deployment_that_was_never_used_is_ready(tmp_path: Path) -> None:
    fresh = {
        "database__schema_exists": answer(False),
        "database__missing_tables": lambda *, tenant: ["org1234567.one"] if tenant else [],
        "database__tenants": answer([]),
    }
    lines = preflight.run(ready(tmp_path, **fresh)).attachments["preflight.txt"]
    assert "tables: no schema org1234567 yet; the first source makes it" in lines


REMEDY = (
    "no schema org1234567, only org7654321; are org_id and schema right? A new organisation gets its schema with"
    " its first source: create one in the UI or by POST sources/, then run again"
)


@pytest.mark.parametrize(
    ("tenants", "target", "said"),
    [
        (
            ["org7654321"],
            {},
            REMEDY,
        ),
        ([], {"db_schema": "acct10001"}, "Koku will call the organisation's org1234567"),
    ],
)
def test_a_misspelt_organisation_gets_no_tenant(
    tmp_path: Path, tenants: list[str], target: dict[str, Any], said: str
) -> None:
    fresh = {"database__schema_exists": answer(False), "database__tenants": answer(tenants)}
    the_context = ready(tmp_path, **fresh)
    the_context.target = the_context.target.model_copy(update=target)
    with pytest.raises(Blocked) as failure:
        preflight.run(the_context)
    assert said in failure.value.headline


def test_everything_that_is_missing_is_told_in_one_look(tmp_path: Path) -> None:
    broken = {"masu__alive": refuse(Unreachable("gone")), "objects__missing_buckets": answer(["in"])}
    with pytest.raises(Blocked, match=r"^2 of \d+ preflight checks failed; masu: gone") as failure:
        preflight.run(ready(tmp_path, **broken))
    assert "FAIL  object store: bucket in does not exist" in failure.value.detail


# source


def creating(folder: Path, **more: Any) -> Context:
    the_context = context(folder, "source", shows=source_state(), **more)
    the_context.state.source = the_context.state.control_source = None
    the_context.plan.limits["source"] = 0  # type: ignore[index]
    koku(the_context).on_create = lambda name: Source(f"id-{name}", PROVIDER, name, name)
    koku(the_context).there[PROVIDER] = {"provider_linked": True, "name": "not yet known by name"}
    return the_context


def test_a_source_is_noted_on_disk(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    source.run(the_context)
    cluster = "e2e-scenario-x-0123abcd"
    noted = {"id": f"id-{name_of(cluster)}", "uuid": PROVIDER, "name": name_of(cluster), "key": cluster}
    assert ScenarioState.load(tmp_path).source == noted
    assert ScenarioState.load(tmp_path).control_source is None


def test_a_source_whose_creation_gets_no_answer_is_noted(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    koku(the_context).on_create = refuse(Unreachable("read timed out"))
    with pytest.raises(Unreachable):
        source.run(the_context)
    noted = ScenarioState.load(tmp_path).source
    assert noted is not None
    assert (noted["id"], noted["name"]) == ("", the_context.source_name)


def test_two_sources_at_once_cost_one_a_500_and_another_try(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    answers: list[Exception | None] = [Refused("duplicate key", 500, ""), Refused("duplicate key", 500, ""), None]

    def at_last(name: str) -> Source:
        if error := answers.pop(0):
            raise error
        return Source("7", PROVIDER, name, name)

    koku(the_context).on_create = at_last
    assert "made at try 3, Koku answered 500 before" in source.run(the_context).facts


@pytest.mark.parametrize("status", [400, 500])
def test_a_refused_or_present_source_is_asked_for_once(tmp_path: Path, status: int) -> None:
    the_context = creating(tmp_path)
    asked: list[str] = []

    def no(name: str) -> Source:
        asked.append(name)
        koku(the_context).there["u"] = {"name": name}
        raise Refused("no", status, "")

    koku(the_context).on_create = no
    with pytest.raises(Refused):
        source.run(the_context)
    assert len(asked) == 1


def test_a_koku_that_always_answers_500_is_red(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    koku(the_context).on_create = refuse(Refused("always", 500, ""))
    with pytest.raises(Refused, match="always"):
        source.run(the_context)


def test_a_negative_scenario_without_source_has_a_control(tmp_path: Path) -> None:
    the_context = creating(tmp_path, rejected=Rejected(manifest="absent"), create=False)
    outcome = source.run(the_context)
    state = ScenarioState.load(tmp_path)
    assert state.source is None
    assert state.control_source is not None
    assert state.control_source["name"] == "e2e-source-control-0123abcd"
    assert outcome.facts.startswith("no source for e2e-scenario-x-0123abcd")


@pytest.mark.parametrize(
    ("detail", "exists", "linked"),
    [
        ({"provider_linked": True}, True, True),
        ({"provider_linked": True}, False, False),
        ({"provider_linked": False}, True, False),
        ({"provider_linked": "true"}, True, False),
        ({"provider_linked": None}, True, False),
        ({}, True, False),
        (None, True, False),
    ],
)
def test_a_source_is_linked_when_koku_and_the_provider_agree(
    tmp_path: Path, detail: dict[str, Any] | None, exists: bool, linked: bool
) -> None:
    the_context = creating(tmp_path)
    there = {} if detail is None else {PROVIDER: detail}
    koku(the_context).there = there
    database(the_context).states[PROVIDER] = source_state(exists=exists)
    if linked:
        source.run(the_context)
    else:
        with pytest.raises(PhaseTimeout):
            source.run(the_context)


def test_a_provider_without_its_tenant_copy_is_red_before_data(tmp_path: Path) -> None:
    the_context = creating(tmp_path)
    database(the_context).states[PROVIDER] = source_state(tenant_copy=False)
    with pytest.raises(PhaseFailed, match="the provider's row in the tenant's schema"):
        source.run(the_context)


# upload and ingest


def test_an_object_that_comes_back_otherwise_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = context(tmp_path, "upload", rejected=Rejected(manifest="absent"))
    (tmp_path / "tarball").write_bytes(b"payload")
    for payload in the_context.state.payloads:
        payload.tarball = str(tmp_path / "tarball")
    monkeypatch.setattr(provider, "pack", answer(None))
    store = SimpleNamespace(ingress="in", put=answer(None), read=answer(b"payload"))
    transport = SimpleNamespace(needs_object=True)
    the_context.clients = cast("Any", SimpleNamespace(objects=store, transport=transport))
    assert upload.run(the_context).data == {"objects": 2, "bytes": 14}
    store.read = answer(b"payloa")
    with pytest.raises(PhaseFailed, match="is not what was uploaded") as failure:
        upload.run(the_context)
    assert "expected    7 bytes" in failure.value.detail


def test_the_control_is_announced_after_the_bad_payload(tmp_path: Path) -> None:
    the_context = context(tmp_path, "ingest", rejected=Rejected(manifest="absent"))
    announced: list[str] = []

    def announce(key: str, _tarball: Path) -> str:
        announced.append(key)
        return "r"

    the_context.clients = cast("Any", SimpleNamespace(transport=FakeTransport(announce)))
    ingest.run(the_context)
    assert announced == ["cluster/1.tar.gz", "cluster/w.tar.gz"]
