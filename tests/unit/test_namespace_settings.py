"""Database, object store and Kafka as the pods have them; pods that disagree, and what nobody says, are failures."""

from __future__ import annotations

from typing import Any

import pytest
from namespace_objects import NS, FakeKube, component, env, from_secret, pod

from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.database import find_database
from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.kafka import find_kafka
from e2e_validator.deployment.namespace.object_store import find_object_store, ingress_bucket
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.settings import Sources

SECRET = "s3cr3t-vAlue"
DATABASE = {
    "DATABASE_SERVICE_HOST": "cost-database",
    "DATABASE_SERVICE_PORT": "5432",
    "DATABASE_NAME": "koku",
    "DATABASE_USER": from_secret("db", "koku-user"),
    "DATABASE_PASSWORD": from_secret("db", "koku-password"),
}
STORE = {
    "S3_ENDPOINT": "https://s3.openshift-storage.svc:443",
    "AWS_ACCESS_KEY_ID": from_secret("db", "koku-user"),
    "AWS_SECRET_ACCESS_KEY": from_secret("db", "koku-password"),
    "S3_REGION": "onprem",
    "REQUESTED_BUCKET": "koku-bucket",
}
AWS_CONFIG = "[default]\nregion = onprem\ns3 =\n    signature_version = s3v4\n    addressing_style = path\n"


def sources(given: Overrides | None = None, kube: FakeKube | None = None, /, **pods: dict[str, Any]) -> Sources:
    """What is known of components with these variables; ``masu`` and so on."""
    reader = kube or FakeKube()
    reader.secrets[NS, "db"] = {"koku-user": "koku_user", "koku-password": SECRET}
    reader.config_maps[NS, "aws"] = {"config": AWS_CONFIG}
    mounts = {"volumeMounts": [{"name": "aws", "mountPath": "/etc/aws"}, {"name": "kafka", "mountPath": "/etc/kafka"}]}
    volumes = [
        {"name": "aws", "configMap": {"name": "aws"}},
        {"name": "kafka", "secret": {"secretName": "kafka-ca"}},
    ]
    more: dict[str, Any] = {"container": mounts, "spec": {"volumes": volumes}}
    made = {
        name: Component(name, {}, (pod(f"{name}-1", component(name), variables=env(**values), **more),))
        for name, values in pods.items()
    }
    return Sources.of(made, CachedKeys(reader), given or Overrides())  # type: ignore[arg-type] # a dictionary


def by_hand(**values: str) -> Overrides:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return Overrides({name: Value(name, value, "--set") for name, value in named.items()})


def test_the_database_is_what_the_pods_have() -> None:
    found = Found()
    find_database(sources(masu=DATABASE, api=DATABASE), found)
    assert not found.remarks
    told = {value.name: value.shown for value in found}
    assert told == {
        "database.host": "cost-database",
        "database.port": "5432",
        "database.name": "koku",
        "database.user": "koku_user",
        "database.password": "********",
    }
    assert found.secrets() == [SECRET]


def test_pods_with_two_databases_are_an_error_that_lists_both() -> None:
    found = Found()
    find_database(sources(masu=DATABASE, api=DATABASE | {"DATABASE_SERVICE_HOST": "other"}), found)
    (failure,) = found.failures
    assert failure.text == (
        "The pods disagree about database.host: masu-1 has cost-database, api-1 has other; restart what is old, or"
        " choose with --set database.host=..."
    )


def test_pods_that_disagree_about_a_secret_do_not_show_it() -> None:
    found = Found()
    find_database(sources(masu=DATABASE, api=DATABASE | {"DATABASE_PASSWORD": f"{SECRET}-old"}), found)
    assert "The pods disagree about database.password: masu-1 and api-1;" in found.failures[0].text
    assert SECRET not in found.failures[0].text


def test_what_no_pod_says_is_said_with_the_remedy() -> None:
    found = Found()
    find_database(sources(masu={key: value for key, value in DATABASE.items() if key != "DATABASE_NAME"}), found)
    assert found.failures[0].text == (
        "No pod of Koku says the database of Koku (DATABASE_NAME); give it with --set database.name=..."
    )


