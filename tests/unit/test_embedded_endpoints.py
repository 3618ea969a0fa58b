from __future__ import annotations

from e2e_validator.embedded.endpoints import Endpoints

ENDPOINTS = Endpoints(
    koku_url="http://127.0.0.1:1/api/cost-management/v1/",
    masu_url="http://127.0.0.1:2/api/cost-management/v1/",
    s3_url="http://127.0.0.1:3",
    s3_access_key="AK",
    s3_secret_key="very-secret",
    dsn="postgresql://koku:also-secret@127.0.0.1:4/koku",
)


def test_repr_shows_no_secret() -> None:
    assert "secret" not in repr(ENDPOINTS)


def test_json_has_exactly_the_keys_that_other_tools_read() -> None:
    assert ENDPOINTS.as_json() == {
        "koku_url": "http://127.0.0.1:1/api/cost-management/v1/",
        "masu_url": "http://127.0.0.1:2/api/cost-management/v1/",
        "s3_url": "http://127.0.0.1:3",
        "s3_access_key": "AK",
        "s3_secret_key": "very-secret",
        "dsn": "postgresql://koku:also-secret@127.0.0.1:4/koku",
        "org_id": "1234567",
        "schema": "org1234567",
        "buckets": {"ingress": "ocp-ingress", "archive": "koku-bucket", "ros": "ros-data"},
    }
