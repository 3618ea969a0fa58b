"""PostgreSQL: what Koku's migrations and its many processes need of it (docs/contract/koku.md 8)."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from e2e_validator.checks.check import Check, Issue, error, information, warning
from e2e_validator.checks.look import Look

_EXTENSIONS = ("uuid-ossp", "pg_trgm", "pg_stat_statements")
# That one is made by the migrations of the tenants' apps, which run for the schema that tenants are cloned from; Koku
# makes that schema with its first source (seen on one that was never used).
_OF_TENANTS, _TEMPLATE = "pg_trgm", "template0"
# A run has a few connections for each of its processes, and Koku's workers open more while they work.
_FEW, _TOO_FEW = 20, 5


def _extensions(look: Look) -> Iterator[Issue]:
    """Migrations make them; where they are missing and the tables are there, a run may still be judged."""
    statement = sql.SQL(
        "SELECT wanted.name, current_database() AS database,"
        " EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = wanted.name) AS available,"
        " EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = %s) AS used"
        " FROM unnest(%s::text[]) AS wanted(name)"
        " WHERE NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = wanted.name) ORDER BY 1"
    )
    for row in look.clients.database.rows(statement, [_TEMPLATE, list(_EXTENSIONS)]):
        lacks = f"database {row['database']} lacks the extension {row['name']}"
        if row["name"] == _OF_TENANTS and row["available"] and not row["used"]:
            yield information(f"{lacks} as yet", "nothing to do: Koku makes it with its first source")
            continue
        yield warning(
            lacks,
            f'as its administrator: CREATE EXTENSION "{row["name"]}"'
            if row["available"]
            else "install PostgreSQL's contrib package on the server, then create it",
        )


def _connections(look: Look) -> Iterator[Issue]:
    statement = sql.SQL(
        "SELECT current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int AS most,"
        " (SELECT sum(numbackends)::int FROM pg_stat_database) AS used,"
        " (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS of_database,"
        " (SELECT numbackends FROM pg_stat_database WHERE datname = current_database()) AS used_of_database"
    )
    row = look.clients.database.rows(statement)[0]
    left, most = row["most"] - row["used"], row["most"]
    if row["of_database"] >= 0 and row["of_database"] - row["used_of_database"] < left:
        left, most = row["of_database"] - row["used_of_database"], row["of_database"]
    if left < _FEW:
        kind = error if left < _TOO_FEW else warning
        yield kind(
            f"PostgreSQL has {max(left, 0)} of {most} connections left",
            "raise max_connections, or end what holds them (SELECT * FROM pg_stat_activity)",
        )


CHECKS = (
    Check("extensions", f"{', '.join(_EXTENSIONS)} are there", _extensions),
    Check("connections", "PostgreSQL has connections left", _connections),
)
