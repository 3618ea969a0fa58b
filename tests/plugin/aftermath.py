"""What a run left on the target, read without any code of the validator."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import psycopg
from minio import Minio
from nested import Ended
from psycopg import sql

from e2e_validator.deployment import Target

PUBLIC = (("api_provider", "uuid"), ("reporting_common_costusagereportmanifest", "provider_id"))


def left_behind(target: Target, *runs: Ended) -> dict[str, int]:
    """Rows by table, and objects, that belong to the sources and clusters of the runs."""
    sources, clusters = _made_by(runs)
    left: dict[str, int] = {}
    with psycopg.connect(target.dsn) as connection:
        tables = connection.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE table_schema = %s AND t.table_type = 'BASE TABLE'"
            " AND c.column_name IN ('source', 'source_uuid', 'provider_id', 'provider_uuid')",
            [target.schema_name],
        ).fetchall()
        places = [("public", *place) for place in PUBLIC] + [(target.schema_name, *place) for place in tables]
        for schema, table, column in places:
            query = sql.SQL("SELECT count(*) FROM {} WHERE {}::text = ANY(%s)")
            row = connection.execute(query.format(sql.Identifier(schema, table), sql.Identifier(column)), [sources])
            found = row.fetchone()
            if found and found[0]:
                left[table] = found[0]
    objects = _objects(target, [*sources, *clusters])
    return left | ({"objects": objects} if objects else {})


def _made_by(runs: tuple[Ended, ...]) -> tuple[list[str], list[str]]:
    """Providers and cluster ids of all scenarios of the runs; there must be some, or nothing is proven."""
    sources, clusters = [], []
    for run in runs:
        for scenario in run.phases:
            if not (run.reports / scenario / "state.json").exists():
                continue
            state = run.state(scenario)
            for source in (state["source"], state["control_source"]):
                if source:
                    sources.append(str(source["uuid"]))
                    clusters.append(str(source["key"]))
        folder = run.reports / "neighbour-source"
        for path in (*folder.glob("removed-*.json"), *folder.glob("neighbour.json")):
            neighbour = json.loads(path.read_text(encoding="utf-8"))["source"]
            if neighbour is None:  # the run was ended before it asked for one
                continue
            sources.append(str(neighbour["uuid"]))
            clusters.append(str(neighbour["key"]))
    assert sources, "no run made a source"
    return sources, clusters


def _objects(target: Target, marks: list[str]) -> int:
    url = urlsplit(target.s3_url)
    client = Minio(
        url.netloc, access_key=target.s3_access_key, secret_key=target.s3_secret_key, secure=False, region="us-east-1"
    )
    keys = [
        str(entry.object_name)
        for bucket in (target.buckets["ingress"], target.buckets["archive"])
        for entry in client.list_objects(bucket_name=bucket, recursive=True)
    ]
    return sum(any(mark in key for mark in marks) for key in keys)
