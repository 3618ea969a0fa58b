"""Pictures: every generation of the chart, every variant, and what can be wrong."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from kubernetes import client

from cluster import broken
from cluster.backends import Backends
from cluster.chart import CHARTS, WORKERS, Generation
from cluster.conftest import Cluster, connected
from cluster.installed import Installed
from cluster.picture import Picture, render, start
from cluster.settle import is_ready

Json = dict[str, Any]
TYPED = (
    (client.CoreV1Api, "pod service secret config_map endpoints event persistent_volume_claim service_account"),
    (client.AppsV1Api, "deployment stateful_set replica_set"),
    (client.BatchV1Api, "job cron_job"),
    (client.NetworkingV1Api, "network_policy ingress"),
)


@pytest.mark.parametrize("generation", CHARTS)
@pytest.mark.parametrize("route", ["route", "ingress", "none"])
def test_the_client_of_kubernetes_accepts_every_object(
    generation: Generation, route: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server, picture = start(Installed(release="prod", generation=generation, route=route))
    path = tmp_path_factory.mktemp("kube") / "config"
    with server, connected(server.write_kubeconfig(path)) as cluster:
        found = 0
        for api, kinds in TYPED:
            for kind in kinds.split():
                function = "list_config_map" if kind == "config_map" else f"list_{kind}"
                found += len(getattr(api(cluster.api), f"{function}_for_all_namespaces")().items)
        customs = {"Route", "Kafka", "KafkaTopic", "Keycloak", "Namespace", "Node"}
        assert found == sum(key[0] not in customs for key in picture.objects)


def references(picture: Picture) -> set[tuple[str, str]]:
    """Every key of a secret that a variable of a pod of ours needs."""
    found = set()
    for pod in picture.of_kind("Pod"):
        for container in pod["spec"]["containers"]:
            for variable in container.get("env", []):
                if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                    found.add((reference["name"], reference["key"]))
    return found


@pytest.mark.parametrize("generation", CHARTS)
@pytest.mark.parametrize("release", ["cost-onprem", "prod", "koku"])
def test_what_pods_refer_to_is_there(generation: Generation, release: str) -> None:
    picture = render(Installed(release=release, generation=generation), Backends(cache_password="x"))
    assert references(picture)
    for name, key in references(picture):
        assert base64.b64decode(picture.get("Secret", name)["data"][key])
    for pod in picture.of_kind("Pod"):
        for volume in pod["spec"].get("volumes", []):
            if "configMap" in volume:
                assert picture.get("ConfigMap", volume["configMap"]["name"])
            if "persistentVolumeClaim" in volume:
                assert picture.get("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])


def variables(picture: Picture, workload: str) -> dict[str, Json]:
    return {entry["name"]: entry for entry in picture.pods(workload)[0]["spec"]["containers"][0]["env"]}


@pytest.mark.parametrize(
    ("generation", "release", "database", "secret", "masu"),
    [
        ("current", "cost-onprem", "cost-onprem-database", "cost-onprem-db-credentials", "cost-onprem-koku-masu"),
        (
            "current",
            "prod",
            "prod-cost-onprem-database",
            "prod-cost-onprem-db-credentials",
            "prod-cost-onprem-koku-masu",
        ),
        (
            "split",
            "prod",
            "prod-cost-onprem-database",
            "prod-cost-onprem-db-credentials",
            "prod-cost-onprem-koku-api-masu",
        ),
        ("first", "koku", "postgres", "koku-db-credentials", "koku-koku-api-masu"),
    ],
)
def test_each_generation_has_its_own_names(
    generation: Generation, release: str, database: str, secret: str, masu: str
) -> None:
    picture = render(Installed(release=release, generation=generation))
    told = variables(picture, "masu")
    assert told["DATABASE_SERVICE_HOST"]["value"] == database
    assert told["DATABASE_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == secret
    assert picture.controller("masu")["metadata"]["name"] == masu
    assert (picture.get("StatefulSet", database)["spec"]["replicas"], len(picture.pods("database"))) == (1, 1)
    assert all(picture.pods(f"worker-{queue}") for queue in WORKERS)


def test_what_is_brought_along_is_not_in_the_cluster() -> None:
    outside = Installed(database="external", cache="external", object_store="external", kafka="external")
    backends = Backends(
        database=("127.0.0.1", 5), cache=("127.0.0.1", 6), kafka=("127.0.0.1", 7), object_store=("h", 8)
    )
    picture = render(outside, backends)
    assert not picture.pods("database")
    assert not picture.pods("cache")
    assert not picture.of_kind("Pod", "kafka")
    told = {name: entry.get("value") for name, entry in variables(picture, "listener").items()}
    assert (told["DATABASE_SERVICE_HOST"], told["DATABASE_SERVICE_PORT"]) == ("127.0.0.1", "5")
    assert (told["INSIGHTS_KAFKA_HOST"], told["INSIGHTS_KAFKA_PORT"]) == ("127.0.0.1", "7")
    assert told["S3_ENDPOINT"] == "http://h:8"
    assert told["REDIS_PORT"] == "6"


def test_a_cluster_without_routes_does_not_know_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    server, _ = start(Installed(route="none"))
    path = tmp_path_factory.mktemp("kube") / "config"
    with server, connected(server.write_kubeconfig(path)) as cluster:
        groups = {group.name for group in client.ApisApi(cluster.api).get_api_versions().groups}
    assert "route.openshift.io" not in groups
    assert "apps" in groups


def test_a_healthy_picture_has_pods_ready_and_addresses() -> None:
    server, picture = start()
    server.stop()
    running = [pod for pod in picture.of_kind("Pod") if pod["status"]["phase"] == "Running"]
    assert len(running) > 20
    assert all(is_ready(pod) for pod in running)
    assert all(entry["subsets"][0]["addresses"] for entry in picture.of_kind("Endpoints"))
    for entry in [*picture.of_kind("Deployment"), *picture.of_kind("StatefulSet")]:
        assert entry["status"]["readyReplicas"] == entry["spec"]["replicas"]


def first_status(picture: Picture, workload: str) -> Json:
    status: Json = picture.pods(workload)[0]["status"]["containerStatuses"][0]
    return status


def waiting(workload: str, reason: str) -> Callable[[Picture], bool]:
    return lambda picture: first_status(picture, workload)["state"]["waiting"]["reason"] == reason


def unavailable(workload: str) -> Callable[[Picture], bool]:
    return lambda picture: picture.controller(workload)["status"].get("unavailableReplicas", 0) > 0


WRONG: dict[str, tuple[Callable[[Picture], None], Callable[[Picture], bool]]] = {
    "not ready": (lambda p: broken.pod_not_ready(p, "api"), unavailable("api")),
    "no address": (
        lambda p: broken.pod_not_ready(p, "api"),
        lambda p: "addresses" not in p.get("Endpoints", "cost-onprem-koku-api")["subsets"][0],
    ),
    "crash loop": (lambda p: broken.crash_loop(p, "masu"), waiting("masu", "CrashLoopBackOff")),
    "out of memory": (
        lambda p: broken.killed_out_of_memory(p, "listener"),
        lambda p: first_status(p, "listener")["lastState"]["terminated"]["exitCode"] == 137,
    ),
    "restarted": (lambda p: broken.restarted(p, "beat"), lambda p: first_status(p, "beat")["restartCount"] == 12),
    "image": (lambda p: broken.image_pull_back_off(p, "ingress"), waiting("ingress", "ImagePullBackOff")),
    "secret": (
        lambda p: broken.missing_secret(p, "cost-onprem-db-credentials"),
        waiting("worker-ocp", "CreateContainerConfigError"),
    ),
    "secret key": (
        lambda p: broken.missing_secret_key(p, "cost-onprem-storage-credentials", "secret-key"),
        waiting("api", "CreateContainerConfigError"),
    ),
    "config map": (
        lambda p: broken.missing_config_map(p, "cost-onprem-aws-config"),
        waiting("listener", "ContainerCreating"),
    ),
    "claim": (
        lambda p: broken.claim_pending(p, "database"),
        lambda p: p.pods("database")[0]["status"]["phase"] == "Pending",
    ),
    "no room": (lambda p: broken.unschedulable(p, "worker-ocp"), unavailable("worker-ocp")),
    "zero": (
        lambda p: broken.scaled_to_zero(p, "worker-summary"),
        lambda p: p.controller("worker-summary")["status"]["replicas"] == 0,
    ),
    "one too few": (lambda p: broken.too_few_replicas(p, "listener"), unavailable("listener")),
    "no workload": (
        lambda p: broken.missing_workload(p, "gateway"),
        lambda p: ("Service", "cost-onprem", "cost-onprem-gateway") not in p.objects,
    ),
    "no endpoints": (
        lambda p: broken.service_without_endpoints(p, "masu"),
        lambda p: "subsets" not in p.get("Endpoints", "cost-onprem-koku-masu"),
    ),
    "no route": (broken.missing_route, lambda p: not p.of_kind("Route")),
    "migration failed": (
        broken.migration_failed,
        lambda p: p.get("Job", "cost-onprem-koku-migrate")["status"]["failed"] == 1,
    ),
    "migration runs": (
        broken.migration_running,
        lambda p: p.get("Job", "cost-onprem-koku-migrate")["status"]["active"] == 1,
    ),
    "policy": (
        lambda p: broken.network_policy_blocks(p, "database"),
        lambda p: p.get("NetworkPolicy", "deny-database")["spec"]["ingress"] == [],
    ),
    "brokers": (
        broken.brokers_not_ready,
        lambda p: all(not is_ready(pod) for pod in p.of_kind("Pod", "kafka")),
    ),
    "quota": (lambda p: broken.quota_exceeded(p, "worker-ocp"), lambda p: not p.pods("worker-ocp")),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_shows_in_the_server_and_only_then(own: Cluster, picture: Picture, what: str) -> None:
    change, shows = WRONG[what]
    server, mine = start()
    with server:
        try:
            healthy = shows(mine)
        except KeyError:
            healthy = False
        assert not healthy
        change(mine)
        mine.load(server)
        assert shows(mine)
        shown = {
            (kind.kind, entry["metadata"].get("namespace", ""), entry["metadata"]["name"])
            for kind in server.store.kinds.all
            for entry in server.store.objects(kind)[0]
        }
        assert shown == set(mine.objects)


def test_a_crash_loop_leaves_a_log_and_an_event() -> None:
    server, picture = start()
    with server:
        broken.crash_loop(picture, "masu", log="first\nKeyError: 'x'")
        picture.load(server)
        pod = picture.pods("masu")[0]["metadata"]["name"]
        lines = server.logs.lines("cost-onprem", pod, "masu", previous=True)
        assert lines is not None
        assert [line.text for line in lines] == ["first", "KeyError: 'x'"]
        (event,) = picture.of_kind("Event")
    assert (event["reason"], event["involvedObject"]["name"], event["count"]) == ("BackOff", pod, 7)


def test_the_defects_of_the_chart_are_in_it_and_can_be_mended() -> None:
    picture = render()
    assert "KAFKA_CONSUMER_GROUP_ID" in variables(picture, "listener")

    def defects() -> tuple[bool, bool, bool]:
        ingress = picture.pods("ingress")[0]["spec"]["containers"][0]
        worker = picture.pods("worker-ocp")[0]["spec"]["containers"][0]
        policy = picture.get("NetworkPolicy", "cost-onprem-rbac-api-access")
        return ingress["image"].endswith(":master"), "livenessProbe" not in worker, "masu" in str(policy)

    assert defects() == (True, True, True)
    broken.mend_chart_defects(picture)
    assert defects() == (False, False, False)


def test_two_releases_fit_into_one_namespace() -> None:
    picture = render()
    before = len(picture.objects)
    picture.join(render(Installed(release="prod")))
    assert len(picture.objects) > before + 90
    assert picture.get("Deployment", "prod-cost-onprem-koku-api")
    assert picture.get("Deployment", "cost-onprem-koku-api")


def test_database_and_cache_may_come_from_a_release_of_their_own() -> None:
    picture = render(Installed(release="koku", generation="first", infrastructure_release="infrastructure"))
    instances = {
        workload: picture.pods(workload)[0]["metadata"]["labels"]["app.kubernetes.io/instance"]
        for workload in ("database", "cache", "api")
    }
    assert instances == {"database": "infrastructure", "cache": "infrastructure", "api": "koku"}
