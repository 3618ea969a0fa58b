"""HTTP with the errors told apart: not reachable, refused, answered with something else."""

from __future__ import annotations

import decimal
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests


class Unreachable(Exception):  # noqa: N818 - a state, not a mistake
    """The service did not answer, or answered that it cannot now (502, 503, 504)."""


class Refused(Exception):  # noqa: N818 - a state, not a mistake
    """The service answered with a status that the caller did not ask for."""

    def __init__(self, message: str, status: int, body: str) -> None:
        """Keep status and the beginning of the body."""
        super().__init__(message)
        self.status = status
        self.body = body


TIMEOUT_SECONDS = 90.0
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

    def __init__(self, name: str, base_url: str, headers: Mapping[str, str] | None = None) -> None:
        """``name`` is how the service is called in messages; ``base_url`` ends in ``/``."""
        self.name = name
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy variable must not send a deployment's data elsewhere
        self._session.headers.update(headers or {})

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        expect: tuple[int, ...] = (200,),
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> Answer:
        """Send one request and return its answer.

        Raises:
            Unreachable: no connection, time-out, 502, 503 or 504.
            Refused: any other status than ``expect``, or JSON that is none. A redirect is not followed: it would
                turn a POST into a GET and carry the identity to another host.
        """
        url = self.base_url + path
        try:
            response = self._session.request(
                method, url, params=params, json=body, timeout=timeout_seconds, allow_redirects=False
            )
        except requests.RequestException as error:
            raise Unreachable(f"{self.name} at {self.base_url} did not answer: {_reason(error)}") from error
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


def _reason(error: requests.RequestException) -> str:
    """The innermost cause in a few words."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return str(cause) or type(cause).__name__
