"""Each check of preflight on the cluster fires in a picture, with what a user reads, and not in a healthy one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from checks_pictures import CASES, NS
from checks_scene import Scene
from cluster import broken
from cluster.installed import Installed
from cluster.picture import Picture, start
from cluster.roles import Role, Rule
from cluster.server import ApiServer

from e2e_validator.checks import registry
from e2e_validator.errors import Blocked
from e2e_validator.phases import preflight

READS = ("pods", "services", "endpoints", "events", "secrets", "configmaps", "persistentvolumeclaims")
READER = Role(
    (
        Rule(("get", "list"), READS),
        Rule(("list",), ("deployments", "statefulsets"), ("apps",)),
        Rule(("list",), ("jobs",), ("batch",)),
        Rule(("list",), ("networkpolicies",), ("networking.k8s.io",)),
    )
)


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[ApiServer, Picture]]:
    """One server for all scenes."""
    server, picture = start()
    with server:
        yield server, picture


@pytest.fixture
def scene(shown: tuple[ApiServer, Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A deployment without any fault, as the chart's own are mended too."""
    found = Scene(*shown, tmp_path)
    found.patched(monkeypatch)
    broken.mend_chart_defects(found.picture)
    found.set_variable("masu", "CURRENCY_URL", "https://rates.example.test")
    yield found
    found.over()


def test_nothing_is_said_of_a_healthy_deployment(scene: Scene) -> None:
    found = scene.look()
    assert [line for result in found for line in result.lines() if not line.startswith("ok    ")] == []
    of_others = {"Trino", "cloud", "bucket of the source"}
    assert [result.name for result in found] == [
        check.name
        for of_scenario in (False, True)
        for check in registry.CHECKS
        if check.of_scenario is of_scenario and check.name not in of_others
    ]
    assert scene.servers.stored == {}


@pytest.mark.parametrize(
    "installed",
    [
        {"generation": "split"},
        {"generation": "first", "database": "external"},
        {"generation": "first", "infrastructure_release": "infra"},
        {"release": "prod", "namespace": "finance"},
        {"route": "none", "kafka": "none", "cache": "external", "keycloak": False},
    ],
    ids=str,
)
def test_no_generation_of_the_chart_is_blocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: dict[str, str]
) -> None:
    server, picture = start(Installed(**installed))  # type: ignore[arg-type] # what a case says
    with server:
        found = Scene(server, picture, tmp_path)
        found.patched(monkeypatch)
        said = [line for result in found.look() for line in result.lines()]
    assert [line for line in said if line.startswith("FAIL ")] == []


@pytest.mark.parametrize(
    ("check", "change", "sentence"), CASES, ids=[f"{case[0]}-{at}" for at, case in enumerate(CASES)]
)
def test_a_picture_in_which_a_check_fires(
    scene: Scene, check: str, change: Callable[[Picture], None], sentence: str
) -> None:
    change(scene.picture)
    said = scene.told(check)
    assert [line for line in said if line.startswith(sentence)], said
    assert len(said) == 1, said


