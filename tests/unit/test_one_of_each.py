"""What every room needs is written once: a number with its noun, an error's first line, a whole file, now, a month."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from e2e_validator.calendar_months import month_after, months
from e2e_validator.errors import counted, first_line, plural
from e2e_validator.moments import now, stamp
from e2e_validator.whole_file import write_whole

PACKAGE = Path(__file__).parents[2] / "e2e_validator"
Finds = Callable[[ast.AST], bool]


def _calls(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


def now_again(node: ast.AST) -> bool:
    """``datetime.now()`` and its kin."""
    return _calls(node, "now", "utcnow", "today") and "datetime" in ast.unparse(node)


def whole_file_again(node: ast.AST) -> bool:
    """A file that is written beside its place and moved there: its draft is named after the process."""
    return isinstance(node, ast.JoinedStr) and ".name}.{os.getpid()" in ast.unparse(node)


def month_again(node: ast.AST) -> bool:
    """The next month by way of a day that is surely in it, or by arithmetic with twelves."""
    if isinstance(node, ast.Call):
        return bool(re.fullmatch(r"timedelta\((days=)?3[12]\)", ast.unparse(node)))
    return isinstance(node, ast.BinOp) and bool(re.search(r"\.month (// 12|% 12 \+ 1)$", ast.unparse(node)))


def plural_again(node: ast.AST) -> bool:
    """An s for any number but one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return bool(re.fullmatch(r"'s' \* \(.* (!=|>) 1\)", ast.unparse(node)))
    return isinstance(node, ast.IfExp) and bool(re.search(r"^'s' if .* (!=|>) 1 else ''$", ast.unparse(node)))


def first_line_again(node: ast.AST) -> bool:
    """The first of an error's lines."""
    return isinstance(node, ast.Subscript) and bool(re.search(r"\bsplitlines\(\)( or .*)?\)?\[0\]$", ast.unparse(node)))


HOMES: dict[Finds, str] = {
    now_again: "moments.py",
    whole_file_again: "whole_file.py",
    month_again: "calendar_months.py",
    plural_again: "errors.py",
    first_line_again: "errors.py",
}


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(text)))


def written_again(root: Path, finds: Finds) -> Iterator[str]:
    """Where something is written that has a home of its own."""
    for path in sorted(root.rglob("*.py")):
        name = str(path.relative_to(root))
        # The double shares nothing with the judge but errors, verdict and slowness, and has its own where it needs it.
        if name == HOMES[finds] or name.startswith("embedded"):
            continue
        for node in _nodes(path.read_text(encoding="utf-8")):
            if finds(node):
                yield f"{name}:{getattr(node, 'lineno', 0)} {ast.unparse(node)}"


@pytest.mark.parametrize("finds", HOMES, ids=lambda finds: finds.__name__)
def test_it_is_written_once(finds: Finds) -> None:
    assert list(written_again(PACKAGE, finds)) == []


@pytest.mark.parametrize(
    ("finds", "text"),
    [
        (now_again, "datetime.now(UTC)"),
        (now_again, "datetime.datetime.utcnow()"),
        (whole_file_again, "path.with_name(f'.{path.name}.{os.getpid()}')"),
        (month_again, "(month + timedelta(days=32)).replace(day=1)"),
        (month_again, "year + first.month // 12"),
        (plural_again, "f\"file{'s' * (len(files) != 1)}\""),
        (plural_again, "f\"file{'s' if n != 1 else ''}\""),
        (first_line_again, "str(error).strip().splitlines()[0]"),
        (first_line_again, "(str(error).splitlines() or ['nothing'])[0]"),
    ],
)
def test_a_second_one_is_found(tmp_path: Path, finds: Finds, text: str) -> None:
    (tmp_path / "x.py").write_text(text)
    assert list(written_again(tmp_path, finds))


def test_a_number_has_its_noun() -> None:
    assert [counted(count, "file") for count in (0, 1, 2, 1204)] == ["0 files", "1 file", "2 files", "1,204 files"]
    assert (counted(2, "was", "were"), plural(1, "key"), plural(3, "key")) == ("2 were", "key", "keys")


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
    assert abs(now() - datetime.fromisoformat(text)) < timedelta(minutes=1)


def test_a_span_is_cut_where_a_month_ends() -> None:
    november, december = datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert months(november, december) == (("2026-11", november, december),)
    assert [name for name, _, _ in months(november, december + timedelta(hours=1))] == ["2026-11", "2026-12"]
    assert month_after(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_whole(path, "old")
    path.chmod(0o644)
    write_whole(path, "new", private=True)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space left"):
        write_whole(path, "newer")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("state.json", b"new")]