def test_a_secret_that_is_gone_is_said_with_who_names_it() -> None:
    found = Found()
    find_database(sources(masu=DATABASE | {"DATABASE_PASSWORD": from_secret("gone", "x")}), found)
    assert found.failures[0].text == (
        "The password of the database user cannot be read: there is no secret gone, which env DATABASE_PASSWORD of pod"
        " masu-1 names; give it with --set database.password=..."
    )


def test_what_is_given_by_hand_is_not_looked_for() -> None:
    kube = FakeKube()
    kube.forbidden = {"secrets"}
    given = by_hand(database__password=SECRET, database__user="me", database__port="1")
    found = Found()
    find_database(sources(given, kube, masu=DATABASE), found)
    assert not found.failures
    assert (found.get("database.user"), found.get("database.port")) == ("me", "1")


def test_a_port_that_is_none_is_said() -> None:
    found = Found()
    find_database(sources(by_hand(database__port="abc"), masu=DATABASE), found)
    assert "abc is no port" in found.failures[0].text


def test_the_stores_addressing_stands_in_its_configuration() -> None:
    found = Found()
    find_object_store(sources(masu=STORE | {"AWS_CONFIG_FILE": "/etc/aws/config"}), found)
    assert not found.failures
    assert (found.get("s3.addressing"), found.get("s3.region")) == ("path", "onprem")


def test_an_endpoint_without_a_scheme_is_no_url() -> None:
    found = Found()
    find_object_store(sources(masu=STORE | {"S3_ENDPOINT": "s3:9000"}), found)
    assert "s3:9000 is no URL" in found.failures[0].text


@pytest.mark.parametrize(
    ("transport", "masu", "ingress", "bucket"),
    [
        ("masu", {}, {"INGRESS_STAGEBUCKET": "stage"}, "ocp-ingress"),
        ("masu", {"S3_BUCKET_NAME_OCP_INGRESS": "own"}, {}, "own"),
        ("gateway", {}, {"INGRESS_STAGEBUCKET": "stage"}, "stage"),
        ("kafka", {}, {}, ""),
    ],
)
def test_the_bucket_for_payloads_depends_on_the_way_in(
    transport: str, masu: dict[str, str], ingress: dict[str, str], bucket: str
) -> None:
    found = Found()
    ingress_bucket(transport, sources(masu=STORE | masu, ingress=ingress), found)
    assert found.get("s3.bucket.ingress") == bucket
    assert bool(found.failures) is not bool(bucket)


def test_kafka_is_the_ingresss_with_the_secrets_ca() -> None:
    kube = FakeKube()
    kube.secrets[NS, "kafka-ca"] = {"ca.crt": "-----BEGIN CERTIFICATE-----"}
    host = "c-kafka-bootstrap.kafka.svc.cluster.local"
    masu = {
        "INSIGHTS_KAFKA_HOST": host,
        "INSIGHTS_KAFKA_PORT": "9093",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SSL_CA_LOCATION": "/etc/kafka/ca.crt",
        "KAFKA_SASL_PASSWORD": SECRET,
    }
    found = Found()
    find_kafka(sources(None, kube, masu=masu, ingress={"INGRESS_KAFKABROKERS": f"{host}:9093,b:9093"}), found)
    assert found.get("kafka.bootstrap") == f"{host}:9093,b:9093"
    assert found.get("kafka.namespace") == "kafka"
    assert found.get("kafka.ca") == "-----BEGIN CERTIFICATE-----"
    assert found.get("kafka.security") == "SASL_SSL"
    assert SECRET in found.secrets()


def test_without_an_ingress_kafka_is_kokus_or_none() -> None:
    found = Found()
    find_kafka(sources(masu={"INSIGHTS_KAFKA_HOST": "k", "INSIGHTS_KAFKA_PORT": "9092"}), found)
    assert (found.get("kafka.bootstrap"), found.get("kafka.security")) == ("k:9092", "PLAINTEXT")
    nothing = Found()
    find_kafka(sources(masu={}), nothing)
    assert not list(nothing)
