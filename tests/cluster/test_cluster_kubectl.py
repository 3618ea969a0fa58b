"""The real kubectl reads the same server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from patience import ANSWER_SECONDS

from cluster.conftest import Cluster
from cluster.picture import Picture
from cluster.roles import Role, Rule
from cluster.server import ApiServer

KUBECTL = shutil.which(os.environ.get("E2E_TEST_KUBECTL", "kubectl"))
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl on this machine")
# Until 1.30 kubectl ran programs over SPDY alone, which our server does not speak.
WEBSOCKETS_SINCE = 31
COMPONENT = "app.kubernetes.io/component"


def kubectl(kubeconfig: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    # Its cache of what a server offers is for one host and port, which another server may have had.
    options = ("--kubeconfig", str(kubeconfig), "--cache-dir", str(kubeconfig.parent / "cache"))
    return subprocess.run(
        (str(KUBECTL), *options, *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=ANSWER_SECONDS,
        check=False,
    )


def output(cluster: Cluster, *arguments: str, stdin: str = "") -> str:
    done = kubectl(cluster.kubeconfig, "-n", cluster.namespace, *arguments, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def websockets() -> None:
    told = subprocess.run((str(KUBECTL), "version", "--client", "-o", "json"), capture_output=True, check=True)
    version = json.loads(told.stdout)["clientVersion"]
    if int(version["minor"].rstrip("+")) < WEBSOCKETS_SINCE:
        pytest.skip(f"kubectl {version['gitVersion']} runs programs over SPDY only")


def listener(picture: Picture) -> str:
    return str(picture.pods("listener")[0]["metadata"]["name"])


def test_it_finds_pods_by_label(own: Cluster, picture: Picture) -> None:
    told = output(
        own, "get", "pods", "-l", f"{COMPONENT} in (cost-worker),cost-onprem.io/worker-queue=ocp", "-o", "name"
    )
    assert told.split() == sorted(f"pod/{pod['metadata']['name']}" for pod in picture.pods("worker-ocp"))
    assert output(own, "get", "po", "--field-selector", "status.phase=Succeeded", "-o", "name").count("pod/") == 1


def test_it_prints_objects_as_json(own: Cluster) -> None:
    found = json.loads(output(own, "get", "deployments", "-o", "json"))
    assert {entry["kind"] for entry in found["items"]} == {"Deployment"}
    assert all(entry["status"]["readyReplicas"] == entry["spec"]["replicas"] for entry in found["items"])
    route = json.loads(output(own, "get", "routes.route.openshift.io", "cost-onprem-api", "-o", "json"))
    assert route["spec"]["path"] == "/api"


def test_it_prints_a_table_of_every_kind(own: Cluster) -> None:
    told = output(own, "get", "all,secrets,configmaps,pvc,networkpolicies,endpoints,routes")
    for name in ("deployment.apps/cost-onprem-koku-api", "secret/cost-onprem-db-credentials", "service/cost-onprem-ui"):
        assert name in told
    assert "No resources found" not in told


def test_it_describes_a_pod(own: Cluster, picture: Picture) -> None:
    told = output(own, "describe", "pod", listener(picture))
    assert "DATABASE_SERVICE_HOST:" in told
    assert "set to the key 'koku-password' in secret 'cost-onprem-db-credentials'" in told


def test_it_reads_logs(own: Cluster, picture: Picture) -> None:
    assert output(own, "logs", listener(picture), "--tail=1").endswith("Consumer is listening for messages...\n")
    assert output(own, "logs", "-l", f"{COMPONENT}=listener", "--prefix").count("Kafka is running") == 2


@pytest.mark.usefixtures("websockets")
def test_it_runs_programs_with_their_exit_codes(own: Cluster, picture: Picture) -> None:
    done = kubectl(own.kubeconfig, "-n", own.namespace, "exec", listener(picture), "--", "sh", "-c", "echo out; exit 3")
    assert (done.returncode, done.stdout) == (3, "out\n")
    assert "command terminated with exit code 3" in done.stderr


@pytest.mark.usefixtures("websockets")
def test_it_sends_input_and_ends_it(own: Cluster, picture: Picture) -> None:
    lines = "".join(f"{number}\n" for number in range(50_000))
    assert output(own, "exec", "-i", listener(picture), "--", "cat", stdin=lines) == lines


def test_it_tells_what_it_may(server: ApiServer, tmp_path: Path) -> None:
    path = server.write_kubeconfig(
        tmp_path / "config", user="reader", role=Role((Rule(("get",), ("pods",)),)), namespace="cost-onprem"
    )
    assert kubectl(path, "get", "pods").stderr == (
        'Error from server (Forbidden): pods is forbidden: User "reader" cannot list resource "pods" '
        'in API group "" in the namespace "cost-onprem"\n'
    )
    assert kubectl(path, "auth", "can-i", "get", "pods").stdout == "yes\n"
    assert kubectl(path, "auth", "can-i", "list", "pods").stdout == "no\n"
    assert "pods" in kubectl(path, "auth", "can-i", "--list").stdout


def test_what_is_not_there_is_said(own: Cluster) -> None:
    done = kubectl(own.kubeconfig, "-n", own.namespace, "get", "secret", "gone")
    assert done.stderr == 'Error from server (NotFound): secrets "gone" not found\n'
