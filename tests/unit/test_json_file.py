"""JSON that others wrote: as much as asked for, and each way to be wrong as one clause."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from e2e_validator.json_file import read_json


def test_it_is_read_with_and_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for content in (b'{"a": 0.10}', b'\xef\xbb\xbf{"a": 0.10}'):
        path.write_bytes(content)
        assert read_json(path, parse_float=Decimal) == {"a": Decimal("0.10")}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'"\xff"', "it is not UTF-8 .byte 0xff at 1"),
        (b"1" * 5000, "4300 digits"),
        (b" " * (1024 * 1024 + 1), "it is larger than 1 MiB"),
    ],
)
def test_what_cannot_be_read_is_one_clause(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        read_json(path, limit=1024 * 1024)


def test_a_file_that_is_not_there_is_the_disks(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "x.json")
