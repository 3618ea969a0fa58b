"""What `make test` runs of the modules that start runs: every name stands for a test, and only those stay."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from selected import SHARPEST, by_room, is_kept, leave_out


@pytest.mark.parametrize("module", SHARPEST)
def test_each_name_is_a_test_of_its_module(checkout: Path, module: str) -> None:
    tree = ast.parse((checkout / module).read_text(encoding="utf-8"))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {name.partition("[")[0] for name in SHARPEST[module]} <= there


@pytest.mark.parametrize(
    ("test", "name", "kept"),
    [
        ("test_a", "test_a", True),
        ("test_a[x]", "test_a", True),
        ("test_ab", "test_a", False),
        ("test_a[x-1]", "test_a[x", True),
        ("test_a[y]", "test_a[x", False),
    ],
)
def test_a_name_stands_for_a_function_or_for_some_parameters(test: str, name: str, kept: bool) -> None:
    assert is_kept(test, name) is kept


def test_what_is_not_named_is_long_and_other_modules_stay() -> None:
    module, names = next((module, names) for module, names in SHARPEST.items() if names)
    marked: list[str] = []

    def item(nodeid: str) -> Any:
        name = nodeid.rpartition("::")[2]
        return SimpleNamespace(nodeid=nodeid, name=name, add_marker=lambda mark: marked.append(f"{name} {mark.name}"))

    items = [item(f"{module}::{names[0]}"), item(f"{module}::test_new"), item("tests/unit/test_x.py::test_new")]
    leave_out(cast("list[pytest.Item]", items))
    assert marked == ["test_new long"]


def test_what_is_left_out_is_counted_by_room() -> None:
    assert by_room(["tests/unit/test_a.py::b", "tests/unit/test_c.py::d", "tests/plugin/test_e.py::f"]) == {
        "tests/unit": 2,
        "tests/plugin": 1,
    }
