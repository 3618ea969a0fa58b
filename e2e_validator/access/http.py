"""HTTP with the errors told apart: not reachable, refused, answered with something else."""

from __future__ import annotations

import decimal
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
import urllib3

from e2e_validator.access.no_answer import TIMEOUT_SECONDS, Refused, Unreachable, not_answered

if TYPE_CHECKING:
    from e2e_validator.access.tokens import Tokens

__all__ = ["TIMEOUT_SECONDS", "Answer", "Http", "Refused", "Unreachable", "not_answered"]


_CANNOT_NOW = {502, 503, 504}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status and, for JSON, the body with its numbers as Decimal."""

    status: int
    body: Any
    url: str
    what: str = "the service"

    def mapping(self) -> Mapping[str, Any]:
        """The body, which must be a JSON object; raises Refused when something else answered (a login page)."""
        if isinstance(self.body, Mapping):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body, default=str)
        raise Refused(f"{self.what}, but not with a JSON object: {text[:300]}", self.status, text[:2000])


class Http:
    """A session with a base URL and fixed headers (which may hold secrets and are never shown)."""

    def __init__(
        self,
        name: str,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        verify: bool | str = True,
        tokens: Tokens | None = None,
        reads_again: int = 0,
    ) -> None:
        """Nothing is sent yet.

        Args:
            name: How the service is called in messages.
            base_url: Ends in ``/``.
            headers: Sent with every request.
            verify: Whether certificates are checked, or the file of CA certificates they are checked with.
            tokens: Where a token for each request comes from; a refused one is renewed once.
            reads_again: How often a GET is sent again whose connection broke: only where no GET does anything.
        """
        self.name = name
        self.base_url = base_url
        self._tokens = tokens
        self._reads_again = reads_again
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy variable must not send a deployment's data elsewhere
        self._session.verify = verify
        self._session.headers.update(headers or {})

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, str]] | None = None,
        body: Any = None,
        expect: tuple[int, ...] = (200,),
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> Answer:
        """Send one request and return its answer.

        Raises:
            Blocked: the certificate is not trusted; with tokens, no token is to be had, or it is not let through.
            Unreachable: no connection, time-out, 502, 503 or 504; with tokens, also 424.
            Refused: any other status than ``expect``, or JSON that is none. A redirect is not followed: it would
                turn a POST into a GET and carry the identity to another host.
        """
        url = self.base_url + path

        def send(headers: dict[str, str]) -> requests.Response:
            left = self._reads_again if method == "GET" else 0
            while True:
                try:
                    return self._session.request(
                        method,
                        url,
                        params=params,
                        json=body,
                        headers=headers,
                        timeout=timeout_seconds,
                        allow_redirects=False,
                    )
                except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
                    if not left or not _broke(error):
                        raise
                    left -= 1

        try:
            if self._tokens is None:
                response = send({})
            else:
                response = self._tokens.admitted(f"{self.name} ({method} {path})", send, expect=expect)
        except requests.RequestException as error:
            raise not_answered(f"{self.name} at {self.base_url}", error) from error
        what = f"{self.name} answered {response.status_code} to {method} {path}"
        if response.status_code in _CANNOT_NOW and response.status_code not in expect:
            raise Unreachable(what)
        if response.is_redirect:
            what += f" (to {response.headers['location']})"
        if response.status_code not in expect:
            raise Refused(f"{what}: {response.text[:300]}", response.status_code, response.text[:2000])
        try:
            return Answer(response.status_code, _decode(response), response.url, what)
        except ValueError as error:
            reason = f"{what} with JSON that cannot be read ({error}): {response.text[:300]}"
            raise Refused(reason, response.status_code, response.text[:2000]) from error


def _broke(error: requests.RequestException) -> bool:
    """Whether a connection that stood was lost, as with a port-forward that is cut; not being let in is no such."""
    return any(isinstance(cause, urllib3.exceptions.ProtocolError) for cause in error.args)


def _decode(response: requests.Response) -> Any:
    """The JSON body with every number exact, or the text."""
    if response.headers.get("content-type", "").startswith("application/json") and response.content:
        return json.loads(
            response.content, parse_float=decimal.Decimal, parse_int=decimal.Decimal, parse_constant=_no_number
        )
    return response.text


def _no_number(word: str) -> Any:
    """Refuse NaN and Infinity, which are no JSON: Infinity would be equal to any figure within a relative bound."""
    raise ValueError(f"{word} is no number")
