"""masu's endpoints that take announcements: where Koku runs with DEVELOPMENT=True (docs/contract/koku.md 3.2)."""

from __future__ import annotations

from pathlib import Path

from e2e_validator.access.masu import Masu
from e2e_validator.deployment import Target
from e2e_validator.errors import Blocked, PhaseFailed


class ByMasu:
    """Announces an object of the ingress bucket."""

    title = "masu"
    needs_object = True

    def __init__(self, target: Target, endpoint: str) -> None:
        """``endpoint`` is the source type's; nothing is sent yet."""
        self._masu = Masu(target)
        self._endpoint = endpoint

    def check(self) -> str:
        """Whether masu is alive and takes announcements."""
        if not self._masu.alive():
            raise Blocked("masu answers, but does not say that it is alive")
        if not self._masu.offers(self._endpoint):
            raise Blocked(f"masu has no {self._endpoint}, which needs DEVELOPMENT=True; nothing can be announced")
        return f"masu {self._endpoint}"

    def announce(self, object_key: str, tarball: Path) -> str:  # noqa: ARG002 - the object is what counts
        """Announce the object."""
        answer = self._masu.announce(self._endpoint, object_key)
        if answer.get("ingest-started") is not True:
            raise PhaseFailed(f"masu did not start the ingest of {object_key}", detail=f"answer      {dict(answer)}")
        return str(answer.get("request-id"))

    def key_of(self, object_key: str, tarball: Path) -> str:  # noqa: ARG002 - the object stays where it is
        """The object's own key."""
        return object_key

    def stored_as(self, object_key: str, request_id: str) -> str:  # noqa: ARG002 - the object stays where it is
        """The object's own key."""
        return object_key
