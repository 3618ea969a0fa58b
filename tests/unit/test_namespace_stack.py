"""Which Koku a namespace has, where the classic one finds its Trino, and how sources that it polls get there."""

from __future__ import annotations

from typing import Any

import pytest
from namespace_objects import FakeKube, component, env, pod

from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.choosing import choose_transport
from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.connecting import Connections
from e2e_validator.deployment.namespace.discovery import Deployment
from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.object_store import ingress_bucket
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.settings import Sources
from e2e_validator.deployment.namespace.stack import find_stack, find_trino
from e2e_validator.deployment.transport import Auth

AUTH = Auth(token_url="http://k/token", client_id="c", client_secret="s")
DEFAULT = "Koku's default, where its pods say nothing"


def sources(given: dict[str, str] | None = None, **variables: Any) -> Sources:
    """Masu with these variables, and values given by hand."""
    masu = Component("masu", {}, (pod("masu-1", component("masu"), variables=env(**variables)),))
    by_hand = Overrides({name: Value(name, value, "--set") for name, value in (given or {}).items()})
    return Sources.of({"masu": masu}, CachedKeys(FakeKube()), by_hand)  # type: ignore[arg-type] # a dictionary


def of_stack(stack: str) -> Found:
    found = Found()
    found.put("stack", stack, "")
    return found


@pytest.mark.parametrize(
    ("given", "variables", "stack", "origin"),
    [
        ({}, {"ONPREM": "True"}, "onprem", "env ONPREM of pod masu-1"),
        ({}, {"ONPREM": "False"}, "classic", "env ONPREM of pod masu-1"),
        ({}, {}, "classic", "no pod of Koku has ONPREM"),
        ({"stack": "onprem"}, {}, "onprem", "--set"),
        ({"stack": "classic"}, {"ONPREM": "True"}, "classic", "--set"),
    ],
)
def test_the_pods_say_which_koku_it_is(given: Any, variables: Any, stack: str, origin: str) -> None:
    found = Found()
    find_stack(sources(given, **variables), found)
    value = found.value("stack")
    assert value is not None
    assert (value.value, value.origin) == (stack, origin)
    assert not found.remarks


def test_what_is_no_stack_is_said() -> None:
    found = Found()
    find_stack(sources({"stack": "saas"}), found)
    assert [remark.text for remark in found.failures] == ["--set: saas is no stack; it is onprem or classic."]
    assert "stack" not in found


def test_an_onprem_variable_that_leads_nowhere_is_said() -> None:
    found = Found()
    find_stack(sources(ONPREM={"secretKeyRef": {"name": "gone", "key": "x"}}), found)
    assert "stack" not in found
    assert found.warnings[0].text.endswith("; give --set stack=onprem or --set stack=classic.")


@pytest.mark.parametrize(
    ("given", "variables", "host", "port"),
    [
        (
            {},
            {"TRINO_HOST": "trino-coordinator", "TRINO_PORT": "8090"},
            ("trino-coordinator", "env TRINO_HOST of pod masu-1"),
            ("8090", "env TRINO_PORT of pod masu-1"),
        ),
        ({}, {"TRINO_HOST": "t"}, ("t", "env TRINO_HOST of pod masu-1"), ("8080", DEFAULT)),
        ({}, {}, ("trino", DEFAULT), ("8080", DEFAULT)),
        ({"trino.host": "h", "trino.port": "443"}, {"TRINO_HOST": "t"}, ("h", "--set"), ("443", "--set")),
    ],
)
def test_trino_is_where_the_pods_look_for_it(given: Any, variables: Any, host: Any, port: Any) -> None:
    found = of_stack("classic")
    find_trino(sources(given, **variables), found)
    told = [value and (value.value, value.origin) for value in map(found.value, ("trino.host", "trino.port"))]
    assert told == [host, port]
    assert not found.remarks


def test_a_port_that_is_none_is_said() -> None:
    found = of_stack("classic")
    find_trino(sources(TRINO_PORT="http"), found)
    assert "http is no port; give it with --set trino.port=8080" in found.failures[0].text


def test_an_on_premise_koku_is_asked_for_no_trino() -> None:
    found = of_stack("onprem")
    find_trino(sources(TRINO_HOST="left-over"), found)
    assert "trino.host" not in found


@pytest.mark.parametrize(
    ("stack", "connections", "transport"),
    [
        ("classic", Connections(), "masu"),
        ("classic", Connections(brokers={"k:9092": "k:9092"}), "masu"),
        ("onprem", Connections(brokers={"k:9092": "k:9092"}), "kafka"),
        ("onprem", Connections(), None),
    ],
)
def test_what_koku_polls_needs_no_way_in(stack: str, connections: Connections, transport: str | None) -> None:
    found = of_stack(stack)
    assert choose_transport(Deployment("ns", "koku", found), connections, Overrides()) == transport
    assert bool(found.failures) is (transport is None)


def test_a_classic_koku_is_asked_by_its_open_gateway() -> None:
    found = of_stack("classic")
    found.put("gateway.url", "http://g/api/", "")
    there = Connections(gateway_url="http://g/api/", auth=AUTH)
    assert choose_transport(Deployment("ns", "koku", found), there, Overrides()) == "gateway"


@pytest.mark.parametrize("transport", ["masu", "gateway"])
def test_what_koku_polls_needs_no_bucket_of_an_ingress(transport: str) -> None:
    found = of_stack("classic")
    ingress_bucket(transport, sources(), found)
    assert (found.get("s3.bucket.ingress"), found.failures) == ("ocp-ingress", [])
