"""Why Keycloak or the gateway said no, in one sentence each, with what to do about it (docs/contract/chart.md 1.7).

The gateway's texts are those of Envoy's JWT filter and of the chart's Lua filter behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from e2e_validator.access.no_answer import Unreachable
from e2e_validator.deployment.transport import Auth
from e2e_validator.errors import Blocked

# Envoy forgives a token's times by so much; Date headers have whole seconds.
FORGIVEN_SECONDS = 60.0
NOTABLE_SECONDS = 5.0
# What the gateway's text names as the cause.
_NAMED = re.compile(r"issuer|audience|org_id|account_number|jwks|verification fails|jwt is missing", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds since 1970 on three clocks at about the same time; None where no ``Date`` header was sent."""

    here: float
    gateway: float | None
    keycloak: float | None
    """Its clock when it issued the token, which is at most the token's lifetime ago."""

    @classmethod
    def read(cls, here: float, gateway_date: str, keycloak_date: str) -> Clocks:
        """Read the two ``Date`` headers."""
        return cls(here, _seconds(gateway_date), _seconds(keycloak_date))

    def against_ours(self) -> str:
        """How far the gateway's clock is from ours, in words; empty if it does not say."""
        if self.gateway is None:
            return ""
        off = self.gateway - self.here
        if abs(off) < NOTABLE_SECONDS:
            return "the gateway's clock agrees with ours"
        return f"the gateway's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} ours"


def refused_by_keycloak(auth: Auth, status: int, body: Mapping[str, Any], text: str) -> Blocked:
    """Why the token endpoint gave no token."""
    error, description = str(body.get("error", "")), str(body.get("error_description", ""))
    said = ": ".join(filter(None, (error, description))) or text.strip()[:200] or "nothing"
    detail = f"answer      {status} of {auth.token_url}: {said}"
    if status == requests.codes.ok:
        return Blocked("What answers at auth.token_url gives no access token; is it Keycloak's?", detail=detail)
    if "service account" in description.lower():
        return Blocked(
            f"Keycloak gives client {auth.client_id} no service account; switch on its client credentials grant.",
            detail=detail,
        )
    if error in {"invalid_client", "unauthorized_client"} or status == requests.codes.unauthorized:
        return Blocked(
            f"Keycloak refuses the client {auth.client_id}; check auth.client_id and auth.client_secret.",
            detail=detail,
        )
    if status in {requests.codes.not_found, requests.codes.moved, requests.codes.found}:
        return Blocked(
            "There is no token endpoint at auth.token_url; check its realm and path.",
            detail=detail,
        )
    if status == requests.codes.forbidden:
        return Blocked("Something before Keycloak forbids asking for a token (403).", detail=detail)
    return Blocked(f"Keycloak answered {status} instead of a token.", detail=detail)


def refused_by_gateway(
    what: str, auth: Auth, response: requests.Response, claims: Mapping[str, Any], clocks: Clocks
) -> Blocked | Unreachable | None:
    """Why a request with a fresh token was not let through; None if it was."""
    status, text = response.status_code, " ".join(response.text.split())[:300]
    answered = f"answer      {status} to {what}: {text}"
    if status == requests.codes.unauthorized:
        if "jwks" in text.lower() and "fetch" in text.lower():
            return Unreachable(f"The gateway cannot get Keycloak's keys now (401 to {what}: {text})")
        headline = (
            _clock_problem(text, claims, clocks)
            or _token_problem(text, auth, claims)
            or f"The gateway refuses a fresh token of client {auth.client_id} (401)."
        )
        return Blocked(headline, detail=f"{answered}\n{_describe(claims, clocks)}")
    if status == requests.codes.forbidden:
        who = claims.get("preferred_username") or auth.client_id
        return Blocked(
            f"403 from {what}: {who} lacks an RBAC role, such as Cost Administrator; grant it first.",
            detail=f"{answered}\n            service accounts are no administrators (docs/contract/chart.md 1.7)",
        )
    if status == requests.codes.failed_dependency:
        return Unreachable(f"{what} answered 424: Koku cannot ask its RBAC service, which is not ready: {text}")
    return None


def _clock_problem(text: str, claims: Mapping[str, Any], clocks: Clocks) -> str | None:
    """The sentence for clocks that differ: the gateway says so, or says nothing and the times do."""
    starts, ends = _number(claims.get("nbf") or claims.get("iat")), _number(claims.get("exp"))
    now = clocks.gateway
    early = late = False
    if not _NAMED.search(text) and now is not None:
        early = starts is not None and now + FORGIVEN_SECONDS < starts
        late = ends is not None and now >= ends
    off = f" {abs(now - starts):.0f} s" if now is not None and starts is not None else ""
    if early or "not yet valid" in text:
        return f"A fresh token is not yet valid: the gateway's clock is{off} behind Keycloak's; set the clocks (NTP)."
    if late or "expired" in text:
        return (
            f"A fresh token is expired at once: the gateway's clock is{off} ahead of Keycloak's; set the clocks (NTP)."
        )
    return None


def _token_problem(text: str, auth: Auth, claims: Mapping[str, Any]) -> str | None:
    """The sentence for what the gateway says it does not like about the token."""
    found = _NAMED.search(text)
    word = found[0].lower() if found else ""
    if word == "issuer":
        return (
            f"The gateway does not believe the issuer {claims.get('iss')}; ask Keycloak by the address that the gateway"
            " is configured with (auth.host)."
        )
    if word == "audience":
        return f"The gateway does not accept the audience of client {auth.client_id}; give it an audience mapper."
    if word in {"org_id", "account_number"}:
        kind = "no" if "missing" in text.lower() else "no usable"
        return f"Tokens of client {auth.client_id} carry {kind} {word}; give the client a mapper for it."
    if word in {"jwks", "verification fails"}:
        return "The gateway has no key for Keycloak's signature; wait 5 min after a change of keys, or restart it."
    if word == "jwt is missing":
        return "The token got lost on the way: something before the gateway drops the Authorization header."
    return None


def _describe(claims: Mapping[str, Any], clocks: Clocks) -> str:
    """What is known of token and clocks, for the detail of a refusal."""
    lines = []
    if claims:
        span = " to ".join(_clock_time(_number(claims.get(name))) for name in ("iat", "exp"))
        lines.append(f"token       issuer {claims.get('iss')}, audience {claims.get('aud')}, valid {span}")
    lines.append(
        f"clocks      gateway {_clock_time(clocks.gateway)}, ours {_clock_time(clocks.here)},"
        f" Keycloak {_clock_time(clocks.keycloak)} when it issued the token"
    )
    if difference := clocks.against_ours():
        lines.append(f"            {difference}")
    return "\n".join(lines)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None


def _clock_time(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S} UTC"
