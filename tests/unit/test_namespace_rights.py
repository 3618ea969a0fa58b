"""Permissions that the chart's own pods hide: settings that may not be read are neither absent nor a default."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from namespace_objects import NS, FakeKube, component, env, from_secret, pod

from e2e_validator.deployment.namespace import discovery, reach
from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.kafka import find_kafka
from e2e_validator.deployment.namespace.names import SETTINGS
from e2e_validator.deployment.namespace.object_store import find_object_store, ingress_bucket
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.reach import CannotReachError, Reach
from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed, refused
from e2e_validator.deployment.namespace.settings import Sources
from e2e_validator.deployment.namespace.stack import find_stack, find_trino
from e2e_validator.deployment.namespace.trust import find_authorities

MAP = {"configMapKeyRef": {"name": "settings", "key": "x"}}
REFUSED = f"not allowed to get configmaps in namespace {NS} (settings) (403)"
GRANT = "grant the permission (e2e-validator manifests prints all that are needed)"


def closed(*kinds: str) -> FakeKube:
    kube = FakeKube()
    kube.forbidden = set(kinds)
    return kube


def sources(name: str, kube: FakeKube, **values: Any) -> Sources:
    """A component with these variables; without a namespace that may be read, nothing behind them."""
    made = Component(name, {}, (pod(f"{name}-1", component(name), variables=env(**values)),))
    return Sources.of({name: made}, CachedKeys(kube), Overrides())  # type: ignore[arg-type] # a dictionary


def told(found: Found) -> list[str]:
    return [remark.text for remark in found.remarks]


@pytest.mark.parametrize(
    ("status", "what", "remedy"),
    [
        (403, "list pods in namespace x", GRANT),
        (
            403,
            "get or create pods/exec in namespace x (masu-1)",
            "grant the permission (e2e-validator manifests --with-exec prints it)",
        ),
        (401, "list pods in namespace x", "log in again"),
    ],
)
def test_the_remedy_is_the_one_that_helps(status: int, what: str, remedy: str) -> None:
    refusal = refused(what, status)
    assert refusal.remedy == remedy
    assert refusal.description == f"{refusal}; {remedy}"


def test_a_mode_that_may_not_be_read_is_not_the_classic_one() -> None:
    found = Found()
    find_stack(sources("masu", closed("configmaps"), ONPREM=MAP), found)
    assert "stack" not in found
    (text,) = told(found)
    assert text.startswith(f"Whether this is ONPREM cannot be read: {REFUSED}, which env ONPREM of pod masu-1 comes")
    assert text.endswith(f"; {GRANT}; or give --set stack=onprem or --set stack=classic.")


def test_a_trino_that_may_not_be_read_is_not_koku_s_default() -> None:
    found = Found()
    found.put("stack", "classic", "")
    find_trino(sources("masu", closed("configmaps"), TRINO_HOST=MAP), found)
    assert "trino.host" not in found
    (text,) = told(found)
    assert text.startswith(f"The host of Trino, a service of the cluster or any other cannot be read: {REFUSED}, which")
    assert text.endswith(f"; {GRANT}; or give it with --set trino.host=...")


def test_a_path_that_may_not_be_read_is_guessed_aloud() -> None:
    found = Found()
    assert discovery._prefix(sources("masu", closed("configmaps"), API_PATH_PREFIX=MAP), found) == "/api"
    (text,) = told(found)
    assert text.startswith(f"The path of the API cannot be read, so /api is tried: {REFUSED}")
    assert GRANT in text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ingress", {"INGRESS_KAFKABROKERS": MAP}),
        ("masu", {"INSIGHTS_KAFKA_HOST": MAP, "INSIGHTS_KAFKA_PORT": "9092"}),
        ("masu", {"INSIGHTS_KAFKA_HOST": "kafka", "INSIGHTS_KAFKA_PORT": MAP}),
    ],
)
def test_brokers_that_may_not_be_read_are_not_no_brokers(name: str, values: dict[str, Any]) -> None:
    found = Found()
    find_kafka(sources(name, closed("configmaps"), **values), found)
    (text,) = told(found)
    assert text.startswith(f"The brokers' address cannot be read: {REFUSED}")
    assert text.endswith(f"; {GRANT}; or give it with --set kafka.bootstrap=HOST:PORT.")


@pytest.mark.parametrize(
    ("transport", "name", "variable"),
    [("masu", "masu", "S3_BUCKET_NAME_OCP_INGRESS"), ("gateway", "ingress", "INGRESS_STAGEBUCKET")],
)
def test_a_bucket_that_may_not_be_read_is_not_koku_s_default(transport: str, name: str, variable: str) -> None:
    found = Found()
    ingress_bucket(transport, sources(name, closed("configmaps"), **{variable: MAP}), found)
    (failure,) = found.failures
    assert failure.text.startswith(
        f"The ingress bucket cannot be read: {REFUSED}, which env {variable} of pod {name}-1"
    )
    assert failure.text.endswith(f"; {GRANT}; or give it with --set s3.bucket.ingress=...")


def test_what_is_optional_and_may_not_be_read_may_well_be_there() -> None:
    values = {"KAFKA_SASL_PASSWORD": from_secret("kafka", "password", optional=True)}
    plain = {"INSIGHTS_KAFKA_HOST": "kafka", "INSIGHTS_KAFKA_PORT": "9092"}
    absent, refusing = Found(), Found()
    find_kafka(sources("masu", FakeKube(), **plain, **values), absent)
    find_kafka(sources("masu", closed("secrets"), **plain, **values), refusing)
    assert not absent.remarks
    (failure,) = refusing.failures
    assert failure.name == "kafka.password"
    assert f"not allowed to get secrets in namespace {NS} (kafka) (403)" in failure.text
    assert SETTINGS["kafka.password"].what in failure.text


def test_a_variable_of_a_forbidden_one_is_not_its_name() -> None:
    found = Found()
    values = {"HOST": MAP, "S3_ENDPOINT": "http://$(HOST):9000"}
    find_object_store(sources("masu", closed("configmaps"), **values), found)
    (failure,) = [remark for remark in found.failures if remark.name == "s3.endpoint"]
    assert f"{REFUSED}, which env HOST of pod masu-1 comes from; {GRANT}; or give it with --set" in failure.text


def test_a_store_configuration_that_is_forbidden_is_told() -> None:
    found = Found()
    find_object_store(sources("masu", closed("configmaps"), AWS_CONFIG_FILE=MAP), found)
    (text,) = [remark.text for remark in found.warnings if remark.name == "s3.addressing"]
    assert text.startswith(f"The pods' AWS configuration cannot be read: {REFUSED}")


@pytest.mark.parametrize(("openshift", "count"), [(True, 3), (False, 2)])
def test_each_forbidden_authority_is_named_where_there_is_one(openshift: bool, count: int) -> None:
    """One sentence for a kind and a place; the router's only where there is such a router."""
    kube, found = closed("configmaps", "secrets"), Found()
    kube.groups = {"route.openshift.io"} if openshift else set()
    assert find_authorities(kube, NS, CachedKeys(kube), found) == []  # type: ignore[arg-type] # a dictionary
    assert len(told(found)) == count
    assert all(GRANT in text and "--set ca=FILE" in text for text in told(found))
    assert any("namespace openshift-config-managed" in text for text in told(found)) is openshift


