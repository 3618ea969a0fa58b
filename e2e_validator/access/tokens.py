"""Access tokens for the gateway: got from Keycloak with client credentials, renewed by themselves.

See docs/contract/chart.md 1.7.

What is not let in is told apart: the client, the token, the clocks, the role. What a token says is read to explain a
refusal and for nothing else; whether it is genuine is the gateway's business.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import threading
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Any

import requests

from e2e_validator.access.no_answer import TIMEOUT_SECONDS, Unreachable, reason_of, untrusted
from e2e_validator.access.refusals import Clocks, refused_by_gateway, refused_by_keycloak
from e2e_validator.deployment.transport import Auth
from e2e_validator.errors import Blocked

# A token is renewed so long before its end, so that it is good while a request is on its way; of one that lives for
# seconds only, a fifth is left.
MARGIN_SECONDS = 30.0
MARGIN_SHARE = 0.2
_CANNOT_NOW = {500, 502, 503, 504}
Send = Callable[[dict[str, str]], requests.Response]


@dataclass(frozen=True, slots=True)
class Token:
    """One access token; ``good_until`` is of the monotonic clock, so that a wrong clock here does no harm."""

    text: str = field(repr=False)
    good_until: float
    issued_date: str
    """The ``Date`` header that it came with: Keycloak's clock."""

    def claims(self) -> dict[str, Any]:
        """What the token says; empty for one that is no JWT."""
        try:
            payload = self.text.split(".")[1]
            said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return {}
        return said if isinstance(said, dict) else {}


class Tokens:
    """The tokens of one client, for any number of threads."""

    def __init__(
        self,
        auth: Auth,
        verify: bool | str = True,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is asked for yet. ``verify`` holds where ``auth`` names no CA of its own."""
        self._auth = auth
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = auth.ca or verify

    def current(self) -> Token:
        """A token that is good for a while yet.

        Raises:
            Blocked: Keycloak gives none to this client; says why and what to do.
            Unreachable: Keycloak does not answer now.
        """
        with self._lock:
            if self._token is None or self._clock() >= self._token.good_until:
                self._token = self._get()
            return self._token

    def instead_of(self, refused: Token) -> Token:
        """A newer token than the one that was refused; raises as :meth:`current`."""
        with self._lock:
            if self._token is None or self._token is refused:
                self._token = self._get()
            return self._token

    def admitted(self, what: str, send: Send, *, expect: Container[int] = ()) -> requests.Response:
        """The answer to a request that is sent with a token; after a 401 it is sent once more, with a new one.

        Args:
            what: Which server is asked for what, such as ``the Koku API (GET sources/)``.
            send: Sends the request with these headers added; it may be called twice.
            expect: Statuses that the caller asked for, which are no refusals then.

        Raises:
            Blocked: 401 for a fresh token too, or 403: says whether it is the client, the token, the clocks or the
                role, and what to do.
            Unreachable: 424, Koku's RBAC service is not ready; or Keycloak does not answer.
        """
        token = self.current()
        response = send(_header(token))
        if response.status_code == requests.codes.unauthorized and response.status_code not in expect:
            token = self.instead_of(token)
            response = send(_header(token))
        if response.status_code not in expect:
            clocks = Clocks.read(self._wall(), response.headers.get("date", ""), token.issued_date)
            refusal = refused_by_gateway(what, self._auth, response, token.claims(), clocks)
            if refusal is not None:
                raise refusal
        return response

    def _get(self) -> Token:
        url = self._auth.token_url
        form = {
            "grant_type": "client_credentials",
            "client_id": self._auth.client_id,
            "client_secret": self._auth.client_secret,
        }
        asked_at = self._clock()
        try:
            response = self._session.post(
                url,
                data=form,
                headers=self._auth.headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            if untrusted(error):
                raise Blocked(
                    "The certificate of Keycloak's token endpoint is not trusted; give its CA (auth.ca or verify).",
                    detail=f"{url}: {reason_of(error)}",
                ) from error
            raise Unreachable(f"Keycloak's token endpoint {url} did not answer: {reason_of(error)}") from error
        if response.status_code in _CANNOT_NOW:
            raise Unreachable(f"Keycloak's token endpoint {url} answered {response.status_code}")
        body = _json_object(response)
        text = body.get("access_token")
        if response.status_code != requests.codes.ok or not isinstance(text, str) or not text:
            raise refused_by_keycloak(self._auth, response.status_code, body, response.text)
        seconds = _seconds(body.get("expires_in"))
        left = seconds - min(MARGIN_SECONDS, seconds * MARGIN_SHARE)
        return Token(text, asked_at + left, response.headers.get("date", ""))


@functools.cache
def tokens_for(auth: Auth, verify: bool | str = True) -> Tokens:
    """The tokens of this client in this process: phases come and go, a token lives longer."""
    return Tokens(auth, verify)


def _header(token: Token) -> dict[str, str]:
    return {"authorization": f"Bearer {token.text}"}


def _json_object(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds(value: Any) -> float:
    """``expires_in``; where it is missing, as long as Keycloak's default."""
    return float(value) if isinstance(value, int | float) and value > 0 else 60.0
