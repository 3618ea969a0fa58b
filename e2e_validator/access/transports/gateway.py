"""The gateway's upload, with a token: the way that clusters use in production (docs/contract/chart.md 1.8)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from e2e_validator.access.http import Refused, Unreachable, not_answered
from e2e_validator.access.tokens import tokens_for
from e2e_validator.deployment import Target
from e2e_validator.errors import Blocked

CONTENT_TYPE = "application/vnd.redhat.hccm.filename+tgz"
# The ingress takes an id from here, and makes one up only without.
REQUEST_ID = "x-rh-insights-request-id"
LIMIT_BYTES = 104_857_600
# The gateway gives an upload 180 s; the answer to a smaller request comes much sooner.
UPLOAD_SECONDS = 200.0
READY_SECONDS = 15.0
_CANNOT_NOW = {500, 502, 503, 504}
_ACCEPTED = 202


class ByGateway:
    """Uploads the file; the ingress behind the gateway stores it under its own name and announces it."""

    title = "the gateway"
    needs_object = False

    def __init__(self, target: Target) -> None:
        """Nothing is sent yet; the target has a gateway and a client, or its file would not have been taken."""
        assert target.gateway_url is not None
        assert target.auth is not None
        self._base = target.gateway_url
        self._tokens = tokens_for(target.auth, target.verify)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = target.verify

    def check(self) -> str:
        """Whether a token passes the gateway and the ingress behind it is ready."""
        response = self._send("GET", "ingress/ready", READY_SECONDS)
        if response.status_code != requests.codes.ok:
            raise _refused("GET ingress/ready", response)
        return f"gateway {self._base}ingress/v1/upload, token accepted"

    def announce(self, object_key: str, tarball: Path) -> str:  # noqa: ARG002 - the ingress knows no other name
        """Upload the file; its object gets the request id as its key.

        The id is given by us, and the same for the same file: an upload whose answer is lost, and which is sent again,
        leaves no second object.
        """
        size = tarball.stat().st_size
        if size > LIMIT_BYTES:
            raise Blocked(
                f"{tarball.name} has {size:,} bytes, the gateway takes {LIMIT_BYTES:,}; use smaller payloads or another"
                " way."
            )
        # Read whole: a form's length must be known before, and a limit of 100 MiB makes that affordable.
        content = tarball.read_bytes()
        part = (tarball.name, content, CONTENT_TYPE)
        response = self._send(
            "POST", "ingress/v1/upload", UPLOAD_SECONDS, {REQUEST_ID: _id_of(content)}, {"file": part}
        )
        if response.status_code != _ACCEPTED:
            raise _refused("POST ingress/v1/upload", response)
        try:
            return str(response.json()["request_id"])
        except (ValueError, KeyError, TypeError) as error:
            text = response.text
            raise Refused(
                f"what answered 202 to the upload names no request_id: {text[:300]}", _ACCEPTED, text[:2000]
            ) from error

    def key_of(self, object_key: str, tarball: Path) -> str:  # noqa: ARG002 - the ingress knows no other name
        """The request id that the file will have."""
        return _id_of(tarball.read_bytes())

    def stored_as(self, object_key: str, request_id: str) -> str:  # noqa: ARG002 - the ingress knows no other name
        """The request id."""
        return request_id

    def _send(
        self,
        method: str,
        path: str,
        timeout_seconds: float,
        more: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        def send(headers: dict[str, str]) -> requests.Response:
            return self._session.request(
                method,
                self._base + path,
                headers={**headers, **(more or {})},
                files=files,
                timeout=timeout_seconds,
                allow_redirects=False,
            )

        try:
            return self._tokens.admitted(f"the gateway ({method} {path})", send)
        except requests.RequestException as error:
            raise not_answered(f"the gateway at {self._base}", error) from error


def _id_of(content: bytes) -> str:
    """32 hex digits, as the ingress would make them up; a payload's uuid makes its content, and so this, its own."""
    return hashlib.sha256(content).hexdigest()[:32]


def _refused(what: str, response: requests.Response) -> Refused | Unreachable | Blocked:
    """What it means that the gateway, or the ingress behind it, did not take a request."""
    status, text = response.status_code, " ".join(response.text.split())[:300]
    said = f"the gateway answered {status} to {what}"
    if status in _CANNOT_NOW:
        return Unreachable(f"{said}: {text}")
    if status == requests.codes.not_found:
        return Blocked(f"{said}: there is no ingress behind it; check gateway_url.", detail=f"answer      {text}")
    meaning = {
        requests.codes.bad_request: "no file in the form",
        requests.codes.request_entity_too_large: "the file is too large for its ingress",
        requests.codes.unsupported_media_type: f"its ingress does not take {CONTENT_TYPE}",
    }.get(status, text or "nothing more")
    return Refused(f"{said}: {meaning}", status, response.text[:2000])
