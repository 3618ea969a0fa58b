"""The further ways in that a stack may have besides masu: where they are, and what a target needs to use them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from e2e_validator.embedded.gateway.settings import CLIENT_ID, REALM, GatewaySettings

PORTS_OF_TRANSPORTS = 2


@dataclass(frozen=True, slots=True)
class OpenedTransports:
    """Ports on 127.0.0.1 and secrets of the broker, and of the gateway if it is wanted too."""

    kafka_port: int
    gateway_port: int
    gateway: bool
    settings: GatewaySettings
    client_secret: str = field(repr=False)

    @property
    def bootstrap(self) -> str:
        """Where the broker is asked first."""
        return f"127.0.0.1:{self.kafka_port}"

    def by_transport(self) -> dict[str, dict[str, Any]]:
        """Transport -> the keys of a target that are more, or other, than for masu."""
        found: dict[str, dict[str, Any]] = {"kafka": {"transport": "kafka", "kafka": {"bootstrap": self.bootstrap}}}
        if self.gateway:
            base = f"http://127.0.0.1:{self.gateway_port}"
            found["gateway"] = {
                "transport": "gateway",
                "gateway_url": f"{base}/api/",
                "koku_url": f"{base}/api/cost-management/v1/",
                "auth": {
                    "token_url": f"{base}/realms/{REALM}/protocol/openid-connect/token",
                    "client_id": CLIENT_ID,
                    "client_secret": self.client_secret,
                    "host": self.settings.issuer_host,
                },
            }
        return found
