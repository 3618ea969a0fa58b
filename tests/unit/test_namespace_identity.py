"""Keycloak and its client, the organisation, the transport, and what the doctor shows of all that."""

from __future__ import annotations

import struct
from typing import Any

import pytest
import yaml
from namespace_objects import NS, FakeKube, component, pod

from e2e_validator.deployment.namespace.broker import NoBrokerError, _brokers
from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.choosing import choose_transport
from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.connecting import Connections
from e2e_validator.deployment.namespace.discovery import Deployment
from e2e_validator.deployment.namespace.doctor import doctor_lines, exit_code, setting_lines
from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.keycloak import find_keycloak
from e2e_validator.deployment.namespace.names import SETTINGS
from e2e_validator.deployment.namespace.organisation import find_organisation
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.transport import Auth

SECRET = "s3cr3t-vAlue"
ENVOY = {
    "static_resources": {
        "listeners": [
            {
                "providers": {
                    "keycloak": {"issuer": "https://sso.apps/realms/kubernetes", "audiences": ["ui", "operator"]}
                }
            }
        ]
    }
}
AUTH = Auth(token_url="https://sso/token", client_id="operator", client_secret=SECRET)


def by_hand(**values: str) -> Overrides:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return Overrides({name: Value(name, value, "--set", secret=SETTINGS[name].secret) for name, value in named.items()})


def keycloak_of(kube: FakeKube, given: Overrides | None = None, envoy: str | None = None) -> Found:
    kube.config_maps[NS, "envoy"] = {"envoy.yaml": yaml.safe_dump(ENVOY) if envoy is None else envoy}
    volumes = [{"name": "config", "configMap": {"name": "envoy"}}]
    gateway = Component("gateway", {}, (pod("gw-1", component("gateway"), spec={"volumes": volumes}),))
    found = Found()
    find_keycloak(gateway, CachedKeys(kube), given or Overrides(), found)  # type: ignore[arg-type] # a dictionary
    return found


def test_keycloak_is_the_gateways_and_its_secret_goes_by_name() -> None:
    kube = FakeKube()
    kube.secrets["keycloak", "keycloak-client-secret-operator"] = {"CLIENT_SECRET": SECRET}
    found = keycloak_of(kube)
    assert (found.get("keycloak.url"), found.get("keycloak.realm")) == ("https://sso.apps", "kubernetes")
    assert (found.get("keycloak.client_id"), found.get("keycloak.client_secret")) == ("operator", SECRET)
    assert found.get("keycloak.namespace") == "keycloak"
    assert not found.remarks


def test_the_namespace_stands_in_the_address_of_a_service() -> None:
    envoy = yaml.safe_dump({"issuer": "http://keycloak.sso-2.svc:8080/realms/r", "audiences": ["operator"]})
    found = keycloak_of(FakeKube(), envoy=envoy)
    assert found.get("keycloak.namespace") == "sso-2"


@pytest.mark.parametrize(
    ("forbidden", "text"),
    [
        (set(), "No secret of a client of Keycloak was found: its namespace is not known"),
        ({"secrets"}, "No secret of a client of Keycloak was found: not allowed to get secrets in namespace keycloak"),
        ({"configmaps"}, "The gateway's configuration cannot be read: not allowed to get configmaps"),
    ],
)
def test_what_is_not_found_is_said_with_the_remedy(forbidden: set[str], text: str) -> None:
    kube = FakeKube()
    kube.forbidden = forbidden
    found = keycloak_of(kube)
    assert found.warnings[0].text.startswith(text)


def test_a_secret_given_by_hand_is_enough() -> None:
    found = keycloak_of(FakeKube(), by_hand(keycloak__client_secret=SECRET, keycloak__url="https://other"))
    assert found.get("keycloak.client_secret") == SECRET
    assert (found.get("keycloak.url"), found.get("keycloak.client_id")) == ("https://other", "ui")


def test_a_configuration_that_is_no_yaml_is_no_gateway() -> None:
    assert "keycloak.url" not in keycloak_of(FakeKube(), envoy="{")


CUSTOMERS = [
    {"org_id": "111", "account_id": "1", "schema_name": "org111"},
    {"org_id": "222", "account_id": None, "schema_name": "acct222"},
]


def organisation(rows: list[dict[str, Any]], claims: dict[str, str] | None = None, **given: str) -> Found:
    found = Found()
    find_organisation(rows, claims or {}, by_hand(**given), found)
    return found


@pytest.mark.parametrize(
    ("rows", "claims", "given", "told"),
    [
        (CUSTOMERS[:1], {}, {}, ("111", "1", "org111")),
        (CUSTOMERS, {}, {"org_id": "222"}, ("222", "10001", "acct222")),
        (CUSTOMERS, {"org_id": "222", "account_number": "9"}, {}, ("222", "9", "acct222")),
        (CUSTOMERS, {"org_id": "333"}, {}, ("333", "10001", "org333")),
        ([], {}, {"org_id": "7", "account": "8", "schema": "s"}, ("7", "8", "s")),
    ],
)
def test_the_organisation_is_looked_up(
    rows: list[dict[str, Any]], claims: dict[str, str], given: dict[str, str], told: tuple[str, str, str]
) -> None:
    found = organisation(rows, claims, **given)
    assert not found.failures
    assert (found.get("org_id"), found.get("account"), found.get("schema")) == told


