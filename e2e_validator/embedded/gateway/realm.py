"""The realm: a key, tokens signed with it, and the two endpoints that Keycloak has for them."""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from e2e_validator.embedded.gateway.config import GatewayConfig, issuer
from e2e_validator.embedded.gateway.settings import AUDIENCES, CLIENT_ID, REALM

ALGORITHM = "RS256"
# The client's mapper overrides the name that Keycloak gives to service accounts (docs/contract/chart.md 1.7).
USERNAME = "cost-mgmt-operator"
_BASE = f"/realms/{REALM}/protocol/openid-connect"


class Realm:
    """Issues tokens for the one client of a deployment, and publishes the key they are checked with."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config = config
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = uuid.uuid4().hex
        _write_key(config.key_file, self._key, self.key_id)
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        self.key_set = {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}

    def routes(self) -> list[Route]:
        """The token endpoint and the key set."""
        return [
            Route(f"{_BASE}/token", self._token, methods=["POST"]),
            Route(f"{_BASE}/certs", self._certs),
            Route("/realms/{realm}/{rest:path}", _no_realm, methods=["GET", "POST"]),
        ]

    def issue(self, host: str) -> str:
        """A signed access token for the client, as Keycloak issues it when it is asked at ``host``."""
        now = int(time.time())
        claims = {
            "exp": now + self._config.settings.token_seconds,
            "iat": now,
            "jti": uuid.uuid4().hex,
            "iss": issuer(host),
            "aud": [*AUDIENCES, "account"],
            "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, CLIENT_ID)),
            "typ": "Bearer",
            "azp": CLIENT_ID,
            "realm_access": {"roles": ["offline_access", "uma_authorization"]},
            "scope": "profile email",
            "preferred_username": USERNAME,
            "org_id": self._config.org_id,
            "account_number": self._config.account,
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": self.key_id})

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        client, secret = _credentials(request, form)
        if (client, secret) != (CLIENT_ID, self._config.client_secret):
            return _refused(401, "unauthorized_client", "Invalid client or Invalid client credentials")
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "Unsupported grant_type")
        body = {
            "access_token": self.issue(request.headers.get("host", "")),
            "expires_in": self._config.settings.token_seconds,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "profile email",
        }
        return JSONResponse(body, headers={"cache-control": "no-store"})

    async def _certs(self, _request: Request) -> Response:
        return JSONResponse(self.key_set)


async def _no_realm(request: Request) -> Response:
    if request.path_params["realm"] == REALM:
        return JSONResponse({"error": "HTTP 404 Not Found"}, 404)
    return JSONResponse({"error": "Realm does not exist"}, 404)


def _credentials(request: Request, form: Any) -> tuple[str, str]:
    """Client id and secret, from Basic authentication or from the form."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return str(form.get("client_id", "")), str(form.get("client_secret", ""))
    try:
        client, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client), unquote(secret)


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)


def _write_key(path: Path, key: rsa.RSAPrivateKey, key_id: str) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        json.dump({"kid": key_id, "pem": pem}, file)
