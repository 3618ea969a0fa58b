"""What Trino's tables hold of a source: partitions, and rows and sums by day (docs/contract/clouds.md 7)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from e2e_validator.access.http import Refused
from e2e_validator.access.warehouse import Warehouse
from e2e_validator.engine.context import Context
from e2e_validator.errors import GaveUp
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage
from e2e_validator.providers.aws.expect import stages
from e2e_validator.providers.aws.expect.columns import NUMBERS, SUMMED
from e2e_validator.providers.aws.names import DAILY_TABLE, RAW_TABLE
from e2e_validator.providers.aws.own import own_expectation

_TABLES = {RAW_TABLE: ("raw", SUMMED, stages.RAW_BY_DAY), DAILY_TABLE: ("daily", NUMBERS, stages.DAILY_BY_DAY)}


def warehouse_stages(context: Context, payload: int) -> list[Stage]:
    """Partitions and rows of both tables after ``payload`` (from 1); none for a target that names no Trino.

    Raises:
        GaveUp: Trino cannot answer, as a table that is not there makes it.
        Unreachable: Trino does not answer.
    """
    warehouse = context.clients.warehouse
    if warehouse is None:
        return []
    expectation, uuid = own_expectation(context), context.provider_uuid
    found = []
    for table, (kind, numbers, by_day) in _TABLES.items():
        months = expectation.stage(stages.PARTITIONS, payload - 1)
        name = f"{kind} parquet -> Trino"
        # Of an assembly of which no file is converted there is nothing: that is compared, too.
        none = not months
        if none and table not in warehouse.tables():
            continue
        found.append(Stage(f"{name}: partitions of {table}", months, _partitions(warehouse, table, uuid), none))
        wanted = expectation.stage(by_day, payload - 1)
        found.append(Stage(f"{name}: {table}", wanted, _by_day(warehouse, table, uuid, numbers), none))
    return found


def _partitions(warehouse: Warehouse, table: str, uuid: str) -> Measures:
    statement = f'SELECT year, month FROM "{table}$partitions" WHERE source = ?'
    found: Measures = {}
    for year, month in _asked(warehouse, statement, [uuid]):
        row = found.setdefault((f"{year}-{month}",), {"rows": Decimal(0)})
        row["rows"] += 1
    return found


def _by_day(warehouse: Warehouse, table: str, uuid: str, numbers: Sequence[str]) -> Measures:
    sums = ", ".join(f"sum({name})" for name in numbers)
    statement = (
        f"SELECT year, month, CAST(lineitem_usagestartdate AS date) AS day, count(*), {sums}"
        f" FROM {table} WHERE source = ? GROUP BY 1, 2, 3"
    )
    return {
        (f"{year}-{month}", str(day)): {"rows": Decimal(rows)}
        | {name: Decimal(repr(value)) for name, value in zip(numbers, values, strict=True) if value is not None}
        for year, month, day, rows, *values in _asked(warehouse, statement, [uuid])
    }


def _asked(warehouse: Warehouse, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    try:
        return warehouse.rows(statement, parameters)
    except Refused as error:
        raise GaveUp(str(error), detail=f"asked       {statement}") from error
