"""The gateway and the broker of an embedded stack behind the pods and the Route of a picture."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import requests
from patience import ANSWER_SECONDS

from cluster.backends import Backends
from cluster.clients import forwarding
from cluster.conftest import connected
from cluster.edge import Edge
from cluster.installed import KAFKA_CLUSTER, Installed
from cluster.picture import start
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def backends() -> Iterator[Backends]:
    with EmbeddedStack.start(today=date(2026, 11, 21), transports=("gateway",)) as stack:
        yield Backends.of(stack.endpoints)


def test_the_route_ends_tls_in_front_of_the_real_gateway(backends: Backends, tmp_path: Path) -> None:
    assert backends.gateway is not None
    with Edge(backends.gateway) as edge:
        server, _ = start(Installed(api_host=edge.host, ca=edge.ca), backends)
        with server, connected(server.write_kubeconfig(tmp_path / "config")) as cluster:
            route = cluster.custom.get_namespaced_custom_object(
                "route.openshift.io", "v1", "cost-onprem", "routes", "cost-onprem-api"
            )
            published = cluster.core.read_namespaced_config_map("default-ingress-cert", "openshift-config-managed")
        (tmp_path / "ca.crt").write_text(published.data["ca-bundle.crt"], encoding="utf-8")
        url = f"https://{route['spec']['host']}{route['spec']['path']}/cost-management/v1/status/"
        close = {"Connection": "close"}
        assert (
            requests.get(url, headers=close, timeout=ANSWER_SECONDS, verify=str(tmp_path / "ca.crt")).status_code == 401
        )
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, headers=close, timeout=ANSWER_SECONDS)


def test_keycloaks_secret_opens_the_gateway_through_forwards(backends: Backends, tmp_path: Path) -> None:
    server, _ = start(Installed(), backends)
    with server, connected(server.write_kubeconfig(tmp_path / "config")) as cluster:
        name = "keycloak-client-secret-cost-management-operator"
        secret = base64.b64decode(cluster.core.read_namespaced_secret(name, "keycloak").data["CLIENT_SECRET"]).decode()
        form = f"grant_type=client_credentials&client_id=cost-management-operator&client_secret={secret}"
        request = (
            "POST /realms/kubernetes/protocol/openid-connect/token HTTP/1.0\r\nHost: keycloak\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n{form}"
        )
        with forwarding(cluster.core, "keycloak", "keycloak-0", 8080) as opened, closing(opened.socket(8080)) as found:
            found.sendall(request.encode())
            answer = b""
            while piece := found.recv(65536):
                answer += piece
    assert b" 200 OK" in answer.splitlines()[0]
    assert b'"access_token"' in answer


def test_a_broker_answers_through_a_port_forward(backends: Backends, tmp_path: Path) -> None:
    # ApiVersions v0 of Kafka's protocol: length, key 18, version 0, correlation 7, no client id.
    request = bytes.fromhex("0000000a" + "0012" + "0000" + "00000007" + "ffff")
    broker = f"{KAFKA_CLUSTER}-kafka-0"
    server, _ = start(Installed(), backends)
    with (
        server,
        connected(server.write_kubeconfig(tmp_path / "config")) as cluster,
        forwarding(cluster.core, "kafka", broker, 9092) as opened,
        closing(opened.socket(9092)) as found,
    ):
        found.settimeout(ANSWER_SECONDS)
        found.sendall(request)
        answer = found.recv(65536)
    assert answer[4:8] == bytes.fromhex("00000007")
