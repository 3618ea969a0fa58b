"""A fixture that many tests share and that cannot be made fails one of them; it does not fail all."""

from __future__ import annotations

import sys
from pathlib import Path

from patience import finished

TESTS = """
import pytest

@pytest.fixture(scope="session")
def stack():
    raise RuntimeError("The stand-in did not answer.")

@pytest.fixture(scope="module")
def file(stack):
    return "file"

@pytest.mark.parametrize("number", range(5))
def test_by_stack(stack, number):
    pass

def test_by_file(file):
    pass

def test_of_its_own():
    pass

@pytest.fixture
def each():
    raise RuntimeError("Not shared.")

@pytest.mark.parametrize("number", range(2))
def test_each(each, number):
    pass
"""


def test_what_is_shared_and_broken_fails_once_with_its_cause(tmp_path: Path) -> None:
    for name in ("conftest.py", "selected.py"):
        (tmp_path / name).write_text((Path(__file__).parent.parent / name).read_text())
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = finished([sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider"], cwd=tmp_path)
    assert "1 passed, 5 skipped, 3 errors" in done.stdout, done.stdout
    assert "what it shares with others could not be made (The stand-in did not answer.)" in done.stdout
    assert "test_it.py::test_by_stack[0] tells all of it" in done.stdout
