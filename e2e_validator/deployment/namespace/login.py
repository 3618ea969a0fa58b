"""Getting a token of Keycloak once: where it is reached from here, and what the token says.

See docs/contract/chart.md 1.7.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from e2e_validator.deployment.namespace.asking import NoAnswerError, ask
from e2e_validator.deployment.namespace.entrance import entrances
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.names import KEYCLOAK_SERVICES
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.pods import Service
from e2e_validator.deployment.namespace.reach import PORTS, Reach, answers
from e2e_validator.deployment.namespace.refusals import NotAllowed
from e2e_validator.deployment.transport import Auth

_NEEDED = ("url", "realm", "client_id", "client_secret")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A client that gets tokens, how it reaches Keycloak, and what a token of it says."""

    auth: Auth
    claims: Mapping[str, Any]
    how: str


def log_in(reach: Reach, given: Overrides, found: Found) -> LoggedIn | None:
    """Get a token with what was found; None when something of it was not.

    Raises:
        NoAnswerError: there is no token, or none that the gateway takes; says why.
        CannotReachError: there is no way to Keycloak.
        ClusterAway: the API server does not answer.
    """
    if any(not found.get(f"keycloak.{part}") for part in _NEEDED):
        return None
    issuer = f"{found.get('keycloak.url')}/realms/{found.get('keycloak.realm')}"
    path = "/protocol/openid-connect/token"
    base, how = _reached(issuer, reach, found, given=given.get("keycloak.url") is not None)
    moved = base != issuer
    auth = Auth(
        token_url=base + path,
        client_id=found.get("keycloak.client_id"),
        client_secret=found.get("keycloak.client_secret"),
        ca=str(reach.trust) if reach.trust and base.startswith("https") and not reach.insecure else None,
        # Keycloak writes into its tokens the name that it was asked by.
        host=urlsplit(issuer).netloc if moved else "",
        proto=urlsplit(issuer).scheme if moved else "",
    )
    claims = _claims(auth, reach)
    if moved and claims.get("iss") not in {issuer, None}:
        raise NoAnswerError(f"its tokens are of {claims['iss']}, and the gateway takes those of {issuer} alone")
    return LoggedIn(auth, claims, how)


def _reached(issuer: str, reach: Reach, found: Found, *, given: bool) -> tuple[str, str]:
    """A URL of the realm that works from here: its own, else that of the service behind its Route."""
    parts = urlsplit(issuer)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    labels = host.split(".")
    inside = len(labels) > 2 and labels[2] == "svc"
    if not inside and not answers(host, port):
        service = _behind(issuer, reach, found)
        if service:
            return reach.url(service + parts.path)
    return reach.url(issuer, given=given)


def _behind(issuer: str, reach: Reach, found: Found) -> str:
    """The base URL of the service behind Keycloak's Route or Ingress, or of one that has a known name.

    What may not be looked at is said, and left out: there may be another way.
    """
    namespace = found.get("keycloak.namespace")
    if not namespace:
        if why := found.why_not("keycloak.namespace"):
            found.warn("keycloak", f"The service behind Keycloak's address cannot be looked for: {why}.")
        return ""
    names, secure = list(KEYCLOAK_SERVICES), False
    doors, refused = entrances(reach.kube, namespace)
    for kind, refusal in refused.items():
        found.warn("keycloak", f"{kind} to Keycloak cannot be looked for: {refusal.description}.")
    for door in doors:
        if urlsplit(door.url).netloc == urlsplit(issuer).netloc:
            names, secure = [door.service, *names], door.secure_behind
    try:
        for name in names:
            entry = reach.kube.get("services", namespace, name)
            if entry is not None:
                return _base(Service.from_json(entry), secure=secure)
    except NotAllowed as refusal:
        found.warn("keycloak", f"The service behind Keycloak's address cannot be looked at: {refusal.description}.")
    return ""


def _base(service: Service, *, secure: bool) -> str:
    scheme = "https" if secure or "http" not in service.names else "http"
    port = service.names.get(scheme) or next(iter(service.ports), PORTS[scheme])
    return f"{scheme}://{service.name}.{service.namespace}.svc:{port}"


def _claims(auth: Auth, reach: Reach) -> Mapping[str, Any]:
    """What a token says that Keycloak gives the client now; whether it is genuine is the gateway's business."""
    form = {"grant_type": "client_credentials", "client_id": auth.client_id, "client_secret": auth.client_secret}
    heard = ask(auth.token_url, reach.context(), form=form, headers=auth.headers)
    token = str(heard.json().get("access_token", ""))
    if heard.status != 200 or not token:
        told = heard.json().get("error_description") or heard.json().get("error") or "no token"
        raise NoAnswerError(f"Keycloak answers {heard.status} to the client {auth.client_id}: {told}")
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError) as error:
        raise NoAnswerError("Keycloak gives tokens that are no JWT") from error
    return claims if isinstance(claims, dict) else {}
