"""What stands on a target that only runs write to, read without any code of the validator; and its removal."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg
import requests
from minio import Minio

from e2e_validator.deployment import Target

_ANSWER_SECONDS = 60.0
_PATHS = {"source": "sources", "cost model": "cost-models", "price list": "price-lists"}


@dataclass
class Remains:
    """Things by kind: ``source``, ``cost model``, ``price list`` (uuid -> name), tag keys, objects by bucket."""

    target: Target
    things: dict[str, dict[str, str]]
    tag_keys: list[str]
    objects: list[tuple[str, str]]
    rows: dict[str, int] = field(default_factory=dict)

    def names(self) -> list[str]:
        """A word for each thing, by which a text that tells of it can be known."""
        named = [f"{kind} {uuid} {name}" for kind, found in self.things.items() for uuid, name in found.items()]
        return [
            *named,
            *(f"tag key {key}" for key in self.tag_keys),
            *(f"s3://{bucket}/{key}" for bucket, key in self.objects),
            *(f"{count} rows of {table}" for table, count in self.rows.items()),
        ]

    def unsaid(self, text: str) -> list[str]:
        """What of it the text does not tell; what goes with its source is told with it."""
        said = [
            any(part in text for part in (uuid, name)) or f"{kind} {uuid} {name}"
            for kind, found in self.things.items()
            for uuid, name in found.items()
        ]
        told_sources = any(uuid in text or name in text for uuid, name in self.things["source"].items())
        archive = self.target.buckets["archive"]
        objects = [
            f"s3://{bucket}/{key}"
            for bucket, key in self.objects
            if f"s3://{bucket}/{key}" not in text and not (bucket == archive and told_sources)
        ]
        keys = [f"tag key {key}" for key in self.tag_keys if f"tag key {key}" not in text]
        rows = [] if told_sources else [f"{count} rows of {table}" for table, count in self.rows.items()]
        return [*(one for one in said if isinstance(one, str)), *keys, *objects, *rows]

    def remove(self) -> list[str]:
        """Remove all of it, for the next run; what was removed."""
        names = self.names()
        headers = {"x-rh-identity": _identity(self.target)}
        for kind in ("cost model", "price list", "source"):
            for uuid in self.things[kind]:
                url = f"{self.target.koku_url}{_PATHS[kind]}/{uuid}/"
                requests.delete(url, headers=headers, timeout=_ANSWER_SECONDS)
        if self.tag_keys:
            body = {"schema": self.target.schema_name, "provider_type": "ocp", "action": "delete"}
            body |= {"tag_keys": self.tag_keys}  # type: ignore[dict-item]
            requests.post(f"{self.target.masu_url}enabled_tags/", json=body, timeout=_ANSWER_SECONDS)
        store = _store(self.target)
        for bucket, key in self.objects:
            store.remove_object(bucket_name=bucket, object_name=key)
        return names


def remains(target: Target) -> Remains:
    """What is there now."""
    schema = target.schema_name
    with psycopg.connect(target.dsn) as connection:

        def rows(query: str) -> list[tuple[str, ...]]:
            return [tuple(map(str, row)) for row in connection.execute(query.encode()).fetchall()]

        places = {"source": "api_provider", "cost model": f"{schema}.cost_model", "price list": f"{schema}.price_list"}
        things = {
            kind: {row[0]: row[1] for row in rows(f"SELECT uuid, name FROM {table}")} for kind, table in places.items()
        }
        keys = [row[0] for row in rows(f"SELECT key FROM {schema}.reporting_enabledtagkeys WHERE enabled")]
        tables = rows(
            "SELECT table_name, min(column_name) FROM information_schema.columns JOIN information_schema.tables"
            f" USING (table_schema, table_name) WHERE table_schema = '{schema}' AND table_type = 'BASE TABLE'"
            " AND column_name IN ('source', 'source_uuid', 'provider_id', 'provider_uuid') GROUP BY table_name"
        )
        counts = {table: int(rows(f"SELECT count(*) FROM {schema}.{table}")[0][0]) for table, _ in tables}
    return Remains(
        target, things, keys, list(_objects(target)), {name: count for name, count in counts.items() if count}
    )


def _objects(target: Target) -> Iterator[tuple[str, str]]:
    store = _store(target)
    for bucket in target.buckets.values():
        for entry in store.list_objects(bucket_name=bucket, recursive=True):
            yield bucket, str(entry.object_name)


def _store(target: Target) -> Minio:
    return Minio(
        urlsplit(target.s3_url).netloc,
        access_key=target.s3_access_key,
        secret_key=target.s3_secret_key,
        secure=False,
        region="us-east-1",
    )


def _identity(target: Target) -> str:
    entitled = {"cost_management": {"is_entitled": True}}
    identity = {
        "account_number": target.account,
        "org_id": target.org_id,
        "type": "User",
        "user": {"username": "e2e", "email": "e2e@example.com", "is_org_admin": True, "access": {}},
    }
    return base64.b64encode(json.dumps({"identity": identity, "entitlements": entitled}).encode()).decode()
