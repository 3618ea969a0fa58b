"""``price-lists/``: list, detail, change and delete; a cost model makes its own (docs/contract/koku.md 5.3, 6.4)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from e2e_validator.embedded.standin.koku.cost_model_rates import read_rates
from e2e_validator.embedded.standin.koku.cost_models import price_again, require_writable
from e2e_validator.embedded.standin.koku.fields import FieldError, boolean, gather, refused, text
from e2e_validator.embedded.standin.koku.page import body, empty_body, requested_page
from e2e_validator.embedded.standin.koku.price_list_rows import price_list_json, store_rates
from e2e_validator.embedded.standin.koku.refusal import not_found
from e2e_validator.embedded.standin.koku.span import month_end, month_start
from e2e_validator.embedded.standin.koku.views import Call, Reply

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
_START, _END = "effective_start_date", "effective_end_date"
_MISSING = "No PriceList matches the given query."


def _row(conn: Connection, call: Call) -> Row:
    try:
        key = uuid.UUID(call.request.path_params["key"])
    except ValueError:
        raise not_found() from None
    row = conn.execute("SELECT * FROM price_list WHERE uuid = %s", [key]).fetchone() if call.has_tenant else None
    if row is None:
        raise not_found(_MISSING)
    return row


def list_price_lists(call: Call) -> Reply:
    """GET: by name, pages of 10."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    with call.services.pool.connection() as conn:
        rows = conn.execute("SELECT * FROM price_list ORDER BY name, uuid").fetchall()
        page = requested_page(call.request, len(rows), 10)
        return Reply(body(page, [price_list_json(conn, row) for row in page.cut(list(rows))]))


def price_list_detail(call: Call) -> Reply:
    """GET of one."""
    with call.services.pool.connection() as conn:
        return Reply(price_list_json(conn, _row(conn, call)))


def _day(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (ValueError, TypeError):
        raise FieldError(["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]) from None


def _read(data: Row, row: Row) -> Row:
    """What the body changes, checked against what is there."""
    readers: dict[str, Any] = {}
    for name, longest in (("name", 255), ("description", 10_000)):
        if name in data:
            readers[name] = lambda name=name, longest=longest: text(data, name, longest, blank=name == "description")
    for name in (_START, _END):
        if name in data:
            readers[name] = lambda name=name: _day(data[name])
    if "enabled" in data:
        readers["enabled"] = lambda: boolean(data["enabled"])
    if "rates" in data:
        readers["rates"] = lambda: read_rates(data["rates"])
    found = gather(readers)
    start, end = ((row | found)[name] for name in (_START, _END))
    if start != month_start(start):
        raise FieldError({"non_field_errors": ["effective_start_date must be on the first day of the month."]})
    if end != month_end(end):
        raise FieldError({"non_field_errors": ["effective_end_date must be on the last day of the month."]})
    if end < start:
        raise FieldError({"non_field_errors": ["effective_end_date must be on or after effective_start_date."]})
    if data.get("currency", row["currency"]) != row["currency"]:
        raise FieldError(["Currency cannot be changed after price list creation."])
    locked = {name for name in (_START, _END, "rates") if name in found and found[name] != row[name]}
    if locked and not row["enabled"] and not found.get("enabled"):
        rule = "Only name, description, and status can be updated."
        raise FieldError([f"Cannot update {locked} on a disabled price list. {rule}"])
    return found


def change_price_list(call: Call) -> Reply:
    """PUT of any of name, description, dates (whole months), ``enabled`` and rates.

    New dates or rates make a new version; if the list then covers this month, its sources are priced again.
    """
    require_writable(call)
    clock = call.services.clock
    today = clock.today()
    try:
        with call.services.pool.connection() as conn:
            row = _row(conn, call)
            found = _read(call.json_object(), row)
            dated = any(found.get(name, row[name]) != row[name] for name in (_START, _END))
            if "rates" in found:
                store_rates(conn, row["uuid"], found["rates"], clock.now())
            new = row | found | {"version": row["version"] + (dated or "rates" in found), "now": clock.now()}
            conn.execute(
                "UPDATE price_list SET name = %(name)s, description = %(description)s, enabled = %(enabled)s,"
                " effective_start_date = %(effective_start_date)s, effective_end_date = %(effective_end_date)s,"
                " version = %(version)s, updated_timestamp = %(now)s WHERE uuid = %(uuid)s",
                {name: value for name, value in new.items() if name != "rates"},
            )
            shown = price_list_json(conn, _row(conn, call))
            sources = conn.execute(
                "SELECT c.provider_uuid FROM cost_model_map c JOIN price_list_cost_model_map m"
                " ON m.cost_model_id = c.cost_model_id WHERE m.price_list_id = %s",
                [row["uuid"]],
            ).fetchall()
    except FieldError as error:
        raise refused(error.errors) from error
    if (dated or "rates" in found) and new[_START] <= today and new[_END] >= month_start(today):
        price_again(call, [str(source["provider_uuid"]) for source in sources])
    return Reply(shown)


def remove_price_list(call: Call) -> Reply:
    """DELETE: 204; 400 while a cost model uses it."""
    require_writable(call)
    with call.services.pool.connection() as conn:
        row = _row(conn, call)
        used = conn.execute(
            "SELECT count(*) AS n FROM price_list_cost_model_map WHERE price_list_id = %s", [row["uuid"]]
        ).fetchone()
        if used and used["n"]:
            raise refused([f"Cannot delete price list '{row['name']}': it is assigned to {used['n']} cost model(s)."])
        conn.execute("DELETE FROM cost_model_rate WHERE price_list_id = %s", [row["uuid"]])
        conn.execute("DELETE FROM price_list WHERE uuid = %s", [row["uuid"]])
    return Reply(None, status=204)
