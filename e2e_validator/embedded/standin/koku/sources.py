"""``sources/``: list, create, detail, change, delete and ``stats/`` (docs/contract/koku.md 5.5)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.deletion import delete_provider
from e2e_validator.embedded.standin.koku.page import body, requested_page
from e2e_validator.embedded.standin.koku.query_string import parse_query
from e2e_validator.embedded.standin.koku.refusal import Refusal, error_list, not_found
from e2e_validator.embedded.standin.koku.source_rows import (
    TYPE_IDS,
    created_json,
    source_json,
    stats_json,
)
from e2e_validator.embedded.standin.koku.views import Call, Reply
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.providers import DuplicateProviderError, NewSource, create_provider
from e2e_validator.embedded.standin.view_cache import SOURCES_FAMILY, invalidate_views

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
_TYPES = {name.lower(): name for name in (*TYPE_IDS, "AWS-local", "Azure-local", "GCP-local")}
_DEFAULT_LIMIT = 10
_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+")
_DUPLICATE = (
    "Cost management does not allow duplicate accounts. An integration already exists with these details."
    " Edit integration settings to configure a new integration."
)


def _require_valkey(call: Call) -> None:
    """Writing needs the cache to be emptied afterwards; without Valkey the request fails before it changes anything.

    Raises:
        Refusal: 500.
    """
    if not call.services.pages.answers():
        raise error_list(500, "detail", "the cache cannot be reached; nothing was changed")


def _text(data: Row, key: str, *, required: bool) -> str | None:
    """A text field of the body."""
    value = data.get(key)
    if value is None:
        if required:
            raise error_list(400, key, "This field is required.")
        return None
    if not isinstance(value, str) or not value.strip():
        raise error_list(400, key, "This field may not be blank.")
    if "\0" in value:
        raise error_list(400, key, "Null characters are not allowed.")
    if len(value) > 256:
        raise error_list(400, key, "Ensure this field has no more than 256 characters.")
    return value


def _source_type(data: Row, supported: Collection[str]) -> str:
    """The type by name or by id; on-prem it can only be OCP."""
    if type_id := data.get("source_type_id"):
        found = next((name for name, number in TYPE_IDS.items() if number == str(type_id)), None)
        if found is None:
            raise error_list(400, "source_type_id", f"Invalid source_type_id: {type_id}")
    else:
        given = _text(data, "source_type", required=False)
        if given is None:
            raise error_list(400, "source_type", "Either source_type or source_type_id is required")
        found = _TYPES.get(given.lower())
        if found is None:
            raise error_list(400, "source_type", f"Invalid source_type, {given}, provided.")
    if found not in supported:
        text = f"source_type '{found}' is not supported on-premise; only OCP is allowed."
        if len(supported) > 1:
            text = f"the stand-in has no source_type '{found}'"
        raise error_list(400, "source_type", text)
    return found


def _supported(call: Call) -> tuple[str, ...]:
    """The types that can be made here."""
    return ("OCP",) if call.services.config.classic is None else ("OCP", "AWS", "AWS-local")


def _credentials(data: Row, source_type: str = "OCP") -> Row:
    """``authentication.credentials``, or the cluster id given as ``source_ref``."""
    authentication = data.get("authentication")
    credentials = authentication.get("credentials") if isinstance(authentication, dict) else None
    found = dict(credentials) if isinstance(credentials, dict) else {}
    if source_ref := _text(data, "source_ref", required=False):
        found["cluster_id"] = source_ref
    if not found:
        raise Refusal(400, {"errors": [{"detail": "Missing credentials", "source": None, "status": 400}]})
    needed = "cluster_id" if source_type == "OCP" else "role_arn"
    if not found.get(needed):
        text = f"Provided credentials are missing the required field {needed}."
        raise error_list(400, "authentication.credentials", text)
    return found


def _data_source(data: Row, source_type: str) -> Row:
    """``billing_source.data_source``; an OCP source has none, an AWS one names its bucket."""
    billing = data.get("billing_source")
    found = billing.get("data_source") if isinstance(billing, dict) else None
    if source_type != "OCP" and not (isinstance(found, dict) and found.get("bucket")):
        text = "Provided data_source is missing the required field bucket."
        raise error_list(400, "billing_source.data_source", text)
    return found if isinstance(found, dict) else {}


def _check_account(call: Call, wanted: NewSource) -> None:
    """What AWS is asked about a source: its role and its bucket (docs/contract/clouds.md 19).

    Raises:
        Refusal: 400.
    """
    role, bucket = str(wanted.credentials["role_arn"]), str((wanted.data_source or {})["bucket"])
    if not _ROLE.fullmatch(role):
        text = f"Unable to access account resources with ARN {role}."
        raise error_list(400, "authentication.role_arn.unreachable", text)
    if not ObjectStore(call.services.config).bucket_exists(bucket):
        raise error_list(400, "billing_source.bucket.notfound", f"Bucket {bucket} could not be found with {role}.")


def create_source(call: Call) -> Reply:
    """POST: 201, or 400 for a duplicate cluster, another type or missing fields."""
    if not call.has_tenant:
        # A real Koku would clone a tenant schema here; this stand-in serves one organisation.
        raise error_list(400, "org_id", f"the stand-in serves organisation {call.services.config.org_id} only")
    data = call.json_object()
    name = _text(data, "name", required=True)
    source_type = _source_type(data, _supported(call))
    wanted = NewSource(
        name=name or "",
        source_type=source_type,
        credentials=_credentials(data, source_type),
        data_source=_data_source(data, source_type),
        auth_header=call.identity.encoded,
        username=call.identity.username,
        email=call.identity.email,
    )
    if source_type == "AWS":
        _check_account(call, wanted)
    _require_valkey(call)
    services = call.services
    try:
        with services.pool.connection() as connection:
            row = create_provider(connection, services.config, services.clock, services.valkey, wanted)
    except DuplicateProviderError as error:
        raise error_list(400, "source.duplicate", _DUPLICATE) from error
    # The page may have been filled again between the emptying inside the transaction and its commit.
    invalidate_views(services.valkey, services.config.schema, (SOURCES_FAMILY,))
    return Reply(created_json(row), status=201)


def _filters(call: Call) -> tuple[str, list[Any]]:
    """The list's WHERE clause: parts of name and type, the type's id, the cluster id; plain or as ``filter[...]``."""
    tree = parse_query(call.request.url.query)
    bracketed = tree.get("filter")
    given = tree | (bracketed if isinstance(bracketed, dict) else {})
    conditions, values = ["org_id = %s"], [call.identity.org_id]
    for key, column in (("name", "name"), ("type", "source_type"), ("source_type", "source_type")):
        value = given.get(key)
        if isinstance(value, str | list):
            parts = value if isinstance(value, str) else ",".join(value)
            for part in parts.split(","):
                conditions.append(f"position(lower(%s) in lower({column})) > 0")
                values.append(part)
    if isinstance(type_id := given.get("source_type_id"), str):
        conditions.append("source_type = %s")
        values.append(next((name for name, number in TYPE_IDS.items() if number == type_id), ""))
    if isinstance(source_ref := given.get("source_ref"), str):
        conditions.append("authentication #>> '{credentials,cluster_id}' = %s")
        values.append(source_ref)
    return " AND ".join(conditions), values


def list_sources(call: Call) -> Reply:
    """GET: pages of 10 unless ``limit`` says otherwise."""
    condition, values = _filters(call)
    with call.services.pool.connection() as connection:
        counted = connection.execute(f"SELECT COUNT(*) AS n FROM api_sources WHERE {condition}", values).fetchone()
        page = requested_page(call.request, counted["n"] if counted else 0, _DEFAULT_LIMIT)
        rows = connection.execute(
            f"SELECT * FROM api_sources WHERE {condition} ORDER BY source_id LIMIT %s OFFSET %s",
            [*values, page.limit, page.offset],
        ).fetchall()
        today = call.services.clock.today()
        return Reply(body(page, [source_json(connection, row, today) for row in rows]))


def _find(call: Call, connection: Connection) -> Row:
    """The source of the path, by id or uuid.

    Raises:
        Refusal: 404.
    """
    wanted = call.request.path_params["source"]
    column: str
    try:
        value: Any = uuid.UUID(wanted)
        column = "source_uuid"
    except ValueError:
        if not (wanted.isascii() and wanted.isdecimal()) or int(wanted) > 2**31 - 1:
            raise not_found() from None
        value, column = int(wanted), "source_id"
    row = connection.execute(
        f"SELECT * FROM api_sources WHERE {column} = %s AND org_id = %s", [value, call.identity.org_id]
    ).fetchone()
    if row is None:
        raise not_found("No Sources matches the given query.")
    return row


def source_detail(call: Call) -> Reply:
    """GET of one source; never cached."""
    with call.services.pool.connection() as connection:
        return Reply(source_json(connection, _find(call, connection), call.services.clock.today()))


def source_stats(call: Call) -> Reply:
    """GET of its manifests; never cached."""
    with call.services.pool.connection() as connection:
        return Reply(stats_json(connection, _find(call, connection)))


def change_source(call: Call) -> Reply:
    """PATCH: name, ``paused`` and the cluster id, in source, provider and tenant copy."""
    data = call.json_object()
    name = _text(data, "name", required=False)
    paused = data.get("paused")
    if paused is not None and not isinstance(paused, bool):
        raise error_list(400, "paused", "Must be a valid boolean.")
    if "source_type" in data or "source_type_id" in data:
        _source_type(data, _supported(call))
    named = "authentication" in data or "source_ref" in data
    _require_valkey(call)
    with call.services.pool.connection() as connection:
        row = _find(call, connection)
        credentials = _credentials(data, row["source_type"]) if named else None
        changed = row | {"name": name or row["name"], "paused": row["paused"] if paused is None else paused}
        changed["updated_timestamp"] = call.services.clock.now()
        if credentials:
            changed["authentication"] = {"credentials": credentials}
            _change_credentials(connection, row["source_uuid"], credentials)
        connection.execute(
            "UPDATE api_sources SET name = %(name)s, paused = %(paused)s, authentication = %(authentication)s,"
            " updated_timestamp = %(updated_timestamp)s WHERE source_id = %(source_id)s",
            changed | {"authentication": Jsonb(changed["authentication"])},
        )
        connection.execute(
            "UPDATE api_provider SET name = %(name)s, paused = %(paused)s, active = true WHERE uuid = %(source_uuid)s",
            changed,
        )
        connection.execute(
            "UPDATE reporting_tenant_api_provider SET name = %(name)s WHERE uuid = %(source_uuid)s", changed
        )
    invalidate_views(call.services.valkey, call.services.config.schema, (SOURCES_FAMILY,))
    return Reply(created_json(changed))


def _change_credentials(connection: Connection, provider: uuid.UUID, credentials: Row) -> None:
    """Give a provider its own new credentials.

    Raises:
        Refusal: 400 when another provider has them.
    """
    taken = connection.execute(
        "SELECT 1 FROM api_provider AS p JOIN api_providerauthentication AS a ON a.id = p.authentication_id"
        " WHERE a.credentials = %s AND p.uuid <> %s",
        [Jsonb(credentials), provider],
    ).fetchone()
    if taken:
        raise error_list(400, "source.duplicate", _DUPLICATE)
    connection.execute(
        "UPDATE api_providerauthentication SET credentials = %s"
        " WHERE id = (SELECT authentication_id FROM api_provider WHERE uuid = %s)",
        [Jsonb(credentials), provider],
    )


def delete_source(call: Call) -> Reply:
    """DELETE: 204; line items and archive objects go later, in a task."""
    _require_valkey(call)
    services = call.services
    with services.pool.connection() as connection:
        row = _find(call, connection)
        if not delete_provider(connection, services.config, services.valkey, str(row["source_uuid"])):
            # The provider is gone already; its source row must not stay for ever.
            connection.execute("DELETE FROM api_sources WHERE source_id = %s", [row["source_id"]])
    invalidate_views(services.valkey, services.config.schema, (SOURCES_FAMILY,))
    return Reply(None, status=204)
