"""What the gateway's process is told at its start."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from e2e_validator.embedded.gateway.settings import REALM, GatewaySettings


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Read from a JSON file with these keys."""

    port: int
    koku_port: int
    """Koku's public API, behind the gateway."""
    bootstrap: str
    s3_url: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    bucket: str
    """Where uploads are staged."""
    org_id: str
    account: str
    client_secret: str = field(repr=False)
    key_file: Path
    """Where the realm's private key is written, for tests that forge or bend a token."""
    settings: GatewaySettings

    @property
    def issuer(self) -> str:
        """The issuer that the gateway believes."""
        return issuer(self.settings.issuer_host or f"127.0.0.1:{self.port}")

    def save(self) -> str:
        """The file's text."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def load(cls, path: Path) -> GatewayConfig:
        """Read what :meth:`save` wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**raw, "key_file": Path(raw["key_file"]), "settings": GatewaySettings(**raw["settings"])})


def issuer(host: str) -> str:
    """What Keycloak writes as issuer into the tokens that it is asked for at ``host``."""
    return f"http://{host}/realms/{REALM}"
