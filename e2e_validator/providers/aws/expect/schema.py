"""The columns of the parquet files, with the types that pyarrow gives them (docs/contract/clouds.md 7)."""

from __future__ import annotations

from collections.abc import Iterable

from e2e_validator.providers.aws.expect.columns import (
    CATEGORY_PREFIX,
    KEYS,
    LAST_TEXTS,
    NUMBERS,
    TAG_PREFIX,
    TIMES,
    parquet_name,
)

TAGS, CATEGORIES = "resourcetags", "costcategory"
_NUMBER, _TIME, _TEXT = "double", "timestamp[ms, tz=UTC]", "string"
# What the conversion adds where a file has no such column.
_REQUIRED = (*NUMBERS, *TIMES, *KEYS, *LAST_TEXTS, TAGS, CATEGORIES)
DAILY_SCHEMA = {
    name: _NUMBER if name in NUMBERS else _TEXT for name in (*KEYS, TAGS, CATEGORIES, *NUMBERS, *LAST_TEXTS, "row_uuid")
} | {"lineitem_usagestartdate": _TIME}


def raw_schema(header: Iterable[str]) -> dict[str, str]:
    """The columns of a raw file, by the header of its day CSV: tags and cost categories are one column each."""
    own = [parquet_name(name) for name in header if not name.startswith((TAG_PREFIX, CATEGORY_PREFIX))]
    return {name: _type_of(name) for name in (*own, *_REQUIRED)}


def _type_of(name: str) -> str:
    return _NUMBER if name in NUMBERS else _TIME if name in TIMES else _TEXT
