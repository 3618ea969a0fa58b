"""Raw and daily parquet of a day file (docs/contract/clouds.md 7)."""

from __future__ import annotations

import io
import json
import math
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from e2e_validator.embedded.standin.classic.columns import (
    CATEGORY,
    DAILY_FIGURES,
    DAILY_KEYS,
    DOUBLES,
    NEEDED,
    TAG,
    TIMES,
    USER_TAG,
    hive_name,
    raw_columns,
)

TIME = pa.timestamp("ms", tz="UTC")


def raw_table(day: pa.Table) -> pa.Table:
    """The day's rows with typed columns; what the file lacks is empty or 0."""
    columns: dict[str, pa.Array] = {}
    for name in sorted(day.column_names):
        if not name.startswith((TAG, CATEGORY)):
            columns[hive_name(name)] = _typed(hive_name(name), day.column(name).to_pylist())
    columns["resourcetags"] = _folded(day, USER_TAG)
    columns["costcategory"] = _folded(day, CATEGORY)
    for name in sorted(raw_columns() - columns.keys()):
        columns[name] = _typed(name, [None] * day.num_rows)
    return pa.table(columns)


def daily_table(day: pa.Table, raw: pa.Table) -> pa.Table:
    """One row a group of the day.

    Raises:
        KeyError: A column is missing that the grouping does not do without.
        AttributeError, ValueError: The start of the usage is missing.
    """
    there = {hive_name(name) for name in day.column_names}
    for name in NEEDED:
        if name not in there:
            raise KeyError(name)
    if "lineitem_usagestartdate" not in there:
        raise AttributeError("'NaTType' object has no attribute 'normalize'")
    if raw.column("lineitem_usagestartdate").null_count:
        raise ValueError("Unexpected end of string while parsing year")
    starts = [_midnight(value) for value in raw.column("lineitem_usagestartdate").to_pylist()]
    position = raw.column_names.index("lineitem_usagestartdate")
    floored = raw.set_column(position, "lineitem_usagestartdate", pa.array(starts, TIME))
    # Without threads: the order in which doubles are added is that of the rows.
    grouped = floored.group_by(list(DAILY_KEYS), use_threads=False).aggregate(list(DAILY_FIGURES))
    columns = {name: grouped.column(name) for name in DAILY_KEYS}
    columns |= {name: grouped.column(f"{name}_{how}") for name, how in DAILY_FIGURES}
    columns["row_uuid"] = pa.array([str(uuid.uuid4()) for _ in range(grouped.num_rows)], pa.string())
    return pa.table(columns)


def packed(table: pa.Table) -> bytes:
    """The object's content."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _midnight(value: datetime) -> datetime:
    return value.replace(hour=0, minute=0, second=0, microsecond=0)


def _typed(name: str, values: list[str | None]) -> pa.Array:
    if name in DOUBLES:
        return pa.array([_number(value) for value in values], pa.float64())
    if name in TIMES:
        return pa.array([_moment(value) for value in values], TIME)
    return pa.array([value or "" for value in values], pa.string())


@cache
def _number(text: str | None) -> float:
    try:
        found = float(text or "")
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(found) else found


@cache
def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=found.tzinfo or UTC)


def _folded(day: pa.Table, prefix: str) -> pa.Array:
    """The columns of a kind as one JSON object a row; what is empty is left out."""
    names = sorted(name for name in day.column_names if name.startswith(prefix))
    keys = [name.removeprefix(prefix) for name in names]
    rows = zip(*(day.column(name).to_pylist() for name in names), strict=True) if names else [()] * day.num_rows
    return pa.array([_json(keys, row) for row in rows], pa.string())


def _json(keys: list[str], values: tuple[Any, ...]) -> str:
    return json.dumps({key: value for key, value in zip(keys, values, strict=True) if value})
