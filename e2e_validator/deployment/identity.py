"""Which deployment a target is: what a later run can compare, without any secret."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict

from e2e_validator.deployment.target import Target


def addresses(target: Target) -> dict[str, str]:
    """Where the target's parts are, by the keys of a target file; of the dsn only host, port and database.

    Of a target in a cluster its namespace: the ports that lead there are others each time.
    """
    kept = {
        "org_id": target.org_id,
        "schema": target.schema_name,
        "buckets": ", ".join(f"{role} {name}" for role, name in sorted(target.buckets.items())),
    }
    if target.cluster is not None:
        return {"cluster": target.cluster.server, "namespace": target.cluster.namespace, **kept}
    database = conninfo_to_dict(target.dsn)
    host = database.get("host") or database.get("hostaddr") or "local"
    return {
        "koku_url": target.koku_url,
        "masu_url": target.masu_url,
        "s3_url": target.s3_url,
        "dsn": f"{host}:{database.get('port') or 5432}/{database.get('dbname') or ''}",
        **kept,
    }
