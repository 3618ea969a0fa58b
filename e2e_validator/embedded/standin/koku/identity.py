"""The identity of a request: the ``x-rh-identity`` header (docs/contract/koku.md 5.2)."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.config import StandinConfig

HEADER = "x-rh-identity"


class NotAdmitted(Exception):  # noqa: N818 - an answer of the API, not a fault
    """The request is refused with an HTML page; ``status`` is 403."""

    status = 403


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller. ``encoded`` is the header as it came; ``org_id`` decides the tenant."""

    encoded: str
    org_id: str
    account: str
    username: str
    email: str

    @property
    def schema(self) -> str:
        """The tenant schema of the organisation."""
        return f"org{self.org_id}"


def development_header(config: StandinConfig) -> str:
    """The identity that a Koku with ``DEVELOPMENT=True`` takes for a request without one."""
    user = {"username": "user_dev", "email": "user_dev@foo.com", "is_org_admin": True, "access": {}}
    who = {"account_number": config.account, "org_id": config.org_id, "type": "User", "user": user}
    text = json.dumps({"identity": who, "entitlements": {"cost_management": {"is_entitled": True}}})
    return base64.b64encode(text.encode()).decode()


def _object(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def identify(header: str | None, config: StandinConfig) -> Identity:
    """Decode the header; a missing one means the development identity.

    Raises:
        NotAdmitted: the header cannot be decoded, the user is not entitled to Cost Management, names no user or
            organisation, or is no administrator and has no access of its own.
    """
    encoded = header or development_header(config)
    try:
        decoded = json.loads(base64.b64decode(encoded))
    except (binascii.Error, ValueError) as error:
        raise NotAdmitted("the identity header cannot be decoded") from error
    decoded = _object(decoded)
    if not _object(_object(decoded.get("entitlements")).get("cost_management")).get("is_entitled"):
        raise NotAdmitted("the user is not entitled to Cost Management")
    identity = _object(decoded.get("identity"))
    user = _object(identity.get("user"))
    org_id, username = identity.get("org_id"), user.get("username")
    if not org_id or not username:
        raise NotAdmitted("the identity names no organisation or no user")
    # Koku would ask the RBAC service; with DEVELOPMENT=True the identity's own access stands for its answer.
    if not user.get("is_org_admin") and not user.get("access"):
        raise NotAdmitted(f"user {username} does not have permissions for Cost Management")
    return Identity(
        encoded=encoded,
        org_id=str(org_id),
        account=str(identity.get("account_number") or ""),
        username=str(username),
        email=str(user.get("email") or ""),
    )
