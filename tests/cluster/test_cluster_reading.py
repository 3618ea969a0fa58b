"""Lists, watches, secrets, logs and events, as any cluster answers them to the client of Kubernetes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client import ApiException

from cluster import objects
from cluster.clients import refused, watched
from cluster.conftest import Cluster
from cluster.server import ApiServer

Labels = dict[str, str]


def labels_of(found: Any) -> dict[str, Labels]:
    return {entry.metadata.name: entry.metadata.labels or {} for entry in found.items}


def test_the_version_is_told(either: Cluster) -> None:
    version = client.VersionApi(either.api).get_code()
    assert version.git_version.startswith("v1.")


def test_a_selector_finds_exactly_the_pods_whose_labels_fit(either: Cluster) -> None:
    every = labels_of(either.core.list_namespaced_pod(either.namespace))
    key, value = next((key, value) for labels in every.values() for key, value in labels.items())
    others = sorted({labels[key] for labels in every.values() if key in labels})[:2]
    tests: dict[str, Callable[[Labels], bool]] = {
        f"{key}={value}": lambda labels: labels.get(key) == value,
        f"{key}=={value}": lambda labels: labels.get(key) == value,
        f"{key}!={value}": lambda labels: labels.get(key) != value,
        f"{key} in ({', '.join(others)})": lambda labels: labels.get(key) in others,
        f"{key} notin ({others[0]})": lambda labels: labels.get(key) != others[0],
        key: lambda labels: key in labels,
        f"!{key}": lambda labels: key not in labels,
        f"{key},{key}={value}": lambda labels: labels.get(key) == value,
        f"{key}=nobody-has-this": lambda labels: labels.get(key) == "nobody-has-this",
    }
    for selector, fits in tests.items():
        found = labels_of(either.core.list_namespaced_pod(either.namespace, label_selector=selector))
        assert found == {name: labels for name, labels in every.items() if fits(labels)}, selector
    assert len(every) > 1


def test_a_field_selector_finds_pods_by_name_and_by_phase(either: Cluster) -> None:
    every = either.core.list_namespaced_pod(either.namespace).items
    name = every[-1].metadata.name
    found = either.core.list_namespaced_pod(either.namespace, field_selector=f"metadata.name={name}")
    assert [pod.metadata.name for pod in found.items] == [name]
    running = either.core.list_namespaced_pod(either.namespace, field_selector="status.phase=Running")
    assert len(running.items) == sum(pod.status.phase == "Running" for pod in every)


@pytest.mark.parametrize(
    "options",
    [{"label_selector": "a in b"}, {"label_selector": "=x"}, {"field_selector": "spec.containers=x"}],
    ids=str,
)
def test_a_selector_that_makes_no_sense_is_refused(either: Cluster, options: dict[str, str]) -> None:
    refused(400, either.core.list_namespaced_pod, either.namespace, **options)


def test_pods_of_all_namespaces_come_in_pages(either: Cluster) -> None:
    whole = {pod.metadata.uid for pod in either.core.list_pod_for_all_namespaces().items}
    found: set[str] = set()
    pages, token = 0, None
    while True:
        page = either.core.list_pod_for_all_namespaces(limit=7, **({"_continue": token} if token else {}))
        found |= {pod.metadata.uid for pod in page.items}
        pages += 1
        token = page.metadata._continue
        if not token:
            break
    assert found == whole
    assert pages == -(-len(whole) // 7)


def test_a_secret_that_does_not_exist_is_not_found_by_name(either: Cluster) -> None:
    told = refused(404, either.core.read_namespaced_secret, "nobody-has-this", either.namespace)
    assert told["message"] == 'secrets "nobody-has-this" not found'
    assert told["details"] == {"name": "nobody-has-this", "kind": "secrets"}


def test_a_group_that_is_not_served_is_not_found(either: Cluster) -> None:
    with pytest.raises(ApiException) as missing:
        either.custom.list_namespaced_custom_object("no.such.group", "v1", either.namespace, "things")
    assert missing.value.status == 404


def test_a_watch_from_nothing_begins_with_what_is_there(either: Cluster) -> None:
    every = {pod.metadata.name for pod in either.core.list_namespaced_pod(either.namespace).items}
    told = watched(either.core.list_namespaced_pod, either.namespace, timeout_seconds=1)
    assert every <= {event["object"].metadata.name for event in told if event["type"] == "ADDED"}


def test_the_tail_of_a_log_has_as_many_lines_as_asked(either: Cluster) -> None:
    for pod in either.core.list_namespaced_pod(either.namespace, field_selector="status.phase=Running").items:
        options = {"container": pod.spec.containers[0].name, "namespace": either.namespace}
        text = either.core.read_namespaced_pod_log(pod.metadata.name, **options, tail_lines=1)
        assert text.count("\n") <= 1


def test_a_list_says_of_which_kind_it_is_and_its_entries_do_not(either: Cluster) -> None:
    answer = either.core.list_namespaced_pod(either.namespace, _preload_content=False)
    found = json.loads(answer.data)
    assert (found["kind"], found["apiVersion"]) == ("PodList", "v1")
    assert all("kind" not in entry for entry in found["items"])


# What follows changes the cluster, or depends on what we put there.


def pod(name: str, **labels: str) -> dict[str, Any]:
    spec = {"containers": [objects.container("main", "image:1"), objects.container("side", "image:1")]}
    return objects.pod("watched", name, labels, spec, None)


def test_a_watch_tells_what_comes_changes_stops_to_fit_and_goes(server: ApiServer, own: Cluster) -> None:
    server.store.put(pod("old", app="a"))
    version = own.core.list_namespaced_pod("watched").metadata.resource_version

    def change() -> None:
        server.store.put(pod("other", app="b"))
        server.store.put(pod("new", app="a"))
        server.store.put(pod("new", app="a", more="x"))
        server.store.change("Pod", "watched", "old", lambda entry: entry["metadata"]["labels"].update(app="b"))
        server.store.remove("Pod", "watched", "new")

    later = threading.Timer(0.2, change)
    later.start()
    told = watched(
        own.core.list_namespaced_pod, "watched", label_selector="app=a", resource_version=version, timeout_seconds=1
    )
    assert [(event["type"], event["object"].metadata.name) for event in told] == [
        ("ADDED", "new"),
        ("MODIFIED", "new"),
        ("DELETED", "old"),
        ("DELETED", "new"),
    ]
    later.join()


def test_a_watch_from_a_forgotten_version_ends_in_410(server: ApiServer, own: Cluster) -> None:
    version = own.core.list_namespaced_pod("watched").metadata.resource_version
    server.store.forget_history()
    with pytest.raises(ApiException) as expired:
        list(watched(own.core.list_namespaced_pod, "watched", resource_version=version, timeout_seconds=1))
    assert expired.value.status == 410


def test_logs_are_told_by_container_age_and_instance(server: ApiServer, own: Cluster) -> None:
    server.store.put(pod("talks"))
    server.logs.write("watched", "talks", "main", "one", "two", "three")
    server.logs.write("watched", "talks", "main", "crashed", previous=True)

    def log(**options: Any) -> str:
        return str(own.core.read_namespaced_pod_log("talks", "watched", **{"container": "main", **options}))

    assert log() == "one\ntwo\nthree\n"
    assert log(tail_lines=2) == "two\nthree\n"
    assert log(tail_lines=0) == ""
    assert log(since_seconds=1) == "three\n"
    assert log(limit_bytes=5) == "one\nt"
    assert log(previous=True) == "crashed\n"
    assert log(container="side") == ""
    assert all(line[4] == "-" and line[10] == "T" for line in log(timestamps=True).splitlines())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "a container name must be specified for pod talks, choose one of: [main side]"),
        ({"container": "x"}, "container x is not valid for pod talks"),
        ({"container": "side", "previous": True}, 'previous terminated container "side" in pod "talks" not found'),
    ],
    ids=str,
)
def test_a_log_that_there_is_not_is_refused_with_the_reason(
    server: ApiServer, own: Cluster, options: dict[str, Any], message: str
) -> None:
    server.store.put(pod("talks"))
    told = refused(400, own.core.read_namespaced_pod_log, "talks", "watched", **options)
    assert told["message"] == message
