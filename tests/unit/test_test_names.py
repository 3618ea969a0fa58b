"""A test's name says subject and result in a line's half: 60 characters, so that a report shows it whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
MOST = 60


def names(source: str) -> Iterator[str]:
    """The names of the test functions of a module, and of those in its classes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name


def test_no_name_of_a_test_is_longer_than_60_characters() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}: {name}"
        for path in sorted((CHECKOUT / "tests").rglob("*.py"))
        for name in names(path.read_text(encoding="utf-8"))
        if len(name) > MOST
    ]
    assert found == []


def test_a_name_in_a_class_or_function_is_found() -> None:
    source = "def test_a(): ...\nclass Some:\n    async def test_b(self): ...\ndef other(): ...\n"
    assert list(names(source)) == ["test_a", "test_b"]
