"""What PostgreSQL holds of a source: bills, daily summary, instances, UI tables (docs/contract/clouds.md 8, 9)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from psycopg import sql

from e2e_validator.access.database import Rows
from e2e_validator.engine.context import Context
from e2e_validator.expect.measures import Key, Measures, numbered
from e2e_validator.expect.stage import Stage
from e2e_validator.providers.aws.expect import ec2, stages, summary
from e2e_validator.providers.aws.expect.ui_tables import COLUMNS, UI_TABLES, UiTable
from e2e_validator.providers.aws.names import BILL, DAILY_SUMMARY, EC2_COMPUTE
from e2e_validator.providers.aws.own import own_expectation

# The columns that are called otherwise than the parts of a row that is expected.
_COLUMNS = COLUMNS | {
    "day": "usage_start",
    "first_day": "usage_start",
    "last_day": "usage_end",
    "currency": "currency_code",
    "resource": "resource_id",
    "resources": "resource_ids",
    "categories": "cost_category",
}
_INSTANCES = (*summary.MONEY, "usage_amount", "normalized_usage_amount", "normalization_factor")
_RATES = ("unblended_rate", "blended_rate", "public_on_demand_cost", "public_on_demand_rate")
_NUMBERS = (*_INSTANCES, *_RATES)
_LISTS = {"resource_ids"}
_JSON = {"tags", "cost_category"}


def summary_stages(context: Context, payload: int) -> list[Stage]:
    """The bills, the daily summary and the instances after ``payload`` (from 1)."""
    expectation = own_expectation(context)
    none = not expectation.stage(stages.SUMMARY, payload - 1)
    bills = expectation.stage(stages.BILL, payload - 1)
    return [
        Stage("daily parquet -> bills", bills, _bills(context), may_be_empty=not bills),
        Stage(
            "daily parquet -> daily summary",
            expectation.stage(stages.SUMMARY, payload - 1),
            _measured(_rows(context, DAILY_SUMMARY, summary.NAMES, (*_NUMBERS, "resource_count")), summary.NAMES),
            may_be_empty=none,
        ),
        Stage(
            "daily parquet -> EC2 compute",
            expectation.stage(stages.EC2, payload - 1),
            _measured(_rows(context, EC2_COMPUTE, ec2.NAMES, _NUMBERS), ec2.NAMES),
            may_be_empty=True,
        ),
    ]


def ui_stage(context: Context, payload: int) -> Stage:
    """The ten UI tables after ``payload`` (from 1), with the markup: what the API reads."""
    expectation = own_expectation(context)
    actual: Measures = {}
    for table in UI_TABLES.values():
        actual |= _ui_table(context, table)
    none = not expectation.stage(stages.SUMMARY, payload - 1)
    return Stage("daily summary -> UI tables", expectation.stage(stages.UI, payload - 1), actual, may_be_empty=none)


def _bills(context: Context) -> Measures:
    statement = sql.SQL(
        "SELECT to_char(billing_period_start AT TIME ZONE 'UTC', 'YYYY-MM') AS month,"
        " coalesce(payer_account_id, '') AS payer, count(*) AS rows FROM {} WHERE provider_id = %s::uuid GROUP BY 1, 2"
    ).format(context.clients.database.table(BILL))
    rows = context.clients.database.rows(statement, [context.provider_uuid])
    return {(row["month"], row["payer"]): {"rows": Decimal(row["rows"])} for row in rows}


def _rows(context: Context, table: str, names: Sequence[str], numbers: Iterable[str]) -> Rows:
    """The rows of the source in a table: the parts of their keys as text, and their numbers."""
    database = context.clients.database
    texts = []
    for name in names:
        column = _COLUMNS.get(name, name)
        form = "to_json({})::text AS {}" if column in _LISTS else "{}::text AS {}"
        texts.append(sql.SQL(form).format(sql.Identifier(column), sql.Identifier(name)))
    columns = [*texts, *(sql.SQL("{0}::numeric AS {0}").format(sql.Identifier(name)) for name in numbers)]
    statement = sql.SQL("SELECT {} FROM {} WHERE source_uuid = %s::uuid").format(
        sql.SQL(", ").join(columns), database.table(table)
    )
    return database.rows(statement, [context.provider_uuid])


def _measured(rows: Rows, names: Sequence[str]) -> Measures:
    """The rows keyed by all their texts, NULL as ''; of several that look alike each is there."""
    twins: dict[Key, list[dict[str, Decimal]]] = defaultdict(list)
    for row in rows:
        key = tuple(_text(name, row[name]) for name in names)
        twins[key].append({name: value for name, value in row.items() if name not in names and value is not None})
    return numbered(twins)


def _text(name: str, text: str | None) -> str:
    if text is None:
        return ""
    column = _COLUMNS.get(name, name)
    if column not in _LISTS | _JSON:
        return text
    content: Any = json.loads(text)
    ordered = dict(sorted(content.items())) if isinstance(content, dict) else sorted(content)
    return json.dumps(ordered, ensure_ascii=False)


def _ui_table(context: Context, table: UiTable) -> Measures:
    """One table, keyed as ``ui_tables.ui_rows``."""
    names = ["day", *table.dimensions, *(("unit",) if table.usage else ()), "currency"]
    names += ["resources"] if table.resources else []
    numbers = [*summary.MONEY, *(("usage_amount",) if table.usage else ())]
    numbers += ["resource_count"] if table.resources else []
    twins: dict[Key, list[dict[str, Decimal]]] = defaultdict(list)
    for row in _rows(context, table.name, names, numbers):
        resources = ",".join(sorted(json.loads(row["resources"] or "[]"))) if table.resources else ""
        dimensions = (row[name] or "" for name in ("day", *table.dimensions))
        key = (table.name, *dimensions, row.get("unit") or "", row["currency"] or "", resources)
        twins[key].append({name: row[name] for name in numbers if row[name] is not None})
    return numbered(twins)
