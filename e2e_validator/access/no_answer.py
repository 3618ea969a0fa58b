"""A service that gives no answer, or another one than was asked for: the errors of every client, and their reasons."""

from __future__ import annotations

import requests

from e2e_validator.errors import Blocked

# How long a request may take.
TIMEOUT_SECONDS = 90.0


class Unreachable(Exception):  # noqa: N818 - a state, not a mistake
    """The service did not answer, or answered that it cannot now (502, 503, 504)."""


class Refused(Exception):  # noqa: N818 - a state, not a mistake
    """The service answered with a status that the caller did not ask for."""

    def __init__(self, message: str, status: int, body: str) -> None:
        """Keep status and the beginning of the body."""
        super().__init__(message)
        self.status = status
        self.body = body


def not_answered(whom: str, error: requests.RequestException) -> Blocked | Unreachable:
    """What it means that a request got no answer; a certificate that is not trusted does not pass by itself."""
    if untrusted(error):
        return Blocked(
            f"The certificate of {whom} is not trusted; give its CA (verify).",
            detail=reason_of(error),
        )
    return Unreachable(f"{whom} did not answer: {reason_of(error)}")


def untrusted(error: requests.RequestException) -> bool:
    """Whether the server's certificate was the obstacle."""
    return isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error)


def reason_of(error: requests.RequestException) -> str:
    """The innermost cause in a few words."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return str(cause) or type(cause).__name__