def test_a_job_that_names_another_secret_than_the_pods_is_told(scene: Scene) -> None:
    """The chart's job for resource optimisation does, when the database's secret has a name of its own (1.11)."""
    secret = {"secretKeyRef": {"name": "other-db-credentials", "key": "ros-password"}}
    job = scene.picture.get("Job", f"{NS}-koku-migrate")
    job["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "valueFrom": secret}]
    assert scene.told("configuration") == [
        (
            f"warning: there is no secret other-db-credentials in namespace {NS}, which job {NS}-koku-migrate needs;"
            " make it as the chart's documentation says, or run helm upgrade"
        )
    ]


def test_no_secret_is_kept_in_what_was_seen(scene: Scene) -> None:
    broken.quota_exceeded(scene.picture, "kruize")
    scene.picture.load(scene.server)
    registry.results(scene.context(s3_secret_key="team-quota"))
    kept = (scene.folder / registry.SEEN).read_text(encoding="utf-8")
    assert "exceeded quota: ***" in kept
    assert "team-quota" not in kept


def test_restarts_and_kills_are_told_with_what_to_read(scene: Scene) -> None:
    broken.crash_loop(scene.picture, "masu")
    broken.killed_out_of_memory(scene.picture, "listener")
    (restarted,), (killed,) = scene.told("restarts"), scene.told("killed containers")
    assert "ends again and again (7 restarts, last with exit code 1); read kubectl logs -n cost-onprem" in restarted
    assert restarted.endswith(" -c masu --previous")
    assert killed.endswith(
        " was killed (exit code 137, OOMKilled); raise its memory limit of 600Mi; what it was working on may be lost"
    )


@pytest.mark.parametrize("transport", ["gateway", "kafka"])
def test_who_comes_through_kafka_needs_a_listener(scene: Scene, transport: str) -> None:
    broken.missing_workload(scene.picture, "listener")
    assert scene.told("replicas") == []
    sentence = f"error: release {NS} in namespace {NS} has no listener"
    assert scene.told("replicas", transport=transport)[0].startswith(sentence)


def test_a_policy_is_held_against_the_running_pod(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("HOSTNAME", "debug-shell")
    assert scene.told("network policies") == [
        (
            f"error: network policy {NS}-koku-api-access in namespace {NS} keeps this pod from {NS}-koku-api;"
            " add a policy that lets in the labels of this job"
        )
    ]


@pytest.mark.parametrize(
    ("verb", "resource", "group", "check"),
    [
        ("list", "deployments", "apps", "replicas"),
        ("list", "events", "", "replicas"),
        ("get", "secrets", "", "configuration"),
        ("list", "persistentvolumeclaims", "", "storage"),
        ("list", "endpoints", "", "endpoints"),
        ("list", "jobs", "batch", "migrations"),
        ("list", "networkpolicies", "networking.k8s.io", "network policies"),
    ],
)
def test_a_permission_that_is_missing_is_named_and_blocks(
    scene: Scene, verb: str, resource: str, group: str, check: str
) -> None:
    broken.pod_not_ready(scene.picture, "kruize")  # why, the events say
    scene.user = {"user": "reader", "role": READER.without(verb, resource, group)}
    said = scene.told(check)
    assert said == [
        (
            f"error: it cannot be looked at: not allowed to {verb} {resource} in namespace {NS}"
            f"{_object(resource)} (403); grant the permission (e2e-validator manifests prints all that are needed)"
        )
    ]


def _object(resource: str) -> str:
    return f" ({NS}-db-credentials)" if resource == "secrets" else ""


def test_a_reader_needs_no_more_rights_and_no_kafka(scene: Scene) -> None:
    role = Role(tuple(Rule(rule.verbs, rule.resources, rule.groups, (NS,)) for rule in READER.rules))
    scene.user = {"user": "reader", "role": role}
    said = [line for result in scene.look() for line in result.lines() if not line.startswith("ok    ")]
    assert said == [
        (
            "skip  brokers: Kafka's pods were not looked at: not allowed to list pods in namespace kafka (403);"
            " grant the permission (e2e-validator manifests prints all that are needed)"
        )
    ]


def test_what_was_seen_once_in_a_run_is_not_asked_again(scene: Scene) -> None:
    scene.look()
    broken.pod_not_ready(scene.picture, "masu")
    scene.picture.load(scene.server)
    again = registry.results(scene.context())
    assert not any(result.issues for result in again)


def test_what_blocks_is_looked_at_again(scene: Scene) -> None:
    broken.scaled_to_zero(scene.picture, "beat")
    assert scene.told("replicas")
    assert not (scene.folder / registry.SEEN).exists()


def test_preflight_blocks_with_the_cause_first_and_tells_all(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("identity", "masu", "transport", "postgresql", "tables", "objects", "source_key", "locks", "inventory")
    for name in names:
        monkeypatch.setattr(preflight, f"_{name}", lambda _: "fine")
    monkeypatch.setattr(preflight, "_koku", lambda _: (_ for _ in ()).throw(Blocked("the API did not answer")))
    broken.image_pull_back_off(scene.picture, "api")
    scene.picture.load(scene.server)
    with pytest.raises(Blocked) as failure:
        preflight.run(scene.context())
    assert " preflight checks failed; replicas: deployment cost-onprem-koku-api in namespace" in failure.value.headline
    lines = failure.value.detail.splitlines()
    assert "FAIL  Koku API: the API did not answer" in lines
    assert any(line.startswith("FAIL  images: deployment cost-onprem-koku-api") for line in lines)


def test_an_api_server_that_is_away_blocks(shown: tuple[ApiServer, Picture], scene: Scene) -> None:
    scene.picture.load(scene.server)
    the_context = scene.context()
    shown[0].go_away()
    try:
        found = registry.results(the_context)
    finally:
        shown[0].come_back()
    (told,) = next(result.issues for result in found if result.name == "replicas")
    assert str(told).startswith(f"it cannot be looked at: list deployments in namespace {NS}: the API server did not")
