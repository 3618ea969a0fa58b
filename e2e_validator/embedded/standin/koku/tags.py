"""``tags/openshift/`` and ``tags/openshift/{key}/`` (docs/contract/koku.md 5.5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from e2e_validator.embedded.standin.koku.page import Page, empty_body, requested_page
from e2e_validator.embedded.standin.koku.query_string import QueryTree, Value, parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, bad_parameter, not_found
from e2e_validator.embedded.standin.koku.span import Span, allowed, kept_months, month_end, month_start, scope_span
from e2e_validator.embedded.standin.koku.views import Call, Reply

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Row = dict[str, Any]
_TABLES = {"storage": "reporting_ocpstoragevolumelabel_summary", "pod": "reporting_ocpusagepodlabel_summary"}
_FILTERS = ("key", "value", "project", "cluster", "node", "enabled", "type", "limit", "offset")
_SCOPE = ("resolution", "time_scope_value", "time_scope_units")
_MAX_VALUES = 50
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class TagParameters:
    """What was asked for."""

    span: Span
    enabled: bool
    kind: str | None
    texts: dict[str, list[str]]  # key, value, project, cluster, node -> parts of the name
    key_only: bool
    descending: bool
    meta: Row


def _one(value: Value) -> str:
    """The value of a field that takes one."""
    return value if isinstance(value, str) else value[-1]


def _boolean(text: str, field: str) -> bool:
    """A boolean field."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise bad_parameter({field: ["Must be a valid boolean."]}) from None


def _span(tree: QueryTree, scope: Row, today: dt.date, kept: int) -> Span:
    """Whole months: labels are kept per report period."""
    if "start_date" in tree or "end_date" in tree:
        if "start_date" not in tree or "end_date" not in tree:
            raise bad_parameter({"error": ["The parameters [start_date, end_date] must both be defined."]})
        first, last = (_day(tree, name, allowed(today, kept)) for name in ("start_date", "end_date"))
        return Span(month_start(first), month_end(last))
    value = int(scope["time_scope_value"])
    span = scope_span(value, scope["time_scope_units"], today)
    return Span(month_start(span.first), month_end(span.last))


def _day(tree: QueryTree, name: str, days: tuple[dt.date, dt.date]) -> dt.date:
    """A date within the range reports allow."""
    try:
        day = dt.date.fromisoformat(_one(cast("Value", tree[name])))
    except (ValueError, TypeError):
        text = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
        raise bad_parameter({name: [text]}) from None
    first, last = days
    if not first <= day <= last:
        raise bad_parameter({name: [f"Parameter {name} must be from {first} to {last}"]})
    return day


def read_tag_parameters(raw: str, today: dt.date, kept: int) -> TagParameters:
    """Read and check the query string.

    Raises:
        Refusal: 400.
    """
    tree = parse_query(raw)
    known = {"filter", "order_by", "key_only", "limit", "offset", "start_date", "end_date"}
    if unknown := [name for name in tree if name not in known]:
        raise bad_parameter({name: [UNSUPPORTED] for name in unknown})
    branch = tree.get("filter", {})
    given: dict[str, Value] = branch if isinstance(branch, dict) else {}
    if wrong := [name for name in given if name not in {*_FILTERS, *_SCOPE}]:
        raise bad_parameter({"filter": {name: [UNSUPPORTED] for name in wrong}})
    scope: Row = {name: _one(given[name]) for name in _SCOPE if name in given}
    if "start_date" in tree or "end_date" in tree:
        scope.setdefault("resolution", "daily")
    else:
        scope.setdefault("time_scope_value", "-1" if scope.get("time_scope_units") == "month" else "-10")
        monthly = scope["time_scope_value"] in {"-1", "-2", "-3"}
        scope.setdefault("time_scope_units", "month" if monthly else "day")
        scope.setdefault("resolution", "monthly" if monthly else "daily")
        if scope["time_scope_value"] not in {"-1", "-2", "-3", "-10", "-30", "-90"}:
            text = f'"{scope["time_scope_value"]}" is not a valid choice.'
            raise bad_parameter({"filter": {"time_scope_value": [text]}})
    enabled = _boolean(_one(given["enabled"]), "enabled") if "enabled" in given else True
    texts: dict[str, list[str]] = {
        name: _parts(given[name]) for name in ("key", "value", "project", "cluster", "node") if name in given
    }
    order = tree.get("order_by")
    descending = isinstance(order, dict) and "desc" in order.values()
    key_only = "key_only" in tree and _boolean(_one(cast("Value", tree["key_only"])), "key_only")
    kind = _one(given["type"]) if "type" in given else None
    if kind not in {None, "pod", "storage", "*"}:
        raise bad_parameter({"filter": {"type": [f'"{kind}" is not a valid choice.']}})
    shown: Row = scope | texts | {"enabled": enabled} | ({"type": kind} if kind else {})
    meta: Row = {"filter": shown, "group_by": {}, "order_by": order or {}, "exclude": {}, "access": {}}
    meta |= {"key_only": key_only}
    meta |= {name: tree[name] for name in ("start_date", "end_date") if name in tree} | {"currency": "USD"}
    return TagParameters(_span(tree, scope, today, kept), enabled, kind, texts, key_only, descending, meta)


