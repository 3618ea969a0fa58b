"""Where the objects of a source are (docs/contract/clouds.md 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.provider import CloudProvider

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})_")


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """Prefixes of one source; each ends in ``/``."""

    csv: str
    raw: str
    daily: str

    @classmethod
    def of(cls, provider: CloudProvider, month: BillMonth) -> SourceKeys:
        """Of a month."""
        return cls.of_source(provider.schema, provider.plain_type, provider.uuid, f"{month.path}/")

    @classmethod
    def of_source(cls, schema: str, plain_type: str, provider_uuid: str, month: str = "") -> SourceKeys:
        """Of all months."""
        tail = f"source={provider_uuid}/{month}"
        who = f"{schema}/{plain_type}"
        return cls(f"data/csv/{who}/{tail}", f"data/parquet/{who}/{tail}", f"data/parquet/daily/{who}/raw/{tail}")


def table_prefixes(schema: str, plain_type: str) -> dict[str, str]:
    """Name of each hive table -> the prefix of its objects."""
    who, name = f"{schema}/{plain_type}", plain_type.lower()
    return {
        f"{name}_line_items": f"data/parquet/{who}/",
        f"{name}_line_items_daily": f"data/parquet/daily/{who}/raw/",
    }


def day_of(key: str) -> str:
    """The day at the start of a file's name; empty if there is none."""
    found = _DAY.match(key.rsplit("/", 1)[-1])
    return found.group(1) if found else ""
