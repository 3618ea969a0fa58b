"""How the API server can fail us, told apart: away, not allowed."""

from __future__ import annotations

from typing import Any

from e2e_validator.errors import first_line

GRANT = "grant the permission (e2e-validator manifests prints all that are needed)"
# The last resort is left out of what is printed, unless it is asked for.
GRANT_EXEC = "grant the permission (e2e-validator manifests --with-exec prints it)"


class ClusterAway(Exception):  # noqa: N818 - a state, not a mistake
    """The API server did not answer, or answered that it cannot now (429, 5xx)."""


class NotAllowed(Exception):  # noqa: N818 - a state, not a mistake
    """The API server refuses: our identity (401), or what we may do (403); the message names the permission."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the status: 401 or 403."""
        super().__init__(message)
        self.status = status

    @property
    def remedy(self) -> str:
        """What to do; never empty."""
        if self.status == 401:
            return "log in again"
        return GRANT_EXEC if " pods/exec " in str(self) else GRANT

    @property
    def description(self) -> str:
        """The permission that is missing, and what to do."""
        return f"{self}; {self.remedy}"


def refusal_of(what: str, error: Any) -> ClusterAway | NotAllowed:
    """What an ``ApiException`` of the client library means; ``what`` is verb, resource and namespace."""
    if error.status in {401, 403}:
        return refused(what, error.status)
    if not error.status:
        # A websocket that was not opened: the status stands in the text.
        for status in (401, 403):
            if f"status {status}" in str(error.reason):
                return refused(what, status)
        return ClusterAway(
            f"{what}: the API server did not answer: {first_line(str(error.reason), 'no reason given')[:200]}"
        )
    return ClusterAway(f"{what}: the API server answered {error.status}")


def refused(what: str, status: int) -> NotAllowed:
    """The refusal of something that we are not allowed to do."""
    if status == 401:
        return NotAllowed(f"{what}: the API server does not accept our credentials (401)", 401)
    return NotAllowed(f"not allowed to {what} (403)", 403)


def away(what: str, error: BaseException) -> ClusterAway:
    """No answer, with the innermost cause."""
    cause = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return ClusterAway(f"{what}: the API server did not answer: {first_line(cause)[:200]}")
