"""The addresses and credentials of one Cost Management deployment."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from e2e_validator.deployment.cluster_address import ClusterAddress
from e2e_validator.deployment.transport import Auth, Filled, Kafka, Transport
from e2e_validator.whole_file import write_whole

ON_PREM, CLASSIC = "onprem", "classic"
# What an ingest touches; a target may name more (``ros``).
NEEDED_BUCKETS = ("ingress", "archive")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{1,61}[A-Za-z0-9]")


def _wrong(what: str) -> PydanticCustomError:
    """A problem in our words; what was given is never repeated, it may hold a secret."""
    return PydanticCustomError("target", "{what}", {"what": what})


def _http_url(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        _ = url.port  # reading it is what checks it
    except ValueError:
        raise _wrong("is not a URL") from None
    if url.scheme not in {"http", "https"} or not url.hostname or any(character.isspace() for character in value):
        raise _wrong("must be a URL such as http://host:8000/")
    if "@" in url.netloc:
        # It would stand in every message that says where something did not answer.
        raise _wrong("must not hold a user or a password")
    if url.query or url.fragment:
        raise _wrong("must not hold a query or a fragment")
    return url


def _base_url(value: str) -> str:
    if not _http_url(value).path.endswith("/"):
        raise _wrong("must end in /, such as http://host:8000/api/cost-management/v1/")
    return value


def _store_url(value: str) -> str:
    if _http_url(value).path not in {"", "/"}:
        raise _wrong("must be host and port alone, such as http://host:9000; buckets have their own key")
    return value


def _buckets(value: dict[str, str]) -> dict[str, str]:
    missing = [role for role in NEEDED_BUCKETS if not value.get(role)]
    if missing:
        raise _wrong(f"lacks {' and '.join(missing)}")
    wrong = [role for role, name in value.items() if not _BUCKET.fullmatch(name)]
    if wrong:
        raise _wrong(f"has no bucket name as {wrong[0]}")
    return value


def _verify(value: Any) -> bool | str:
    if isinstance(value, bool) or (isinstance(value, str) and Path(value).is_file()):
        return value
    raise _wrong("must be true, false, or the path of a file with CA certificates")


BaseUrl = Annotated[str, AfterValidator(_base_url)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
Buckets = Annotated[dict[str, str], AfterValidator(_buckets)]
Verify = Annotated[bool | str, BeforeValidator(_verify)]


class Target(BaseModel):
    """What the clients need to talk to a deployment; secrets never appear in its ``repr``.

    ``masu_url`` is where masu answers; without it nothing can be announced by the transport ``masu``
    (docs/contract/koku.md 3.2).
    ``gateway_url`` ends in ``/api/``. Without ``auth`` the API is asked with the ``x-rh-identity`` header
    (docs/contract/koku.md 5.2). ``verify`` is a file of CA certificates, or whether certificates are checked at all.
    ``s3_cluster_url`` is where the deployment itself reaches the store, if that is another address than ``s3_url``:
    what is presigned for it must name that one. ``trino_url`` is where Trino answers that Koku's classic stack reads
    parquet with; without it nothing is asked of Trino itself. ``stack`` says which Koku it is, where that does not
    follow.
    """

    # Not even a traceback may show what was given: it may be a secret under a misspelt key.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: str = "endpoints"
    name: str = ""
    koku_url: BaseUrl
    masu_url: BaseUrl
    s3_url: StoreUrl
    s3_access_key: Filled = Field(repr=False)
    s3_secret_key: Filled = Field(repr=False)
    dsn: Filled = Field(repr=False)
    org_id: Filled = "1234567"
    account: str = "10001"
    db_schema: str = Field(alias="schema", default="")
    buckets: Buckets = Field(default_factory=lambda: {"ingress": "ocp-ingress", "archive": "koku-bucket"})
    transport: Transport = "masu"
    gateway_url: BaseUrl | None = None
    kafka: Kafka | None = None
    auth: Auth | None = None
    verify: Verify = True
    s3_region: Filled = "us-east-1"
    s3_cluster_url: StoreUrl | None = None
    cluster: ClusterAddress | None = None
    trino_url: StoreUrl | None = None
    stack: Literal["onprem", "classic"] | None = None

    @property
    def koku(self) -> str:
        """Which Koku it is: ``classic``, with parquet and Trino, or ``onprem``; a Trino tells that it is classic."""
        return self.stack or (CLASSIC if self.trino_url else ON_PREM)

    @property
    def schema_name(self) -> str:
        """The tenant's schema: ``org`` + org id unless the target says otherwise (docs/contract/koku.md 2.1)."""
        return self.db_schema or f"org{self.org_id}"

    @property
    def title(self) -> str:
        """How the target is called in reports."""
        return f"{self.kind} {self.name or self.koku_url}".strip()

    def secrets(self) -> list[str]:
        """Every string that must not reach a log, a report or a bundle."""
        more = [self.kafka.password if self.kafka else "", self.auth.client_secret if self.auth else ""]
        return [self.s3_access_key, self.s3_secret_key, self.dsn, *_password_of(self.dsn), *filter(None, more)]

    def save(self, path: Path) -> None:
        """Write the target as a file for ``--target``, readable by its owner alone, whatever was there before."""
        write_whole(path, json.dumps(self.model_dump(by_alias=True)), private=True)

    @classmethod
    def unknown(cls) -> Target:
        """The target of a run that has none: every scenario is BLOCKED at its first phase."""
        nowhere = "http://unknown.invalid/"
        return cls(
            kind="none",
            koku_url=nowhere,
            masu_url=nowhere,
            s3_url=nowhere,
            s3_access_key="-",
            s3_secret_key="-",  # noqa: S106 - no secret
            dsn="host=unknown.invalid",
        )

    @model_validator(mode="after")
    def _transport_is_open(self) -> Self:
        """The transport has what it asks for."""
        if self.transport == "gateway" and (self.gateway_url is None or self.auth is None):
            raise _wrong("transport: gateway needs gateway_url and auth")
        if self.transport == "kafka" and self.kafka is None:
            raise _wrong("transport: kafka needs kafka")
        return self

    @classmethod
    def load(cls, data: Any) -> Target:
        """The target of a JSON object; raises pydantic's ValidationError."""
        return cls.model_validate(data)


def _password_of(dsn: str) -> list[str]:
    """The password in a libpq connection string, if there is one."""
    from psycopg.conninfo import conninfo_to_dict

    password = conninfo_to_dict(dsn).get("password")
    return [str(password)] if password else []