@pytest.mark.parametrize(
    ("rows", "claims", "given", "sentence"),
    [
        ([], {}, {}, "No organisation has used this deployment yet; give one with --set org_id=1234567."),
        (CUSTOMERS, {}, {}, "There are 2 organisations: 111, 222; choose one with --set org_id=..."),
        (CUSTOMERS, {"org_id": "111"}, {"org_id": "222"}, "The token is for organisation 111, and 222 was asked for."),
    ],
)
def test_an_organisation_is_never_guessed(
    rows: list[dict[str, Any]], claims: dict[str, str], given: dict[str, str], sentence: str
) -> None:
    assert organisation(rows, claims, **given).failures[0].text == sentence


INGRESS = {"ingress": Component("ingress", {}, (pod("i", {}),))}
OPEN = {
    "gateway": Connections(gateway_url="http://gw/api/", auth=AUTH, brokers={"a:1": "b:2"}, masu_ingests=True),
    "kafka": Connections(gateway_url="http://gw/api/", brokers={"a:1": "b:2"}, masu_ingests=True),
    "masu": Connections(masu_ingests=True),
}


@pytest.mark.parametrize("transport", OPEN)
def test_the_way_in_is_the_production_one_that_is_open(transport: str) -> None:
    deployment = Deployment(NS, "r", Found(), INGRESS)
    assert choose_transport(deployment, OPEN[transport], Overrides()) == transport
    assert deployment.found.get("transport") == transport


def test_a_gateway_without_an_ingress_behind_it_takes_no_uploads() -> None:
    deployment = Deployment(NS, "r", Found(), {})
    assert choose_transport(deployment, OPEN["gateway"], Overrides()) == "kafka"
    value = deployment.found.value("transport")
    assert value is not None
    assert "behind the gateway is no ingress" in value.origin


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "There is no transport. gateway: no gateway answers; kafka: no brokers are reached; masu: masu has no"),
        ({"transport": "kafka"}, "--set: kafka is no transport here: no brokers are reached."),
        ({"transport": "pigeon"}, "--set: pigeon is no transport; it is one of gateway, kafka, masu."),
    ],
)
def test_no_way_in_says_why_each_is_shut(given: dict[str, str], sentence: str) -> None:
    deployment = Deployment(NS, "r", Found(), INGRESS)
    assert choose_transport(deployment, Connections(), by_hand(**given)) is None
    assert deployment.found.failures[0].text.startswith(sentence)


def test_the_doctor_has_a_line_per_value_and_no_secret() -> None:
    found = Found()
    found.put("database.host", "db", "env DATABASE_SERVICE_HOST of pod masu-1")
    found.put("database.password", SECRET, "secret db key password", secret=True)
    found.put("s3.endpoint", f"http://user:{SECRET}@s3", "env S3_ENDPOINT of pod masu-1")
    found.warn("kafka", f"Cannot be reached: password {SECRET} is wrong.")
    text = "\n".join(doctor_lines(found))
    assert SECRET not in text
    assert len(text.splitlines()) == 5
    assert text.splitlines()[0].split() == [
        "ok",
        "database.host",
        "db",
        "env",
        "DATABASE_SERVICE_HOST",
        "of",
        "pod",
        "masu-1",
    ]
    assert text.endswith("A run can begin; 1 warning.")
    assert exit_code(found) == 0


def test_the_doctor_ends_with_10_when_a_run_would_be_blocked() -> None:
    found = Found()
    found.fail("database", "Gone.")
    assert doctor_lines(found)[-1] == "1 of these would block a run; no warnings."
    assert exit_code(found) == 10


def test_every_setting_is_listed_with_its_variable() -> None:
    assert len(setting_lines()) == len(SETTINGS)
    assert any("E2E_DATABASE_PASSWORD" in line for line in setting_lines())


def test_brokers_are_read_from_their_metadata() -> None:
    def broker(node: int, host: bytes, port: int, rack: bytes | None) -> bytes:
        tail = struct.pack(">h", -1) if rack is None else struct.pack(">h", len(rack)) + rack
        return struct.pack(">ih", node, len(host)) + host + struct.pack(">i", port) + tail

    answer = struct.pack(">i", 2) + broker(0, b"a.kafka.svc", 9092, None) + broker(1, b"b", 9093, b"rack-1")
    assert _brokers(answer + b"controller and topics") == [("a.kafka.svc", 9092), ("b", 9093)]
    with pytest.raises(NoBrokerError):
        _brokers(answer[:20])
