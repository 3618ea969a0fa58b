"""The environment of a container: followed as Kubernetes makes it, and each value with its origin."""

from __future__ import annotations

from typing import Any

import pytest
from namespace_objects import NS, FakeKube, env, from_secret, pod

from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.pod_env import EnvValue, PodEnv, main_env

SECRET = "s3cr3t-vAlue"


def kube() -> FakeKube:
    found = FakeKube()
    found.secrets[NS, "db"] = {"user": "koku", "password": SECRET}
    found.config_maps[NS, "settings"] = {"HOST": "db.example", "PORT": "5432"}
    return found


def pod_env(variables: list[dict[str, Any]], reader: Any = None, **container: Any) -> PodEnv:
    made = pod("masu-1", {}, variables=variables, container=container, spec=container.pop("spec", None))
    return PodEnv(made, made.containers[0], reader or kube())


def got(found: EnvValue | None) -> EnvValue:
    assert found is not None
    return found


def test_a_plain_value_says_which_variable_of_which_pod() -> None:
    found = got(pod_env(env(DATABASE_NAME="koku")).get("DATABASE_NAME"))
    assert (found.value, found.origin, found.secret) == ("koku", "env DATABASE_NAME of pod masu-1", False)


def test_a_secret_is_followed_and_not_shown() -> None:
    found = got(pod_env(env(DATABASE_PASSWORD=from_secret("db", "password"))).get("DATABASE_PASSWORD"))
    assert (found.value, found.secret) == (SECRET, True)
    assert found.origin == "secret db key password, env DATABASE_PASSWORD of pod masu-1"
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ({"configMapKeyRef": {"name": "settings", "key": "HOST"}}, "db.example"),
        ({"fieldRef": {"fieldPath": "metadata.namespace"}}, NS),
        ({"fieldRef": {"fieldPath": "status.podIP"}}, "10.0.0.7"),
    ],
)
def test_other_sources_are_followed(source: dict[str, Any], value: str) -> None:
    assert got(pod_env(env(HOST=source)).get("HOST")).value == value


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (from_secret("gone", "password"), "there is no secret gone, which env X of pod masu-1 names"),
        (from_secret("db", "pass"), "the secret db has no key pass; it has password, user"),
        ({"resourceFieldRef": {"resource": "limits.cpu"}}, "env X of pod masu-1 is not a plain value"),
    ],
)
def test_what_cannot_be_followed_says_why(source: dict[str, Any], problem: str) -> None:
    found = got(pod_env(env(X=source)).get("X"))
    assert (found.value, found.problem) == ("", problem)


def test_an_optional_secret_that_is_not_there_is_no_variable() -> None:
    assert pod_env(env(X=from_secret("gone", "x", optional=True))).get("X") is None


def test_a_secret_that_may_not_be_read_names_the_permission() -> None:
    forbidden = kube()
    forbidden.forbidden = {"secrets"}
    found = got(pod_env(env(X=from_secret("db", "password")), forbidden).get("X"))
    assert found.problem.startswith("not allowed to get secrets in namespace cost (db) (403)")


def test_variables_refer_to_earlier_ones_as_in_kubernetes() -> None:
    variables = env(HOST="db", PORT="5432", URL="$(HOST):$(PORT)/$(NONE)", PRICE="$$(HOST)", LOOP="$(LOOP)")
    found = pod_env(variables)
    assert got(found.get("URL")).value == "db:5432/$(NONE)"
    assert got(found.get("PRICE")).value == "$(HOST)"
    assert got(found.get("LOOP")).value == "$(LOOP)"


def test_whole_secrets_are_read_and_a_containers_variable_wins() -> None:
    sources = [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "db"}, "prefix": "DB_"}]
    found = pod_env(env(PORT="1"), envFrom=sources)
    assert got(found.get("HOST")).value == "db.example"
    assert got(found.get("DB_password")).value == SECRET
    assert got(found.get("PORT")).value == "1"
    assert found.get("password") is None


def test_the_container_that_has_the_variables_is_not_the_sidecar() -> None:
    made = pod(
        "masu-1",
        {},
        spec={"containers": [{"name": "proxy", "env": env(A="1")}, {"name": "masu", "env": env(B="2", C="3")}]},
    )
    found = main_env(made, kube(), ("B", "C"))
    assert found is not None
    assert found.container["name"] == "masu"


def test_a_mounted_file_is_found_in_its_secret() -> None:
    found = pod_env(
        [],
        volumeMounts=[{"name": "certs", "mountPath": "/etc/kafka/certs"}, {"name": "tmp", "mountPath": "/etc"}],
        spec={
            "volumes": [
                {"name": "certs", "secret": {"secretName": "db", "items": [{"key": "password", "path": "ca.crt"}]}},
                {"name": "tmp", "emptyDir": {}},
            ]
        },
    )
    assert got(found.file("/etc/kafka/certs/ca.crt")).value == SECRET
    assert found.file("/etc/elsewhere") is None
    assert found.file("/nowhere") is None


def test_a_secret_is_read_once_and_a_refusal_too() -> None:
    source = kube()
    source.forbidden = {"secrets/closed"}
    keys = CachedKeys(source)  # type: ignore[arg-type] # a dictionary of objects
    variables = env(
        A=from_secret("db", "user"),
        B=from_secret("db", "password"),
        C=from_secret("closed", "x"),
        D=from_secret("closed", "y"),
    )
    found = pod_env(variables, keys)
    assert [got(found.get(name)).problem != "" for name in "ABCD"] == [False, False, True, True]
    assert source.reads == [("secret", NS, "db"), ("secret", NS, "closed")]