def reaching(kube: FakeKube, relay: Component | None = None) -> Reach:
    kube.close = lambda: None  # type: ignore[attr-defined] # what a cluster's client has
    return Reach(kube, NS, relay)  # type: ignore[arg-type] # a dictionary


def test_in_a_pod_a_hidden_service_is_reached_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kube = closed("services")
    kube.in_cluster = True
    monkeypatch.setattr(reach, "answers", lambda *_: True)
    with closing(reaching(kube)) as there:
        assert there.address("db", 5432).how == "direct"
        assert there.got_around == [
            f"db:5432 is reached directly: not allowed to get services in namespace {NS} (403); {GRANT}"
        ]


def test_without_another_way_the_permission_is_what_stands_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    named = rf"not allowed to get services in namespace {NS} \(403\), and "
    with closing(reaching(closed("services"))) as there, pytest.raises(CannotReachError, match=named) as alone:
        there.address("db", 5432)
    assert str(alone.value).endswith(f"there is no pod to go through; {GRANT}")

    def away(*_: Any) -> Any:
        raise ClusterAway("no pod of masu is ready")

    monkeypatch.setattr(reach, "PodRelay", lambda *_: away)
    masu = Component("masu", {}, (pod("masu-1", component("masu")),))
    with closing(reaching(closed("services"), masu)) as there, pytest.raises(CannotReachError, match=named) as relayed:
        there.address("db", 5432)
    assert str(relayed.value).endswith(f"as a last resort no pod of masu is ready; {GRANT}")


def test_who_is_not_let_in_is_told_to_log_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise NotAllowed("exec: the API server does not accept our credentials (401)", 401)

    monkeypatch.setattr(reach, "PodRelay", lambda *_: away)
    monkeypatch.setattr(reach, "answers", lambda *_: False)
    masu = Component("masu", {}, (pod("masu-1", component("masu")),))
    with closing(reaching(FakeKube(), masu)) as there, pytest.raises(CannotReachError) as error:
        there.address("db.example.com", 5432)
    assert str(error.value).endswith("log in again")
