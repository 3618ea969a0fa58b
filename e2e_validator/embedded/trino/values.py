"""Types and values as Trino writes them into its answers."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa


def type_of(kind: pa.DataType) -> str:
    """Trino's name of a type."""
    plain = {
        pa.bool_(): "boolean",
        pa.int8(): "tinyint",
        pa.int16(): "smallint",
        pa.int32(): "integer",
        pa.int64(): "bigint",
        pa.float32(): "real",
        pa.float64(): "double",
        pa.date32(): "date",
    }
    if kind in plain:
        return plain[kind]
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[kind.unit]
        return f"timestamp({digits})" + (" with time zone" if kind.tz else "")
    if pa.types.is_list(kind):
        return f"array({type_of(kind.value_type)})"
    if pa.types.is_map(kind):
        return f"map({type_of(kind.key_type)},{type_of(kind.item_type)})"
    if pa.types.is_integer(kind):
        return "bigint"
    return "varchar"


def signature(name: str) -> dict[str, Any]:
    """The ``typeSignature`` of a type: what is in brackets is taken apart."""
    base, _, inner = name.partition("(")
    if not inner:
        arguments = [{"kind": "LONG", "value": 2147483647}] if name == "varchar" else []
        return {"rawType": name, "arguments": arguments}
    inner, _, rest = inner.rpartition(")")
    if base in ("array", "map"):
        return {
            "rawType": base,
            "arguments": [{"kind": "TYPE", "value": signature(part)} for part in _top_level(inner)],
        }
    arguments = [{"kind": "LONG", "value": int(part)} for part in inner.split(",")]
    return {"rawType": base + rest, "arguments": arguments}


def _top_level(text: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def plain(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return value
    if isinstance(value, dt.datetime):
        text = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        return f"{text} UTC" if value.tzinfo else text
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # A map comes as pairs.
        if value and all(isinstance(item, tuple) for item in value):
            return {str(key): plain(item) for key, item in value}
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
