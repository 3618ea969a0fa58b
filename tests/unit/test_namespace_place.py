"""What a host name of the deployment means, and through which door one comes in."""

from __future__ import annotations

from typing import Any

import pytest
from namespace_objects import NS, FakeKube, component, pod_json, service_json

from e2e_validator.deployment.namespace.entrance import find_gateway
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.place import InPods, Outside, Place, locate
from e2e_validator.deployment.namespace.pods import Service

DB = {"app": "db"}


def located(host: str, port: int = 5432, kube: FakeKube | None = None) -> Place:
    services = [
        service_json("db", DB, {5432: "postgres"}),
        service_json("outside", {}, {5432: 5432}),
        service_json("alias", {}, {5432: 5432}, type="ExternalName", externalName="db.example.com"),
    ]
    other = service_json("db", {"app": "other"}, {80: 8080})
    other["metadata"]["namespace"] = "other"
    there = kube or FakeKube({"services": [*services, other], "pods": [pod_json("db-0", DB)]})
    return locate(there, NS, host, port)  # type: ignore[arg-type] # a dictionary of objects


@pytest.mark.parametrize("host", ["db", "db.cost", "db.cost.svc", "db.cost.svc.cluster.local", "db.cost.svc."])
def test_a_service_means_its_pods_and_their_port(host: str) -> None:
    assert located(host).meaning == InPods(NS, DB, "postgres")


def test_another_namespace_s_service_is_found_there() -> None:
    assert located("db.other.svc", 80).meaning == InPods("other", {"app": "other"}, 8080)


def test_a_pod_of_a_headless_service_is_that_pod() -> None:
    assert located("db-0.brokers.cost.svc.cluster.local", 9092).meaning == InPods(NS, DB, 9092, "db-0")


@pytest.mark.parametrize(
    ("host", "meaning"),
    [
        ("db.example.com", Outside("db.example.com", 5432)),
        ("10.1.2.3", Outside("10.1.2.3", 5432)),
        ("example.com", Outside("example.com", 5432)),
        ("alias", Outside("db.example.com", 5432)),
        ("outside", Outside("outside", 5432, inner=True)),
        ("gone.cost.svc", Outside("gone.cost.svc", 5432, inner=True)),
        ("gone", Outside("gone", 5432, inner=True)),
        ("localhost", Outside("localhost", 5432, inner=True)),
        ("127.0.0.1", Outside("127.0.0.1", 5432, inner=True)),
    ],
)
def test_all_else_is_outside_or_of_the_cluster_alone(host: str, meaning: Outside) -> None:
    assert located(host).meaning == meaning


def test_a_pod_s_localhost_is_never_taken_for_ours() -> None:
    assert located("127.0.0.1").problem == "127.0.0.1 is the pod's own"


def test_a_port_that_the_service_lacks_is_said() -> None:
    assert located("db", 1).problem == "the service db has no port 1 (it has 5432)"


def test_hidden_services_leave_the_transport_through_a_pod() -> None:
    kube = FakeKube()
    kube.forbidden = {"services"}
    place = located("db", kube=kube)
    assert place.meaning == Outside("db", 5432, inner=True)
    assert "not allowed to get services" in place.problem


def route(name: str, service: str, path: str = "/api", **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": NS},
        "spec": {"host": f"{name}.apps", "path": path, "to": {"name": service}, **spec},
    }


def ingress(name: str, service: str, *, tls: bool) -> dict[str, Any]:
    backend = {"service": {"name": service, "port": {"number": 80}}}
    spec: dict[str, Any] = {
        "rules": [{"host": f"{name}.apps", "http": {"paths": [{"path": "/api", "backend": backend}]}}]
    }
    return {
        "metadata": {"name": name, "namespace": NS},
        "spec": spec | ({"tls": [{"hosts": [f"{name}.apps"]}]} if tls else {}),
    }


def gateway_of(kube: FakeKube) -> Found:
    found = Found()
    services = [Service.from_json(service_json("gw", component("gateway"), {80: 9080}))]
    find_gateway(kube, NS, services, Overrides(), found)  # type: ignore[arg-type] # a dictionary of objects
    return found


@pytest.mark.parametrize(
    ("objects", "url", "origin"),
    [
        (
            {"routes": [route("ui", "ui"), route("a", "gw", tls={"termination": "edge"})]},
            "https://a.apps/api/",
            "Route a",
        ),
        ({"routes": [route("a", "gw")]}, "http://a.apps/api/", "Route a"),
        ({"routes": [route("all", "gw", "/"), route("a", "gw")]}, "http://a.apps/api/", "Route a"),
        ({"ingresses": [ingress("i", "gw", tls=True)]}, "https://i.apps/api/", "Ingress i"),
        ({"ingresses": [ingress("i", "gw", tls=False)]}, "http://i.apps/api/", "Ingress i"),
        ({"routes": [route("ui", "ui", "/")]}, "", ""),
    ],
)
def test_the_door_is_the_one_that_leads_to_the_gateway(objects: dict[str, Any], url: str, origin: str) -> None:
    found = gateway_of(FakeKube(objects))
    value = found.value("gateway.url")
    assert (found.get("gateway.url"), value.origin if value else "") == (url, origin)


def test_two_doors_are_told() -> None:
    found = gateway_of(FakeKube({"routes": [route("a", "gw"), route("b", "gw")]}))
    assert "Route a (http://a.apps/api/), Route b (http://b.apps/api/)" in found.warnings[0].text


def test_hidden_routes_do_not_hide_ingresses() -> None:
    kube = FakeKube({"ingresses": [ingress("i", "gw", tls=True)]})
    kube.forbidden = {"routes"}
    assert gateway_of(kube).get("gateway.url") == "https://i.apps/api/"
    kube.forbidden = {"routes", "ingresses"}
    assert "not allowed to list routes" in gateway_of(kube).warnings[0].text
