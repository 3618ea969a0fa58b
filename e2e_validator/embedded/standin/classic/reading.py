"""The CSV file of a report, read as texts."""

from __future__ import annotations

import csv
import gzip
import io

import pyarrow as pa
import pyarrow.csv

from e2e_validator.embedded.standin.classic.columns import INVOICE, is_kept

# What Koku's reader takes for nothing, in any column.
_NOTHING = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
]  # fmt: skip


class UnreadableReportError(ValueError):
    """The file cannot be read; the message is Koku's."""


def unpack(content: bytes) -> bytes:
    """The CSV text of a ``.gz``; Koku takes every file for one.

    Raises:
        UnreadableReportError: It is cut off or no gzip.
    """
    if not content:
        raise UnreadableReportError("No columns to parse from file")
    try:
        return gzip.decompress(content)
    except (EOFError, OSError) as error:
        raise UnreadableReportError(str(error)) from error


def read_report(text: bytes) -> pa.Table:
    """The kept columns, all of them texts, NULL where there is nothing.

    Raises:
        UnreadableReportError: There is no header, no column of the invoice, or a row with another number of fields.
    """
    header = next(csv.reader(io.StringIO(text.partition(b"\n")[0].decode("utf-8-sig"))), None)
    if not header:
        raise UnreadableReportError("No columns to parse from file")
    if INVOICE not in header:
        raise UnreadableReportError("Usecols do not match columns, columns expected but not found: ['bill_invoice_id']")
    kept = [name for name in dict.fromkeys(header) if is_kept(name)]
    try:
        return pyarrow.csv.read_csv(
            io.BytesIO(text),
            read_options=pyarrow.csv.ReadOptions(use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in kept},
                include_columns=kept,
                null_values=_NOTHING,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise UnreadableReportError(f"Error tokenizing data. {error}") from error
