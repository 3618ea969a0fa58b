"""Through which door data go into a deployment, and what that door asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

# masu: ``ingest_ocp_payload/`` (docs/contract/koku.md 3.2); gateway: upload with a token, the production way
# (docs/contract/chart.md 1.8); kafka: an object in the store and a message about it (docs/contract/koku.md 3.1).
Transport = Literal["masu", "gateway", "kafka"]
Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Filled = Annotated[str, StringConstraints(min_length=1)]
_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _one_line(value: str) -> str:
    if any(character.isspace() for character in value):
        raise PydanticCustomError("target", "{what}", {"what": "must not hold spaces"})
    return value


Address = Annotated[Filled, AfterValidator(_one_line)]


class Kafka(BaseModel):
    """How the brokers are reached.

    ``addresses`` maps what the brokers call themselves (``host:port``, as their metadata say) to where they are
    reached from here; it is empty where their own names are good.
    """

    model_config = _STRICT

    bootstrap: Address
    security: Security = "PLAINTEXT"
    mechanism: str = ""
    username: str = ""
    password: str = Field(default="", repr=False)
    ca: str | None = None
    addresses: dict[str, str] = Field(default_factory=dict)


class Auth(BaseModel):
    """A client of Keycloak that gets tokens for itself (client credentials).

    ``host`` and ``proto`` (http, https) are what the token's address must be asked with where it is reached under
    another name, as a router does that ends TLS: Keycloak writes them into the token as its issuer, which the gateway
    compares.
    """

    model_config = _STRICT

    token_url: Address
    client_id: Filled
    client_secret: Filled = Field(repr=False)
    ca: str | None = None
    host: str = ""
    proto: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a request for a token must bear beside its form."""
        told = {"host": self.host, "x-forwarded-proto": self.proto}
        return {name: value for name, value in told.items() if value}
