"""Preflight's checks on a chart of the time of Trino: what the classic stack needs beside what every Koku does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from checks_scene import Scene
from cluster import broken
from cluster.installed import Installed
from cluster.picture import Picture, start
from cluster.server import ApiServer

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks import registry
from e2e_validator.engine.context import Context
from e2e_validator.providers.aws.names import EVERY_ENDPOINT, NAMES
from e2e_validator.scenario.model import Source

NS = "cost-onprem"
OF_TRINO = Installed(generation="first", release="koku", infrastructure_release="infrastructure", onprem=False)
BUCKET = "e2e-scenario-x-0123abcd"
API, DOWNLOAD = "koku-koku-api-writes", "koku-celery-worker-download"


class ClassicScene(Scene):
    """A chart with Trino, and a source that Koku polls."""

    def context(self, **change: Any) -> Context:
        """As ``Scene``; the clients are those of such a source."""
        made = super().context(**{"transport": "masu", "stack": "classic", "auth": None, "kafka": None} | change)
        clients = cast("Any", made.clients)
        clients.names = NAMES
        clients.warehouse = None if change.get("trino") == "none" else SimpleNamespace(rows=self._rows)
        scenario = made.loaded.scenario.model_copy(update={"source": Source(type="AWS")})
        return replace(made, loaded=replace(made.loaded, scenario=scenario))

    def _rows(self, _statement: str) -> list[tuple[str]]:
        if self.servers.trino is not None:
            raise self.servers.trino
        return [("default",)]

    def led_elsewhere(self, *names: str) -> None:
        """Tell the pods that ask where to ask, by these variables alone."""
        for workload in ("api", "worker-default", "worker-download", "worker-priority", "worker-summary"):
            for container in self.picture.controller(workload)["spec"]["template"]["spec"]["containers"]:
                container["env"] = [one for one in container["env"] if not one["name"].startswith(EVERY_ENDPOINT)]
                container["env"] += [{"name": name, "value": "http://cloud.test"} for name in names]


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[ApiServer, Picture]]:
    server, picture = start(OF_TRINO)
    with server:
        yield server, picture


@pytest.fixture
def scene(shown: tuple[ApiServer, Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassicScene]:
    found = ClassicScene(*shown, tmp_path)
    found.patched(monkeypatch)
    found.led_elsewhere(EVERY_ENDPOINT)
    yield found
    found.over()


def test_a_healthy_chart_with_trino_is_not_blocked(scene: ClassicScene) -> None:
    found = scene.look()
    assert [line for result in found for line in result.lines() if line.startswith(("FAIL ", "warn "))] == []
    assert {"Trino", "cloud", "bucket of the source"} < {result.name for result in found}
    assert "writing to the bucket" not in {result.name for result in found}
    assert (scene.servers.stored, scene.servers.buckets) == ({}, set())


def without(workload: str) -> Callable[[Picture], None]:
    return lambda picture: broken.pod_not_ready(picture, workload)


@pytest.mark.parametrize(
    ("check", "change", "sentence"),
    [
        ("replicas", without("trino"), f"error: statefulset trino-coordinator in namespace {NS} has 0 of 1 pods ready"),
        (
            "replicas",
            without("trino-worker"),
            f"error: deployment trino-worker in namespace {NS} has 0 of 1 pods ready",
        ),
        (
            "replicas",
            without("metastore"),
            f"error: statefulset hive-metastore in namespace {NS} has 0 of 1 pods ready",
        ),
        (
            "replicas",
            without("metastore-database"),
            f"error: statefulset hive-metastore-db in namespace {NS} has 0 of 1 pods ready",
        ),
        ("endpoints", without("trino"), f"error: service trino-coordinator in namespace {NS} leads nowhere: none of"),
        (
            "configuration",
            lambda picture: broken.missing_secret(picture, "koku-metastore-db-credentials"),
            f"error: there is no secret koku-metastore-db-credentials in namespace {NS}, which hive-metastore,",
        ),
        (
            "queues",
            lambda picture: broken.missing_workload(picture, "worker-download"),
            f"error: no worker in namespace {NS} serves the queue download; scale its worker up, or enable it",
        ),
        (
            "network policies",
            lambda picture: broken.network_policy_blocks(picture, "trino"),
            f"error: network policy deny-trino in namespace {NS} lets nothing in to trino-coordinator; remove it",
        ),
    ],
)
def test_what_the_classic_stack_cannot_do_without_blocks(
    scene: ClassicScene, check: str, change: Callable[[Picture], None], sentence: str
) -> None:
    change(scene.picture)
    said = scene.told(check)
    assert len(said) == 1, said
    assert said[0].startswith(sentence), said


@pytest.mark.parametrize("workload", ["listener", "ingress", "worker-ocp", "worker-cost-model"])
def test_what_is_of_announced_payloads_alone_blocks_nothing(scene: ClassicScene, workload: str) -> None:
    broken.missing_workload(scene.picture, workload)
    scene.servers.brokered = Unreachable("gone")
    assert [result.name for result in scene.look(transport="masu") if result.errors] == []


def test_trino_beside_an_on_premise_koku_blocks_nothing(scene: ClassicScene) -> None:
    broken.pod_not_ready(scene.picture, "trino")
    assert all(line.startswith("warning: ") for line in scene.told("replicas", stack="onprem"))
    assert "Trino" not in {result.name for result in scene.look(stack="onprem")}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            Unreachable("Trino at x did not answer: refused"),
            "refused; mend Trino, its workers",
        ),
        (
            Refused("Trino cannot answer: No nodes available to run query", 200, ""),
            "Trino cannot answer: No nodes available to run query; mend Trino, its workers and Hive's metastore",
        ),
        (
            Refused('Trino cannot answer: UnsupportedFileSystemException No FileSystem for scheme "s3"', 200, ""),
            "Hive's metastore",
        ),
    ],
)
def test_a_trino_that_does_not_work_blocks_with_the_remedy(
    scene: ClassicScene, answer: Exception, sentence: str
) -> None:
    scene.servers.trino = answer
    (said,) = scene.told("Trino")
    assert said.startswith("error: Trino does not do SHOW SCHEMAS FROM hive: Trino ")
    assert sentence in said


def test_a_classic_target_without_trino_says_what_is_missed(scene: ClassicScene) -> None:
    made = scene.context()
    cast("Any", made.clients).warehouse = None
    (found,) = [result for result in registry.results(made) if result.name == "Trino"]
    assert [f"{one.severity.value}: {one}" for one in found.issues] == [
        (
            "not looked at: the target names no Trino, so its tables are not held against the parquet files; say where"
            " it is with trino_url"
        )
    ]


def test_pods_that_would_ask_the_cloud_itself_are_told(scene: ClassicScene) -> None:
    scene.led_elsewhere()
    (said,) = scene.told("cloud")
    assert said.startswith(f"warning: nothing tells {API}, koku-celery-worker-default, {DOWNLOAD} and 2 more")
    assert "the role (AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL); the bucket (AWS_ENDPOINT_URL_S3 or" in said


def test_of_several_endpoints_the_one_that_is_missing_is_told(scene: ClassicScene) -> None:
    # The name by which boto3 does not know the service.
    scene.led_elsewhere("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_CUR")
    (said,) = scene.told("cloud")
    assert "where to ask for the report definitions (AWS_ENDPOINT_URL_COST_AND_USAGE_REPORT_SERVICE or" in said
    assert "the role" not in said


def test_a_file_may_lead_the_pods_elsewhere(scene: ClassicScene) -> None:
    scene.led_elsewhere()
    scene.picture.get("ConfigMap", "koku-aws-config")["data"]["config"] += "endpoint_url = http://cloud.test\n"
    assert scene.told("cloud") == []


@pytest.mark.parametrize(("refused", "doing"), [("make", "make"), ("write", "write into"), ("read", "read from")])
def test_a_store_that_does_not_let_us_make_buckets_blocks(scene: ClassicScene, refused: str, doing: str) -> None:
    scene.servers.refuses = refused
    (said,) = scene.told("bucket of the source")
    assert said.startswith(f"error: the store does not let us {doing} s3://{BUCKET} (AccessDenied), where the source's")
    assert scene.servers.buckets == set()


def test_a_bucket_that_is_there_stays(scene: ClassicScene) -> None:
    """A run goes on where it was interrupted, with its files in the bucket."""
    scene.servers.buckets.add(BUCKET)
    scene.servers.stored["file"] = b"ours"
    assert scene.told("bucket of the source") == []
    assert (scene.servers.buckets, scene.servers.stored) == ({BUCKET}, {"file": b"ours"})
    scene.servers.spoils = True
    assert scene.told("bucket of the source")[0].startswith(f"error: s3://{BUCKET} does not hold what was just written")
