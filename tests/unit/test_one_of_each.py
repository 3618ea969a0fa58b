"""What every room needs is written once: a number with its noun, the first line of an error, the moment of a record."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from e2e_validator.errors import counted, first_line
from e2e_validator.moments import stamp

PACKAGE = Path(__file__).parents[2] / "e2e_validator"
# The double shares nothing with the judge but errors, verdict and slowness, and has its own where it needs them.
FILES = [path for path in PACKAGE.rglob("*.py") if "embedded" not in path.relative_to(PACKAGE).parts]


@pytest.mark.parametrize(
    ("written", "home"),
    [
        (r"\{([^{}]+)\} [a-z -]+\{'s' \* \(\1 != 1\)\}", "errors.py"),
        (r"\(str\(\w+\)(\.strip\(\))?\.splitlines\(\) or \[type", "errors.py"),
        (r'datetime\.now\(UTC\)\.isoformat\(timespec="milliseconds"\)', "moments.py"),
    ],
)
def test_it_is_written_once(written: str, home: str) -> None:
    assert [path.name for path in FILES if path.name != home and re.search(written, path.read_text())] == []


def test_a_number_has_its_noun() -> None:
    assert [counted(count, "file") for count in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


@pytest.mark.parametrize(
    ("said", "otherwise", "line"),
    [
        (ValueError("\n one\ntwo"), "", "one"),
        (ValueError(), "", "ValueError"),
        (ValueError(" \n"), "no reason given", "no reason given"),
        ("one\ntwo", "", "one"),
        ("", "nothing", "nothing"),
    ],
)
def test_the_first_line_says_something(said: Exception | str, otherwise: str, line: str) -> None:
    assert first_line(said, otherwise) == line


def test_a_stamp_is_of_now_in_utc_to_the_millisecond() -> None:
    text = stamp()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", text)
    moment = datetime.fromisoformat(text)
    assert abs(datetime.now(moment.tzinfo) - moment) < timedelta(minutes=1)
