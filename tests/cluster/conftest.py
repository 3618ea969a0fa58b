"""One server per test module, and clients that leave nothing open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from cluster.picture import Picture, start
from cluster.server import ApiServer

REAL = os.environ.get("E2E_TEST_KUBECONFIG", "")
"""A kubeconfig of a real cluster, whose current namespace has pods: what only reads is tested there too."""


@dataclass(frozen=True)
class Cluster:
    """A cluster as a client sees it."""

    kubeconfig: Path
    namespace: str
    api: Any
    """A ``kubernetes.client.ApiClient``."""

    @property
    def core(self) -> Any:
        return client.CoreV1Api(self.api)

    @property
    def apps(self) -> Any:
        return client.AppsV1Api(self.api)

    @property
    def custom(self) -> Any:
        return client.CustomObjectsApi(self.api)


@contextmanager
def connected(kubeconfig: Path) -> Iterator[Cluster]:
    """A client for a kubeconfig."""
    untyped: Any = config
    _, context = untyped.list_kube_config_contexts(str(kubeconfig))
    api = untyped.new_client_from_config(str(kubeconfig))
    try:
        yield Cluster(kubeconfig, context["context"].get("namespace", "default"), api)
    finally:
        api.rest_client.pool_manager.clear()
        api.close()


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[ApiServer, Picture]]:
    """Our server with the picture of a healthy deployment, without servers behind it."""
    server, picture = start()
    with server:
        yield server, picture


@pytest.fixture(scope="module")
def server(shown: tuple[ApiServer, Picture]) -> ApiServer:
    return shown[0]


@pytest.fixture(scope="module")
def picture(shown: tuple[ApiServer, Picture]) -> Picture:
    return shown[1]


@pytest.fixture(scope="module")
def own(server: ApiServer, picture: Picture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A client of our server that may do everything."""
    path = tmp_path_factory.mktemp("kube") / "config"
    server.write_kubeconfig(path, user="administrator", namespace=picture.installed.namespace)
    with connected(path) as found:
        yield found


@pytest.fixture(scope="module", params=["own", *(["real"] if REAL else [])])
def either(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Our server, and a real cluster too if one is given: both must pass the same tests."""
    if request.param == "own":
        yield request.getfixturevalue("own")
        return
    with connected(Path(REAL)) as found:
        yield found


@contextmanager
def user(server: ApiServer, path: Path, **options: Any) -> Iterator[Cluster]:
    """A client of our server, with the options of ``write_kubeconfig``."""
    server.write_kubeconfig(path, **{"namespace": "cost-onprem", **options})
    with connected(path) as found:
        yield found
