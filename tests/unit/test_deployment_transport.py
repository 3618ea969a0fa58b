"""What a target says of the transport: optional, checked, and without a secret in anything that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e_validator.deployment import Target
from e2e_validator.deployment.endpoints import from_file
from e2e_validator.errors import UsageError

SECRET = "s3cr3t-vAlue"
PLAIN: dict[str, Any] = {
    "koku_url": "http://koku/",
    "masu_url": "http://masu/",
    "s3_url": "http://store",
    "s3_access_key": "a",
    "s3_secret_key": "b",
    "dsn": "host=db",
}
AUTH = {"token_url": "https://sso/token", "client_id": "operator", "client_secret": SECRET}
KAFKA = {"bootstrap": "kafka:9092", "password": SECRET}


def load(folder: Path, **more: Any) -> Target:
    path = folder / "target.yaml"
    path.write_text(yaml.safe_dump(PLAIN | more))
    return from_file(path)


def test_a_file_without_them_means_what_it_meant(tmp_path: Path) -> None:
    target = load(tmp_path)
    assert (target.transport, target.auth, target.kafka, target.gateway_url) == ("masu", None, None, None)
    assert (target.verify, target.s3_region, target.cluster) == (True, "us-east-1", None)


@pytest.mark.parametrize(
    "more",
    [
        {"transport": "gateway", "gateway_url": "https://gw/api/", "auth": AUTH},
        {"transport": "kafka", "kafka": KAFKA, "s3_cluster_url": "http://s3.svc:80"},
        {"verify": False, "cluster": {"namespace": "cost"}},
    ],
)
def test_another_process_reads_the_same_target(tmp_path: Path, more: dict[str, Any]) -> None:
    target = load(tmp_path, **more)
    assert Target.load(target.model_dump(by_alias=True)) == target


def test_secrets_of_the_ways_are_known_and_not_shown(tmp_path: Path) -> None:
    target = load(tmp_path, transport="kafka", kafka=KAFKA, auth=AUTH | {"client_secret": SECRET + "2"})
    assert {SECRET, SECRET + "2"} <= set(target.secrets())
    assert SECRET not in repr(target)
    assert "" not in target.secrets()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"transport": "gateway"}, "transport: gateway needs gateway_url and auth."),
        ({"transport": "kafka"}, "transport: kafka needs kafka."),
        ({"transport": "pigeon"}, "transport Input should be 'masu', 'gateway' or 'kafka'."),
        ({"verify": "/nowhere"}, "verify must be true, false, or the path of a file with CA certificates."),
        ({"verify": 3}, "verify must be true, false, or the path of a file with CA certificates."),
        ({"kafka": KAFKA | {"passwort": SECRET}}, "kafka.passwort is no key of a target (did you mean password?)."),
        ({"auth": {"client_id": "x", "client_secret": SECRET}}, "auth.token_url is missing."),
        ({"gateway_url": "http://gw/api"}, "gateway_url must end in /, such as"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path, **more)
    assert sentence in str(refused.value)
    assert SECRET not in str(refused.value)


def test_the_former_key_still_names_the_transport(tmp_path: Path) -> None:
    assert load(tmp_path, way="kafka", kafka=KAFKA).transport == "kafka"
    with pytest.raises(UsageError, match="way is no key of a target"):
        load(tmp_path, way="kafka", transport="kafka", kafka=KAFKA)
