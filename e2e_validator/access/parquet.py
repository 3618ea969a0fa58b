"""Parquet objects as their bytes say, by pyarrow: which the extra ``cloud`` brings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from e2e_validator.access.optional import needed
from e2e_validator.errors import Inconclusive, first_line

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """The whole of one file: its columns with their types in order, its rows."""

    columns: tuple[tuple[str, str], ...]
    rows: int
    table: Any

    def values(self, name: str) -> list[Any]:
        """The values of a column, row by row; None for NULL."""
        found: list[Any] = self.table.column(name).to_pylist()
        return found

    def sums(self, names: Sequence[str]) -> dict[str, Decimal]:
        """The exact sum of each of these columns that is there; NULL counts nothing, a column of NULLs is absent.

        A double counts with its shortest decimal text.
        """
        found = {}
        for name in names:
            if name not in self.table.column_names:
                continue
            values = [value for value in self.table.column(name).to_pylist() if value is not None]
            if values or not self.rows:
                found[name] = sum((Decimal(repr(value)) for value in values), Decimal(0))
        return found


def read_parquet(key: str, content: bytes) -> ParquetFile:
    """The file in an object.

    Raises:
        Inconclusive: pyarrow is not installed.
        NoParquetError: it is no parquet file, or a damaged one.
    """
    arrow = needed("pyarrow", "parquet")
    parquet: ModuleType = needed("pyarrow.parquet", "parquet")
    try:
        table = parquet.read_table(io.BytesIO(content))
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise NoParquetError(f"{key} is no parquet file that can be read: {first_line(error)}") from error
    columns = tuple((name, str(table.schema.field(name).type)) for name in table.column_names)
    return ParquetFile(columns, table.num_rows, table)


class NoParquetError(Inconclusive):
    """An object is no parquet file."""
