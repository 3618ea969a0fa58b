"""``reports/aws/resources/ec2-compute/``: instances of a month (docs/contract/clouds.md 10, 19).

The table has a row for each set of tags of a resource; here they are one, with the sums of all and all their tags.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from psycopg import sql

from e2e_validator.embedded.standin.classic.api.answer import packed
from e2e_validator.embedded.standin.classic.api.kinds import COST_TYPES, AwsReport
from e2e_validator.embedded.standin.classic.api.parameters import AwsParameters
from e2e_validator.embedded.standin.classic.api.report_view import DEFAULT_DATES, asked_for
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.koku.page import empty_body, requested_page
from e2e_validator.embedded.standin.koku.query_string import parse_query
from e2e_validator.embedded.standin.koku.refusal import UNSUPPORTED, bad_parameter
from e2e_validator.embedded.standin.koku.report_fields import last_of, strip_operator
from e2e_validator.embedded.standin.koku.span import Span, month_end, month_start
from e2e_validator.embedded.standin.koku.views import Call, Reply

Row = dict[str, Any]
UNIT = "Hrs"
_COLUMNS = {
    "account": "usage_account_id",
    "region": "region",
    "operating_system": "operating_system",
    "instance": "resource_id",
}
_REPORT = AwsReport("ec2-compute", {}, unit=UNIT, further=_COLUMNS)
_CHOICES = {
    "time_scope_value": (("-1", "-2", "-3"), "valid choices are '('-1', '-2', '-3')'"),
    "time_scope_units": (("month",), "valid choice is 'month'"),
    "resolution": (("monthly",), "valid choice is 'monthly'"),
}
_SHOWN = ("instance_type", "operating_system", "region", "memory", "vcpu")


def ec2_view(call: Call) -> Reply:
    """GET: a row per instance, by its id; what is paged are the instances."""
    if not call.has_tenant:
        return Reply(empty_body(call.request))
    with call.services.pool.connection() as connection:
        _check(call)
        parameters = asked_for(call, _REPORT, connection)
        parameters.span = _month(call)
        if not any(name in call.request.url.query for name in ("time_scope", "resolution", "start_date")):
            parameters.meta["filter"] |= {"resolution": "monthly"}
        rows = _rows(connection, parameters)
    page = requested_page(call.request, len(rows), DEFAULT_DATES)
    total = packed(_total(rows), UNIT)
    return Reply(
        {
            "meta": page.meta | parameters.meta | {"total": total},
            "links": page.links,
            "data": _data(parameters, page.cut(rows)),
        }
    )


def _check(call: Call) -> None:
    """What other reports take and this one does not (docs/contract/clouds.md 19).

    Raises:
        Refusal: 400.
    """
    tree = parse_query(call.request.url.query)
    errors: Row = {name: [UNSUPPORTED] for name in ("end_date", "start_date") if name in tree}
    if "group_by" in tree:
        errors["group_by"] = {"non_field_errors": ["Group by queries are not allowed."]}
    given = tree.get("filter", {})
    given = given if isinstance(given, dict) else {}
    wrong = {
        name: [text] for name, (may, text) in _CHOICES.items() if name in given and last_of(given[name]) not in may
    }
    wrong |= {name: [UNSUPPORTED] for name in ("limit", "offset") if name in given}
    if wrong:
        errors["filter"] = wrong
    if errors:
        raise bad_parameter(errors)


def _month(call: Call) -> Span:
    """The one month that is asked for: this one, or one before it."""
    given = parse_query(call.request.url.query).get("filter", {})
    value = last_of(given["time_scope_value"]) if isinstance(given, dict) and "time_scope_value" in given else "-1"
    first = month_start(call.services.clock.today(), 1 + int(value))
    return Span(first, month_end(first))


def _rows(connection: Connection, parameters: AwsParameters) -> list[Row]:
    cost, markup = COST_TYPES[parameters.cost_type]
    conditions = [sql.SQL("usage_start >= {} AND usage_start <= {}").format(
        sql.Literal(month_start(parameters.span.first)), sql.Literal(parameters.span.last)
    )]  # fmt: skip
    for key, values in parameters.filter.items():
        name = strip_operator(key)
        if name not in _COLUMNS:
            raise bad_parameter({"filter": {key: [UNSUPPORTED]}})
        conditions.append(
            sql.SQL("{} ILIKE ANY ({})").format(
                sql.Identifier(_COLUMNS[name]), sql.Literal([f"%{value}%" for value in values])
            )
        )
    statement = sql.SQL(
        "SELECT to_char(usage_start, 'YYYY-MM') AS date, resource_id, max(usage_account_id) AS account,"
        " coalesce(max(instance_name), resource_id) AS instance_name, max(instance_type) AS instance_type,"
        " max(operating_system) AS operating_system, max(region) AS region, max(memory) AS memory, max(vcpu) AS vcpu,"
        " array_agg(tags ORDER BY tags::text) AS tags, array_agg(DISTINCT source_uuid) AS source_uuid,"
        " sum(usage_amount) AS usage, coalesce(max(unit), 'Hrs') AS usage_units, sum({}) AS cost_raw,"
        " sum({}) AS cost_markup FROM reporting_awscostentrylineitem_summary_by_ec2_compute_p WHERE {}"
        ' GROUP BY 1, resource_id ORDER BY resource_id COLLATE "C" DESC'
    ).format(sql.Identifier(cost), sql.Identifier(markup), sql.SQL(" AND ").join(conditions))
    found = connection.execute(statement).fetchall()
    return [dict(row) | {"cost_total": row["cost_raw"] + row["cost_markup"]} for row in found]


def _total(rows: list[Row]) -> Row:
    names = ("cost_raw", "cost_markup", "cost_total", "usage")
    return {name: sum((row[name] for row in rows), Decimal(0)) for name in names} | {"usage_units": UNIT}


def _data(parameters: AwsParameters, rows: list[Row]) -> list[Row]:
    found: list[Row] = []
    if not rows:
        return found
    for date in parameters.span.buckets("monthly"):
        shown = [{"resource_id": row["resource_id"], "values": [_shown(row)]} for row in rows if row["date"] == date]
        found.append({"date": date, "resource_ids": shown})
    return found


def _shown(row: Row) -> Row:
    names = ("date", "resource_id", "account", "instance_name", *_SHOWN)
    return {
        **{name: row[name] for name in names},
        "account_alias": row["account"],
        "source_uuid": row["source_uuid"],
        "tags": [{"key": key, "values": [value]} for key, value in dict.fromkeys(_pairs(row["tags"]))],
        **packed(row, UNIT),
    }


def _pairs(every: list[dict[str, str] | None]) -> Iterator[tuple[str, str]]:
    for tags in every:
        yield from sorted((tags or {}).items())
