"""What a test may want otherwise than the Helm deployment has it."""

from __future__ import annotations

from dataclasses import dataclass

REALM = "kubernetes"
CLIENT_ID = "cost-management-operator"
AUDIENCES = (CLIENT_ID, "cost-management-ui")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Defaults are those of the Helm deployment (docs/contract/chart.md 1.7)."""

    token_seconds: int = 300
    """Lifetime of an access token."""
    leeway_seconds: int = 60
    """By how much Envoy forgives a token's times."""
    has_role: bool = True
    """Whether the service account was given an RBAC role; without one Koku admits it to nothing (403)."""
    issuer_host: str = ""
    """``host:port`` of the issuer the gateway believes, if that is not the address it listens on."""
