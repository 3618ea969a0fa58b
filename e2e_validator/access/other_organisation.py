"""The public API as an administrator of another organisation sees it, where the target lets us be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from e2e_validator.access.http import Http
from e2e_validator.access.koku import identity
from e2e_validator.deployment import Target

# What a Koku that admits no client answers; an unknown organisation has no tenant, and so no data
# (docs/contract/koku.md 5.2).
SHUT = (401, 403, 404, 424)


class OtherOrganisation:
    """Asks for an organisation that Koku does not know."""

    def __init__(self, target: Target, org_id: str) -> None:
        """``org_id`` must belong to no tenant; only reading is done in its name."""
        other = target.model_copy(update={"org_id": org_id, "account": org_id})
        # Koku remembers the organisation of a user by the name alone, so the other one's is a user of its own.
        headers = {"x-rh-identity": identity(other, f"user_{org_id}")}
        self._http = Http("the Koku API", target.koku_url, headers, verify=target.verify)

    @staticmethod
    def can_be(target: Target) -> bool:
        """Whether the organisation is what the identity header says; a token names one, and only that."""
        return target.auth is None

    def asked(self, path: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The body of the answer; None where the door is shut. Raises Refused for any other status."""
        answer = self._http.request("GET", path, params=params, expect=(200, *SHUT))
        return answer.mapping() if answer.status == 200 else None
