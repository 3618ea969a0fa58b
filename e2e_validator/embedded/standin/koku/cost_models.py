"""``cost-models/``: list, create, detail, replace and delete (docs/contract/koku.md 5.5).

Each change prices the current month again, in a task; past months are priced through masu.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from e2e_validator.embedded.standin.koku.cost_model_body import ENABLED_CURRENCY, CostModelBody, read_body
from e2e_validator.embedded.standin.koku.cost_model_rows import (
    cost_model_json,
    delete_cost_model,
    insert_cost_model,
    update_cost_model,
)
from e2e_validator.embedded.standin.koku.fields import FieldError, refused
from e2e_validator.embedded.standin.koku.page import body, empty_body, requested_page
from e2e_validator.embedded.standin.koku.refusal import error_list, not_found
from e2e_validator.embedded.standin.koku.views import Call, Reply
from e2e_validator.embedded.standin.queues import Task, send
from e2e_validator.embedded.standin.tasks.summarize import UPDATE_COST_MODEL_COSTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
_DEFAULT_LIMIT = 10
_ORDERS = ("name", "source_type", "updated_timestamp")
_PAGING = ("limit", "offset", "ordering")


def require_writable(call: Call) -> None:
    """A writing request needs the tenant served here, and Valkey, for its task is queued there.

    Raises:
        Refusal: 400 or 500.
    """
    if not call.has_tenant:
        raise error_list(400, "org_id", f"the stand-in serves organisation {call.services.config.org_id} only")
    if not call.services.pages.answers():
        raise error_list(500, "detail", "the queue cannot be reached; nothing was changed")


def _body(call: Call, conn: Connection) -> CostModelBody:
    """The checked body, whose sources exist.

    Raises:
        FieldError: see ``read_body``.
    """
    found = read_body(call.json_object())
    count = conn.execute(
        "SELECT count(*) AS n FROM api_provider WHERE uuid = ANY (%s::uuid[])", [found.source_uuids]
    ).fetchone()
    if count is None or count["n"] != len(set(found.source_uuids)):
        raise FieldError({"source_uuids": ["Invalid request. Source UUID validation failed."]})
    return found


def price_again(call: Call, sources: Iterable[str]) -> None:
    """Queue the cost step of this month for each active source."""
    services = call.services
    today = services.clock.today()
    with services.pool.connection() as conn:
        rows = conn.execute(
            "SELECT uuid FROM api_provider WHERE active AND uuid = ANY (%s::uuid[]) ORDER BY created_timestamp",
            [list(sources)],
        ).fetchall()
    for row in rows:
        named = {"start_date": str(today.replace(day=1)), "end_date": str(today), "tracing_id": str(uuid.uuid4())}
        task = Task(UPDATE_COST_MODEL_COSTS, [services.config.schema, str(row["uuid"])], named)
        send(services.valkey, "priority", task)


def _row(conn: Connection, key: uuid.UUID, *, lock: bool = False) -> Row:
    row = conn.execute(f"SELECT * FROM cost_model WHERE uuid = %s {'FOR UPDATE' if lock else ''}", [key]).fetchone()
    if row is None:
        raise not_found("No CostModel matches the given query.")
    return row


def _key(call: Call) -> uuid.UUID:
    try:
        return uuid.UUID(call.request.path_params["key"])
    except ValueError:
        raise not_found() from None


def create_cost_model(call: Call) -> Reply:
    """POST: 201; 400 for what cannot be used, and for a source that has a cost model already."""
    require_writable(call)
    clock = call.services.clock
    try:
        with call.services.pool.connection() as conn:
            wanted = _body(call, conn)
            key = insert_cost_model(conn, wanted, clock.now())
            shown = cost_model_json(conn, _row(conn, key), clock.today())
    except FieldError as error:
        raise refused(error.errors) from error
    price_again(call, wanted.source_uuids)
    return Reply(shown, status=201)


def replace_cost_model(call: Call) -> Reply:
    """PUT: 200. Sources that the body does not name lose the cost model; rates it does not name stay."""
    require_writable(call)
    key, clock = _key(call), call.services.clock
    try:
        with call.services.pool.connection() as conn:
            row = _row(conn, key, lock=True)
            sources = update_cost_model(conn, row, _body(call, conn), clock.now())
            shown = cost_model_json(conn, _row(conn, key), clock.today())
    except FieldError as error:
        raise refused(error.errors) from error
    price_again(call, sources)
    return Reply(shown)


def remove_cost_model(call: Call) -> Reply:
    """DELETE: 204; its sources are priced again, which removes their cost rows of this month."""
    require_writable(call)
    key = _key(call)
    with call.services.pool.connection() as conn:
        _row(conn, key, lock=True)
        sources = delete_cost_model(conn, key)
    price_again(call, sources)
    return Reply(None, status=204)


def cost_model_detail(call: Call) -> Reply:
    """GET of one."""
    if not call.has_tenant:
        raise not_found("No CostModel matches the given query.")
    with call.services.pool.connection() as conn:
        return Reply(cost_model_json(conn, _row(conn, _key(call)), call.services.clock.today()))


def _condition(call: Call) -> tuple[str, list[Any]]:
    """The list's WHERE clause.

    Raises:
        Refusal: 400 for an unknown field, a wrong uuid or a currency that is not enabled.
    """
    conditions = ["true"]
    values: list[Any] = []
    for name, value in call.request.query_params.items():
        if name in ("name", "description"):
            for part in value.split(","):
                conditions.append(f"position(lower(%s) in lower({name})) > 0")
                values.append(part)
        elif name in ("uuid", "source_uuid"):
            try:
                values.append(uuid.UUID(value))
            except ValueError:
                raise error_list(400, name, "Enter a valid UUID.") from None
            mapped = "uuid IN (SELECT cost_model_id FROM cost_model_map WHERE provider_uuid = %s)"
            conditions.append("uuid = %s" if name == "uuid" else mapped)
        elif name in ("source_type", "currency"):
            if name == "currency" and value.upper() != ENABLED_CURRENCY:
                raise error_list(400, name, f'"{value}" is not an enabled currency.')
            conditions.append(f"lower({name}) = lower(%s)")
            values.append(value)
        elif name not in _PAGING:
            raise error_list(400, "detail", f"Cannot resolve keyword '{name}' into field.")
    return " AND ".join(conditions), values


def list_cost_models(call: Call) -> Reply:
    """GET: by name unless ``ordering`` says otherwise, pages of 10; never cached."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    condition, values = _condition(call)
    wanted = call.request.query_params.get("ordering", "name")
    column = wanted.removeprefix("-") if wanted.removeprefix("-") in _ORDERS else "name"
    order = f"{column} {'DESC' if wanted == f'-{column}' else 'ASC'}, uuid"
    with call.services.pool.connection() as conn:
        rows = conn.execute(f"SELECT * FROM cost_model WHERE {condition} ORDER BY {order}", values).fetchall()
        page = requested_page(call.request, len(rows), _DEFAULT_LIMIT)
        today = call.services.clock.today()
        return Reply(body(page, [cost_model_json(conn, row, today) for row in page.cut(list(rows))]))
