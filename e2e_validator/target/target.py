"""The addresses and credentials of one Cost Management deployment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

BaseUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+.*/$")]


class Target(BaseModel):
    """What the clients need to talk to a deployment; secrets never appear in its ``repr``.

    ``masu_url`` is where masu answers; without it nothing can be announced (koku contract 3.2).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "endpoints"
    name: str = ""
    koku_url: BaseUrl
    masu_url: BaseUrl
    s3_url: str
    s3_access_key: str = Field(repr=False)
    s3_secret_key: str = Field(repr=False)
    dsn: str = Field(repr=False)
    org_id: str = "1234567"
    account: str = "10001"
    db_schema: str = Field(alias="schema", default="")
    buckets: dict[str, str] = Field(default_factory=lambda: {"ingress": "ocp-ingress", "archive": "koku-bucket"})

    @property
    def schema_name(self) -> str:
        """The tenant's schema: ``org`` + org id unless the target says otherwise (koku contract 2.1)."""
        return self.db_schema or f"org{self.org_id}"

    @property
    def title(self) -> str:
        """How the target is called in reports."""
        return f"{self.kind} {self.name or self.koku_url}".strip()

    def secrets(self) -> list[str]:
        """Every string that must not reach a log, a report or a bundle."""
        return [self.s3_access_key, self.s3_secret_key, self.dsn, *_password_of(self.dsn)]

    def save(self, path: Path) -> None:
        """Write the target for the workers of this run, readable by its owner alone."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(self.model_dump(by_alias=True)))

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

    @classmethod
    def load(cls, data: Any) -> Target:
        """The target of a JSON object; raises pydantic's ValidationError."""
        return cls.model_validate(data)


def _password_of(dsn: str) -> list[str]:
    """The password in a libpq connection string, if there is one."""
    from psycopg.conninfo import conninfo_to_dict

    password = conninfo_to_dict(dsn).get("password")
    return [str(password)] if password else []
