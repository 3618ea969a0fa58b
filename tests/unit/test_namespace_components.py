"""The release and its components, by the labels of every known chart; ambiguity lists the candidates."""

from __future__ import annotations

import pytest
from namespace_objects import NS, component, env, pod

from e2e_validator.deployment.namespace.components import (
    Component,
    components_of,
    find_components,
    find_queues,
    find_release,
    needed_queues,
    queues_of,
)
from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.pods import Pod

NOTHING = Overrides()


def release_of(pods: list[Pod], given: Overrides = NOTHING) -> tuple[str | None, Found]:
    found = Found()
    return find_release(pods, NS, given, found), found


def given(name: str, value: str) -> Overrides:
    return Overrides({name: Value(name, value, "--set")})


def test_the_release_is_read_from_the_label_of_any_name() -> None:
    release, found = release_of([pod("x", component("cost-processor", "prod")), pod("n", component("api", "other"))])
    assert release == "prod"
    value = found.value("release")
    assert value is not None
    assert value.origin == "label app.kubernetes.io/instance of pod x"


def test_two_releases_are_an_error_and_one_can_be_chosen() -> None:
    pods = [pod("a", component("cost-processor", "blue")), pod("b", component("listener", "green"))]
    release, found = release_of(pods)
    assert release is None
    assert found.failures[0].text == "Namespace cost has 2 releases: blue, green; choose one with --set release=NAME."
    assert release_of(pods, given("release", "green"))[0] == "green"
    release, found = release_of(pods, given("release", "red"))
    assert release is None
    assert found.failures[0].text == "--set: no Koku of release red in namespace cost; releases there: blue, green."


def test_pods_that_have_ended_make_no_second_release() -> None:
    pods = [pod("a", component("listener", "new")), pod("b", component("listener", "old"), phase="Failed")]
    assert release_of(pods)[0] == "new"


@pytest.mark.parametrize(
    ("pods", "sentence"),
    [
        ([], "Namespace cost has no pods; is it the right one, and the right --context?"),
        ([pod("a", component("web"))], "components there: web."),
        ([pod("a", {})], "none of its pods has the label app.kubernetes.io/component."),
    ],
)
def test_a_namespace_without_koku_says_what_is_there(pods: list[Pod], sentence: str) -> None:
    release, found = release_of(pods)
    assert release is None
    assert found.failures[0].text.endswith(sentence)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("api", {"c": "cost-management-api"}),
        ("api", {"c": "cost-management-api-writes"}),
        ("api", {"c": "cost-management-api", "cost-onprem.io/api-type": "writes"}),
        ("api", {"c": "cost-management-api", "api-type": "writes"}),
        ("masu", {"c": "cost-processor"}),
        ("masu", {"c": "masu"}),
        ("listener", {"c": "listener"}),
        ("listener", {"c": "koku-listener"}),
        ("beat", {"c": "cost-scheduler"}),
        ("beat", {"c": "cost-management-celery", "celery-type": "beat"}),
        ("worker", {"c": "cost-worker", "cost-onprem.io/worker-queue": "ocp"}),
        ("worker", {"c": "cost-worker-ocp"}),
        ("worker", {"c": "cost-management-celery", "celery-type": "worker", "worker-queue": "ocp"}),
        ("database", {"c": "postgresql"}),
        ("cache", {"c": "cache"}),
        ("trino", {"c": "trino-coordinator"}),
        ("trino-worker", {"c": "trino-worker"}),
        ("metastore", {"c": "hive-metastore"}),
        ("metastore-database", {"c": "hive-metastore-db"}),
    ],
)
def test_a_component_is_found_by_the_labels_of_every_chart(name: str, labels: dict[str, str]) -> None:
    labels = dict(labels)
    made = pod("p", component(labels.pop("c"), **labels))
    assert list(components_of([made], "cost-onprem")) == [name]


def test_of_the_api_in_two_deployments_the_writing_one_is_taken() -> None:
    pods = [
        pod("reads", component("cost-management-api", **{"api-type": "reads"})),
        pod("writes", component("cost-management-api", **{"api-type": "writes"})),
    ]
    assert [one.name for one in components_of(pods, "cost-onprem")["api"].pods] == ["writes"]


def test_another_release_s_pods_are_not_ours() -> None:
    pods = [pod("ours", component("cost-processor")), pod("theirs", component("cost-processor", "other"))]
    assert [one.name for one in components_of(pods, "cost-onprem")["masu"].pods] == ["ours"]


def test_the_pod_to_look_at_is_one_that_is_ready() -> None:
    made = Component("api", {}, (pod("a", {}, ready=False), pod("b", {})))
    assert made.best.name == "b"


def test_what_is_missing_or_not_ready_is_said() -> None:
    found = Found()
    find_components(
        [pod("api-0", component("cost-management-api"), ready=False, phase="Pending")], "cost-onprem", found
    )
    told = {remark.name: remark.text for remark in found.remarks}
    assert told["component.api"] == "No pod of api is ready: api-0 is Pending."
    assert told["component.masu"].startswith(
        "There is no pod of masu (looked for app.kubernetes.io/component=cost-processor"
    )
    assert set(told) == {"component.api", "component.masu", "component.worker", "component.beat"}


@pytest.mark.parametrize(
    ("labels", "variables", "queues"),
    [
        ({"cost-onprem.io/worker-queue": "cost-model"}, {}, ["cost_model"]),
        ({"cost-onprem.io/worker-queue": "default"}, {}, ["celery"]),
        ({"worker-queue": "summary"}, {}, ["summary"]),
        ({"app.kubernetes.io/component": "cost-worker-cost-model"}, {}, ["cost_model"]),
        ({"worker-queue": "summary"}, {"WORKER_QUEUES": "ocp, priority"}, ["ocp", "priority"]),
        ({}, {}, []),
    ],
)
def test_the_queues_of_a_worker(labels: dict[str, str], variables: dict[str, str], queues: list[str]) -> None:
    assert queues_of(pod("w", labels, variables=env(**variables))) == queues


def test_a_queue_that_nobody_serves_is_said() -> None:
    workers = [
        pod(queue, component("cost-worker", **{"worker-queue": queue})) for queue in ("ocp", "default", "summary")
    ]
    found = Found()
    find_queues({"worker": Component("worker", {}, tuple(workers))}, found)
    assert [remark.text for remark in found.remarks] == ["No worker serves the queue cost_model, priority."]
    assert found.get("queue.celery") == "1/1 ready"


def test_what_koku_polls_goes_through_queues_of_its_own() -> None:
    assert needed_queues("onprem") == ("celery", "cost_model", "ocp", "priority", "summary")
    assert needed_queues("classic") == ("celery", "download", "priority", "summary")
