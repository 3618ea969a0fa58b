"""Permissions: what a role allows, what Kubernetes says when it does not, and the record of what was asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import yaml
from kubernetes import client

from cluster.clients import executed, refused, refused_websocket, watched
from cluster.conftest import connected, user
from cluster.roles import Attempt, Role, Rule
from cluster.server import USER, ApiServer

READ_PODS = Rule(("get", "list"), ("pods",), namespaces=("cost-onprem",))
ONE_SECRET = Rule(("get",), ("secrets",), namespaces=("cost-onprem",), names=("cost-onprem-db-credentials",))


@pytest.mark.parametrize(
    ("attempt", "allowed"),
    [
        (Attempt("get", "pods", namespace="cost-onprem", name="x"), True),
        (Attempt("list", "pods", namespace="cost-onprem"), True),
        (Attempt("watch", "pods", namespace="cost-onprem"), False),
        (Attempt("list", "pods"), False),
        (Attempt("list", "pods", namespace="kafka"), False),
        (Attempt("get", "pods/log", namespace="cost-onprem", name="x"), False),
        (Attempt("list", "pods", "metrics.k8s.io", "cost-onprem"), False),
        (Attempt("get", "secrets", namespace="cost-onprem", name="cost-onprem-db-credentials"), True),
        (Attempt("get", "secrets", namespace="cost-onprem", name="other"), False),
        (Attempt("list", "secrets", namespace="cost-onprem"), False),
    ],
    ids=str,
)
def test_a_role_allows_what_a_rule_names_and_nothing_else(attempt: Attempt, allowed: bool) -> None:
    assert Role((READ_PODS, ONE_SECRET)).allows(attempt) is allowed


def test_a_role_can_lose_one_permission() -> None:
    role = Role((Rule(("get", "list"), ("pods", "services"), ("", "apps")),)).without("list", "pods")
    assert not role.allows(Attempt("list", "pods"))
    assert role.allows(Attempt("get", "pods"))
    assert role.allows(Attempt("list", "services"))
    assert role.allows(Attempt("list", "pods", "apps"))


MANIFESTS = """
kind: Role
metadata: {name: reader, namespace: cost-onprem}
rules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}]
---
kind: RoleBinding
metadata: {name: reader, namespace: cost-onprem}
roleRef: {kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: e2e-validator, namespace: cost-onprem}]
---
kind: ClusterRole
metadata: {name: brokers}
rules: [{apiGroups: [kafka.strimzi.io], resources: [kafkas], verbs: [list]}]
---
kind: RoleBinding
metadata: {name: brokers, namespace: kafka}
roleRef: {kind: ClusterRole, name: brokers}
subjects: [{kind: ServiceAccount, name: e2e-validator, namespace: cost-onprem}]
---
kind: RoleBinding
metadata: {name: somebody-else, namespace: kafka}
roleRef: {kind: ClusterRole, name: brokers}
subjects: [{kind: ServiceAccount, name: other, namespace: cost-onprem}]
"""


def test_a_role_is_read_from_the_manifests_that_grant_it() -> None:
    role = Role.of_manifests(yaml.safe_load_all(MANIFESTS), USER)
    assert role.allows(Attempt("list", "pods", namespace="cost-onprem"))
    assert role.allows(Attempt("get", "pods/log", namespace="cost-onprem"))
    assert not role.allows(Attempt("list", "pods", namespace="kafka"))
    assert role.allows(Attempt("list", "kafkas", "kafka.strimzi.io", "kafka"))
    assert not role.allows(Attempt("list", "kafkas", "kafka.strimzi.io", "cost-onprem"))
    assert not Role.of_manifests(yaml.safe_load_all(MANIFESTS), "system:serviceaccount:kafka:e2e-validator").rules


def test_what_is_forbidden_is_told_in_the_words_of_kubernetes(server: ApiServer, tmp_path: Path) -> None:
    with user(server, tmp_path / "config", role=Role((READ_PODS,))) as mine:
        assert len(mine.core.list_namespaced_pod("cost-onprem").items) > 20
        told = refused(403, mine.core.list_namespaced_pod, "kafka")
        assert told == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": f'pods is forbidden: User "{USER}" cannot list resource "pods" in API group "" '
            'in the namespace "kafka"',
            "reason": "Forbidden",
            "details": {"kind": "pods"},
            "code": 403,
        }
        told = refused(403, mine.core.read_namespaced_secret, "s", "cost-onprem")
        assert told["message"].startswith(f'secrets "s" is forbidden: User "{USER}" cannot get resource "secrets"')
        assert told["details"] == {"name": "s", "kind": "secrets"}
        told = refused(403, mine.apps.list_deployment_for_all_namespaces)
        assert told["message"].startswith("deployments.apps is forbidden")
        assert told["message"].endswith('in API group "apps" at the cluster scope')
        told = refused(403, mine.core.read_namespaced_pod_log, "p", "cost-onprem")
        assert 'cannot get resource "pods/log"' in told["message"]


def test_a_watch_needs_the_verb_watch(server: ApiServer, tmp_path: Path) -> None:
    with user(server, tmp_path / "config", role=Role((READ_PODS,))) as mine:
        told = refused(403, lambda: list(watched(mine.core.list_namespaced_pod, "cost-onprem", timeout_seconds=1)))
        assert 'cannot watch resource "pods"' in told["message"]


def test_an_exec_needs_get_and_create(server: ApiServer, tmp_path: Path) -> None:
    pod = server.store.objects("Pod", "cost-onprem")[0][0]["metadata"]["name"]
    for verbs, lacking in ((("get",), "create"), (("create",), "get")):
        role = Role((Rule(verbs, ("pods/exec",)),))
        with user(server, tmp_path / "config", role=role) as mine:
            told = refused_websocket(partial(executed, mine.core, "cost-onprem", pod, "true"))
        assert "Handshake status 403 Forbidden" in told
        assert f'cannot {lacking} resource "pods/exec"' in told.replace("\\", "")
        assert server.denied()[-1].needed == (lacking, "", "pods/exec", "cost-onprem")


def test_the_role_by_name_allows_a_list_of_that_name(server: ApiServer, tmp_path: Path) -> None:
    role = Role((Rule(("list",), ("secrets",), names=("cost-onprem-db-credentials",)),))
    with user(server, tmp_path / "config", role=role) as mine:
        by_name = "metadata.name=cost-onprem-db-credentials"
        assert len(mine.core.list_namespaced_secret("cost-onprem", field_selector=by_name).items) == 1
        refused(403, mine.core.list_namespaced_secret, "cost-onprem")


def test_every_request_is_on_record_with_its_outcome(server: ApiServer, tmp_path: Path) -> None:
    with user(server, tmp_path / "config", role=Role((READ_PODS, ONE_SECRET))) as mine:
        server.forget_attempts()
        mine.core.list_namespaced_pod("cost-onprem")
        mine.core.read_namespaced_secret("cost-onprem-db-credentials", "cost-onprem")
        refused(403, mine.core.list_namespaced_service, "cost-onprem")
        refused(403, mine.core.delete_namespaced_pod, "p", "cost-onprem")
    assert [(attempt.verb, attempt.resource, attempt.name, attempt.code) for attempt in server.attempts] == [
        ("list", "pods", "", 200),
        ("get", "secrets", "cost-onprem-db-credentials", 200),
        ("list", "services", "", 403),
        ("delete", "pods", "p", 403),
    ]
    assert ("list", "", "pods", "cost-onprem") in server.needs()
    assert [attempt.resource for attempt in server.denied()] == ["services", "pods"]


def test_one_may_ask_what_one_may(server: ApiServer, tmp_path: Path) -> None:
    with user(server, tmp_path / "config", role=Role((READ_PODS, ONE_SECRET))) as mine:
        reviews = client.AuthorizationV1Api(mine.api)

        def may(**attributes: str) -> bool:
            spec = client.V1SelfSubjectAccessReviewSpec(
                resource_attributes=client.V1ResourceAttributes(namespace="cost-onprem", **attributes)
            )
            body = client.V1SelfSubjectAccessReview(spec=spec)
            status = reviews.create_self_subject_access_review(body).status
            return status is not None and bool(status.allowed)

        assert may(verb="list", resource="pods")
        assert not may(verb="delete", resource="pods")
        assert not may(verb="get", resource="pods", subresource="log")
        assert may(verb="get", resource="secrets", name="cost-onprem-db-credentials")
        assert not may(verb="get", resource="secrets")
        spec = client.V1SelfSubjectRulesReviewSpec(namespace="cost-onprem")
        status = reviews.create_self_subject_rules_review(client.V1SelfSubjectRulesReview(spec=spec)).status
        assert status is not None
        assert [rule.resources for rule in status.resource_rules] == [["pods"], ["secrets"]]


def test_a_token_of_nobody_is_unauthorized(server: ApiServer, tmp_path: Path) -> None:
    path = tmp_path / "config"
    server.write_kubeconfig(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("token: ", "token: x"), encoding="utf-8")
    with connected(path) as mine:
        told = refused(401, mine.core.list_namespaced_pod, "cost-onprem")
    assert told["message"] == told["reason"] == "Unauthorized"
