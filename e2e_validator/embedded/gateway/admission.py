"""Which requests may pass: Envoy's JWT filter, and the Lua filter that turns claims into Koku's identity.

See docs/contract/chart.md 1.7.

The texts of refusals are Envoy's and the Lua filter's own.
"""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

import jwt
from starlette.requests import Request

from e2e_validator.embedded.gateway.config import GatewayConfig
from e2e_validator.embedded.gateway.realm import ALGORITHM, USERNAME
from e2e_validator.embedded.gateway.settings import AUDIENCES

_IDENTIFIER = re.compile(r"[a-zA-Z0-9._-]{1,128}")


class NotAdmitted(Exception):  # noqa: N818 - an answer of the gateway, not a fault
    """The request gets 401 with this text."""


def token_of(request: Request) -> str:
    """The bearer token of a request.

    Raises:
        NotAdmitted: It has none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAdmitted("Jwt is missing")
    return token.strip()


def claims_of(token: str, config: GatewayConfig, key_set: dict[str, Any]) -> dict[str, Any]:
    """The claims of a token that the gateway believes.

    Raises:
        NotAdmitted: Another issuer or audience, not its time, or not signed by the realm.
    """
    try:
        header = jwt.get_unverified_header(token)
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise NotAdmitted("Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections") from None
    # In Envoy's order: the issuer finds the provider, whose rules follow; the signature is last.
    if claims.get("iss") != config.issuer:
        raise NotAdmitted("Jwt issuer is not configured")
    now, leeway = time.time(), config.settings.leeway_seconds
    if now + leeway < float(claims.get("nbf", 0)):
        raise NotAdmitted("Jwt not yet valid")
    if now > float(claims.get("exp", now)) + leeway:
        raise NotAdmitted("Jwt is expired")
    audiences = claims.get("aud", [])
    if not set(AUDIENCES) & set([audiences] if isinstance(audiences, str) else audiences):
        raise NotAdmitted("Audiences in Jwt are not allowed")
    keys = {key["kid"]: key for key in key_set["keys"]}
    if header.get("kid") not in keys or header.get("alg") != ALGORITHM:
        raise NotAdmitted("Jwks doesn't have key to match kid or alg from Jwt")
    try:
        jwt.PyJWS().decode(token, jwt.PyJWK.from_dict(keys[header["kid"]]), [ALGORITHM])
    except jwt.InvalidTokenError:
        raise NotAdmitted("Jwt verification fails") from None
    return claims


def identity_of(claims: dict[str, Any], config: GatewayConfig) -> str:
    """The ``X-Rh-Identity`` header that takes the place of whatever the client sent.

    Raises:
        NotAdmitted: The claims name no organisation or no account.
    """
    names = {}
    for name in ("org_id", "account_number"):
        value = claims.get(name)
        if value in (None, ""):
            raise NotAdmitted(f"Unauthorized: Missing {name} in JWT claims")
        if not _IDENTIFIER.fullmatch(str(value)):
            raise NotAdmitted(f"Unauthorized: Invalid {name}")
        names[name] = str(value)
    username = str(claims.get("preferred_username") or claims.get("sub") or "user")
    user: dict[str, Any] = {
        "username": username,
        "email": str(claims.get("email") or f"{username}@example.com"),
        "is_org_admin": "org-admin" in claims.get("realm_access", {}).get("roles", []),
    }
    # The stand-in asks no RBAC service: an identity's own access stands for what that would say
    # (docs/contract/koku.md 5.2).
    if username == USERNAME and config.settings.has_role:
        user["access"] = {"*": {"read": ["*"], "write": ["*"]}}
    identity = {**names, "type": "User", "user": user}
    entitled = {"cost_management": {"is_entitled": True}}
    whole = {"org_id": names["org_id"], "identity": identity, "entitlements": entitled}
    return base64.b64encode(json.dumps(whole).encode()).decode()
