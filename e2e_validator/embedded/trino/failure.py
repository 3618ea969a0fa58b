"""A statement that fails, in the words and codes of Trino."""

from __future__ import annotations

from typing import Any

_CODES = {
    "SYNTAX_ERROR": (1, "USER_ERROR"),
    "COLUMN_NOT_FOUND": (47, "USER_ERROR"),
    "TABLE_NOT_FOUND": (46, "USER_ERROR"),
    "SCHEMA_NOT_FOUND": (45, "USER_ERROR"),
    "CATALOG_NOT_FOUND": (44, "USER_ERROR"),
    "NOT_SUPPORTED": (13, "USER_ERROR"),
    "INVALID_FUNCTION_ARGUMENT": (7, "USER_ERROR"),
    "GENERIC_USER_ERROR": (0, "USER_ERROR"),
    "ALREADY_EXISTS": (12, "USER_ERROR"),
    "INVALID_TABLE_PROPERTY": (48, "USER_ERROR"),
    "HIVE_METASTORE_ERROR": (0x0100_0000, "EXTERNAL"),
    "HIVE_BAD_DATA": (0x0100_000F, "EXTERNAL"),
    "HIVE_CANNOT_OPEN_SPLIT": (0x0100_0001, "EXTERNAL"),
    "HIVE_FILESYSTEM_ERROR": (0x0100_0013, "EXTERNAL"),
}


class StatementError(Exception):
    """What the client is told; ``name`` is one of Trino's error names."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name

    def as_json(self) -> dict[str, Any]:
        """The ``error`` of an answer."""
        code, kind = _CODES[self.name]
        text = str(self)
        return {
            "message": text,
            "errorCode": code,
            "errorName": self.name,
            "errorType": kind,
            "failureInfo": {
                "type": "io.trino.spi.TrinoException",
                "message": text,
                "suppressed": [],
                "stack": [],
            },
        }
