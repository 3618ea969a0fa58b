"""An API server that is ill, away, slow, or no longer believes a token."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from kubernetes import client
from kubernetes.client import ApiException

from cluster.clients import refused, watched
from cluster.conftest import Cluster, connected, user
from cluster.picture import Picture
from cluster.server import ApiServer


@pytest.fixture
def mine(server: ApiServer, tmp_path: Path) -> Iterator[Cluster]:
    """A client of its own, that does not try again."""
    with user(server, tmp_path / "config", user="somebody") as found:
        found.api.rest_client.pool_manager.connection_pool_kw["retries"] = False
        yield found
    server.faults.clear()


@pytest.mark.parametrize(
    ("code", "reason", "message"),
    [
        (429, "TooManyRequests", "The server has received too many requests and has asked us to try again later"),
        (500, "InternalError", "Internal error occurred: etcdserver: request timed out"),
        (503, "ServiceUnavailable", "the server is currently unable to handle the request"),
        (504, "Timeout", "Timeout: request did not complete within the allotted timeout"),
    ],
)
def test_an_error_is_told_as_often_as_wanted(
    server: ApiServer, mine: Cluster, code: int, reason: str, message: str
) -> None:
    server.faults.answer(code, times=2, path="/pods")
    for _ in range(2):
        told = refused(code, mine.core.list_namespaced_pod, "cost-onprem")
        assert (told["reason"], told["message"]) == (reason, message)
    assert mine.core.list_namespaced_pod("cost-onprem").items


def test_an_error_of_one_path_leaves_the_others_alone(server: ApiServer, mine: Cluster) -> None:
    server.faults.answer(500, path="/secrets", verb="get")
    mine.core.list_namespaced_pod("cost-onprem")
    mine.core.list_namespaced_secret("cost-onprem")
    refused(500, mine.core.read_namespaced_secret, "s", "cost-onprem")


def test_who_asks_too_often_is_told_when_to_come_back(server: ApiServer, mine: Cluster) -> None:
    server.faults.answer(429)
    with pytest.raises(ApiException) as raised:
        client.VersionApi(mine.api).get_code()
    headers = raised.value.headers
    assert headers is not None
    assert headers["Retry-After"] == "1"


def test_a_slow_server_answers_late(server: ApiServer, mine: Cluster) -> None:
    mine.core.list_namespaced_pod("cost-onprem")
    server.faults.slow(0.3)
    before = time.monotonic()
    mine.core.list_namespaced_pod("cost-onprem")
    assert time.monotonic() - before >= 0.3


def test_a_server_that_is_away_comes_back_on_its_port(server: ApiServer, mine: Cluster) -> None:
    mine.core.list_namespaced_pod("cost-onprem")
    returned = server.away(0.3)
    with pytest.raises((urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProtocolError)):
        mine.core.list_namespaced_pod("cost-onprem")
    returned.join()
    assert mine.core.list_namespaced_pod("cost-onprem").items


def test_a_server_that_goes_away_ends_watches(server: ApiServer, mine: Cluster) -> None:
    events = watched(mine.core.list_namespaced_pod, "cost-onprem", timeout_seconds=30)
    next(events)
    server.go_away()
    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
        list(events)
    server.come_back()


def test_an_expired_token_is_unauthorized_and_a_new_one_is_not(
    server: ApiServer, mine: Cluster, tmp_path: Path
) -> None:
    mine.core.list_namespaced_pod("cost-onprem")
    server.expire_tokens()
    assert refused(401, mine.core.list_namespaced_pod, "cost-onprem")["reason"] == "Unauthorized"
    server.write_kubeconfig(tmp_path / "new", user="somebody", namespace="cost-onprem")
    with connected(tmp_path / "new") as again:
        assert again.core.list_namespaced_pod("cost-onprem").items


def test_a_token_file_is_renewed_as_a_kubelet_does(server: ApiServer, tmp_path: Path) -> None:
    environment = server.write_service_account(tmp_path, user="pod", namespace="cost-onprem")
    first = (tmp_path / "token").read_text(encoding="utf-8")
    server.expire_tokens()
    second = (tmp_path / "token").read_text(encoding="utf-8")
    assert first != second
    assert environment == {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.port)}
    assert (tmp_path / "ca.crt").read_bytes() == server.ca
    server.write_kubeconfig(tmp_path / "config", token_file=tmp_path / "token", user="pod")
    with connected(tmp_path / "config") as pod:
        assert pod.core.list_namespaced_pod("cost-onprem").items


def test_a_certificate_of_another_authority_is_not_believed(picture: Picture, tmp_path: Path) -> None:
    with ApiServer.start() as one, ApiServer.start() as other:
        one.write_kubeconfig(tmp_path / "config")
        text = (tmp_path / "config").read_text(encoding="utf-8")
        (tmp_path / "config").write_text(text.replace(one.url, other.url), encoding="utf-8")
        with connected(tmp_path / "config") as wrong, pytest.raises(urllib3.exceptions.MaxRetryError) as raised:
            wrong.core.list_namespaced_pod("default")
    assert "certificate verify failed" in str(raised.value)
