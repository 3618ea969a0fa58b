"""A token of the API server that ends is replaced by the one that stands in its place by then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.picture import start
from cluster.server import ApiServer

from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.kubeconfig import connect
from e2e_validator.deployment.namespace.refusals import NotAllowed
from e2e_validator.errors import UsageError

NS = "cost-onprem"


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    found, _ = start()
    with found:
        yield found


def reads(kube: Kube) -> None:
    assert kube.list("pods", NS)
    assert kube.secret(NS, f"{NS}-db-credentials")
    assert kube.list("routes", NS)


def test_a_token_file_is_read_again_after_a_refusal(server: ApiServer, tmp_path: Path) -> None:
    kube = connect(str(server.write_kubeconfig(tmp_path / "config", token_file=tmp_path / "token")))
    try:
        reads(kube)
        for ask in (
            lambda: kube.list("pods", NS),
            lambda: kube.get("configmaps", NS, f"{NS}-aws-config"),
            lambda: kube.list("routes", NS),
            lambda: kube.log(NS, kube.list("pods", NS)[0]["metadata"]["name"], "no-such-container"),
            kube.version,
        ):
            server.expire_tokens()
            ask()
        reads(kube)
    finally:
        kube.close()


def test_a_kubeconfig_is_read_again_after_a_new_login(server: ApiServer, tmp_path: Path) -> None:
    path = server.write_kubeconfig(tmp_path / "config")
    kube = connect(str(path))
    try:
        reads(kube)
        server.expire_tokens()
        with pytest.raises(NotAllowed, match=r"the API server does not accept our credentials \(401\)"):
            kube.list("pods", NS)
        path.write_text("half written: [", encoding="utf-8")
        with pytest.raises(NotAllowed, match="401"):
            kube.list("pods", NS)
        server.write_kubeconfig(path)
        reads(kube)
    finally:
        kube.close()


def test_a_kubeconfig_that_names_another_cluster_is_refused(server: ApiServer, tmp_path: Path) -> None:
    path = server.write_kubeconfig(tmp_path / "config")
    kube = connect(str(path))
    other, _ = start()
    try:
        with other:
            reads(kube)
            other.write_kubeconfig(path)
            server.expire_tokens()
            with pytest.raises(NotAllowed, match="401"):
                kube.list("pods", NS)
            assert other.attempts == []
    finally:
        kube.close()


def test_a_port_is_opened_with_the_new_token(server: ApiServer, tmp_path: Path) -> None:
    kube = connect(str(server.write_kubeconfig(tmp_path / "config", token_file=tmp_path / "token")))
    try:
        pod = next(one["metadata"]["name"] for one in kube.list("pods", NS) if "database" in one["metadata"]["name"])
        server.expire_tokens()
        kube.open_port(NS, pod, 5432).shutdown()
    finally:
        kube.close()


@pytest.mark.parametrize("text", ["half written: [", "- a list", "", "clusters: 5"])
def test_a_kubeconfig_that_is_none_gets_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=f"^--kubeconfig {path}: cannot be used .*; does kubectl work with it"):
        connect(str(path))