def _parts(value: Value) -> list[str]:
    """A string or list field."""
    return (value if isinstance(value, str) else ",".join(value)).split(",")


def _condition(parameters: TagParameters) -> tuple[str, list[Any]]:
    """WHERE over labels ``l`` and report periods ``p``."""
    conditions = ["p.report_period_start BETWEEN %s AND %s", _ENABLED if parameters.enabled else f"NOT {_ENABLED}"]
    values: list[Any] = [parameters.span.first, parameters.span.last]
    columns = {"key": ("l.key",), "project": ("l.namespace",), "node": ("l.node",)}
    for name, columns_of in {**columns, "cluster": ("p.cluster_id", "p.cluster_alias")}.items():
        wanted = parameters.texts.get(name, [])
        if wanted and "*" not in wanted:
            tests = [f"position(lower(%s) in lower({column})) > 0" for part in wanted for column in columns_of]
            conditions.append(f"({' OR '.join(tests)})")
            values += [part for part in wanted for _ in columns_of]
    return " AND ".join(conditions), values


_ENABLED = (
    "EXISTS (SELECT 1 FROM reporting_enabledtagkeys AS e WHERE e.key = l.key AND e.provider_type = 'OCP' AND e.enabled)"
)


def find_tags(connection: Connection, parameters: TagParameters, key: str | None = None) -> list[Row]:
    """``{key, values, enabled}`` per key; per key and type (``type`` added) when a type is asked for."""
    condition, values = _condition(parameters)
    if key is not None:
        condition, values = f"{condition} AND l.key = %s", [*values, key]
    found: dict[tuple[str, str], Row] = {}
    for kind, table in _TABLES.items():
        if parameters.kind not in {None, "*", kind}:
            continue
        rows = connection.execute(
            f"SELECT l.key, l.values FROM {table} AS l JOIN reporting_ocpusagereportperiod AS p"
            f" ON p.id = l.report_period_id WHERE {condition}",
            values,
        ).fetchall()
        for row in rows:
            place = row["key"], kind if parameters.kind else ""
            entry = found.setdefault(place, {"key": row["key"], "values": set(), "enabled": parameters.enabled})
            entry["values"] |= set(row["values"])
            if parameters.kind:
                entry["type"] = kind
    tags = sorted(found.values(), key=lambda tag: tag["key"], reverse=parameters.descending)
    return [tag | {"values": sorted(tag["values"], reverse=parameters.descending)} for tag in tags]


def _shortened(tag: Row) -> Row:
    """At most 50 values in the list of all keys."""
    surplus = len(tag["values"]) - _MAX_VALUES
    return tag | {"values": [*tag["values"][:_MAX_VALUES], f"{surplus} more..."]} if surplus > 0 else tag


def _reply(call: Call, meta: Row, items: list[Any]) -> Reply:
    """One page of keys or values."""
    page: Page = requested_page(call.request, len(items), 100)
    return Reply({"meta": meta | page.meta, "links": page.links, "data": page.cut(items)})


def list_tags(call: Call) -> Reply:
    """All keys with their values; only the enabled ones unless ``filter[enabled]=false``."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    with call.services.pool.connection() as connection:
        kept = kept_months(connection)
    parameters = read_tag_parameters(call.request.url.query, call.services.clock.today(), kept)
    if "value" in parameters.texts:
        raise bad_parameter({"details": "Invalid query parameter 'value'."})
    with call.services.pool.connection() as connection:
        tags = find_tags(connection, parameters)
    if parameters.key_only:
        return _reply(call, parameters.meta, list(dict.fromkeys(tag["key"] for tag in tags)))
    return _reply(call, parameters.meta, [_shortened(tag) for tag in tags])


def tag_values(call: Call) -> Reply:
    """The values of one key; 404 for a key the organisation does not have."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    key = call.request.path_params["key"]
    with call.services.pool.connection() as connection:
        kept = kept_months(connection)
    parameters = read_tag_parameters(call.request.url.query, call.services.clock.today(), kept)
    if parameters.key_only:
        raise bad_parameter({"details": "Invalid query parameter 'key_only'."})
    with call.services.pool.connection() as connection:
        known = connection.execute(
            "SELECT 1 FROM reporting_enabledtagkeys WHERE provider_type = 'OCP' AND key = %s", [key]
        ).fetchone()
        if not known:
            raise not_found()
        tags = find_tags(connection, parameters, key)
    values = [value for tag in tags for value in tag["values"]]
    wanted = parameters.texts.get("value", [])
    if wanted and "*" not in wanted:
        values = [value for value in values if any(part.lower() in value.lower() for part in wanted)]
    return _reply(call, parameters.meta, values)
