"""Small questions over HTTP, to see whether something answers; whatever it answers."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from e2e_validator.deployment.retry_on_disconnect import retry_on_disconnect
from e2e_validator.errors import first_line

TIMEOUT = urllib3.Timeout(connect=5, read=30)
_AT_ONCE_SECONDS = 5.0


class NoAnswerError(Exception):
    """Nothing answers, or not in HTTP, or with a certificate that is not trusted; says which."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer."""

    status: int
    body: bytes

    def json(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty for anything else."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def ask(
    url: str,
    context: ssl.SSLContext,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Heard:
    """GET ``url``, or POST a form to it; no redirect is followed.

    What is asked changes nothing, so it is asked again where the connection was cut at once: a port-forward that is
    cut takes its connections along, and the next one is good again. One that held for a while had its patience.

    Raises:
        NoAnswerError: there was no answer.
    """
    with urllib3.PoolManager(ssl_context=context, timeout=TIMEOUT, retries=False) as pool:

        def once() -> Heard:
            try:
                if form is None:
                    answer = pool.request("GET", url, headers=dict(headers or {}), redirect=False)
                else:
                    sent = {**(headers or {}), "content-type": "application/x-www-form-urlencoded"}
                    answer = pool.request("POST", url, body=urlencode(form), headers=sent, redirect=False)
            except urllib3.exceptions.HTTPError as error:
                raise NoAnswerError(_reason(error)) from error
            return Heard(answer.status, answer.data)

        return retry_on_disconnect(once, _cut, at_once_seconds=_AT_ONCE_SECONDS)


def _cut(error: Exception) -> bool:
    return isinstance(error.__cause__, urllib3.exceptions.ProtocolError)


def _reason(error: Exception) -> str:
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}); give --set ca=FILE"
    return first_line(cause)[:200]
