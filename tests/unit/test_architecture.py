"""The arrows of ARCHITECTURE.md: which room may import which, and how big a file may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "e2e_validator"
CHECKOUT = Path(__file__).parents[2]
WORDS = {
    "errors",
    "events",
    "verdict",
    "archive",
    "json_file",
    "moments",
    "calendar_months",
    "whole_file",
    "finding",
}  # the vocabulary that rooms share; it imports no room
JUDGE = {
    *("scenario", "generate", "expect", "engine", "phases", "checks", "bundle", "neighbour", "life"),
    *("waiting", "access", "diagnose", "repair"),
    *("providers", "providers/*", "providers/*/scenario", "providers/*/expect", "providers/*/generate"),
    *("providers/*/payload_manifest", "providers/*/cost_file"),
}
FOUNDATION = {"waiting", "repair", "diagnose", "expect", "generate", "scenario", "access", "deployment"}
PARTS = {f"providers/*/{part}" for part in ("scenario", "expect", "generate", "payload_manifest", "cost_file")}
# How files are that a source type reads and writes; nothing of what is made of them.
FORMATS = {"providers/*/payload_manifest", "providers/*/cost_file"}
OF_ALL_PROVIDERS = {"provider", "registry"}
AROUND = {"engine", "bundle", "checks", "neighbour", "life"}

# "" is the package itself (its version); providers/* is each source type, whose parts are rooms of their own.
ALLOWED: dict[str, set[str]] = {
    "plugin": {"phases", "providers", "report", "slowness", "", *AROUND, *FOUNDATION, *WORDS},
    "cli": {"phases", "providers", "report", "embedded", "slowness", "", *AROUND, *FOUNDATION, *WORDS},
    "report": WORDS,
    "phases": AROUND | FOUNDATION | WORDS,
    "neighbour": {"engine", "life", "phases"} | FOUNDATION | WORDS,
    "life": {"engine"} | FOUNDATION | WORDS,
    "checks": {"engine"} | FOUNDATION | WORDS,
    "bundle": {"engine"} | FOUNDATION | WORDS,
    "engine": {"bundle", "providers"} | FOUNDATION | WORDS,
    "providers": set(),
    "providers/*": AROUND | PARTS | FOUNDATION | WORDS,
    "providers/*/payload_manifest": {"errors", "archive", "json_file"},
    "providers/*/cost_file": {"errors"},
    "providers/*/scenario": {"scenario", *FORMATS, *WORDS},
    "providers/*/expect": {"expect", *FORMATS, *WORDS},
    "providers/*/generate": {"generate", *FORMATS, *WORDS},
    "waiting": {"errors", "moments"},
    "repair": {"diagnose", "access", "errors", "finding"},
    "diagnose": {"access", "errors", "finding"},
    "expect": {"errors"},
    "generate": {"errors", "calendar_months", "whole_file"},
    "scenario": {"errors", "archive", "json_file", "calendar_months", "providers"},
    "access": {"deployment", "errors", "moments"},
    "deployment": {"embedded", "errors", "whole_file"},
    "embedded": {"errors", "verdict", "slowness", ""},
    "errors": set(),
    "events": {"finding"},
    "finding": {"errors"},
    "verdict": set(),
    "archive": {"errors"},
    "json_file": set(),
    "slowness": {"errors"},
    "moments": set(),
    "calendar_months": set(),
    "whole_file": set(),
    "": set(),
}
# Libraries that only some rooms may import; none for those that nobody may.
KEPT_IN: dict[str, set[str]] = {
    "tenacity": {"waiting"},
    "_pytest": set(),
    "nise": set(),  # AGPL: run as a process, never imported
    "pytest": {"plugin"},
    "psycopg": {"access", "embedded", "phases", "repair", "deployment", "providers/*", *AROUND},
    "requests": {"access"},
    "kafka": {"access"},
    "kubernetes": {"access", "deployment"},
    "websocket": {"deployment"},
    "certifi": {"deployment"},
    "confluent_kafka": {"embedded"},
    "jwt": {"embedded"},
    "minio": {"access", "embedded", "phases", "providers/*", *AROUND},
    "boto3": {"access"},
    "starlette": {"embedded"},
    "uvicorn": {"embedded"},
}
LONGEST_FILE = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a file imports, or names in a string that can be imported."""

    file: str
    line: int
    room: str
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def room_of(parts: tuple[str, ...]) -> str:
    """The room of ``("phases", "run.py")``; a module at the top is one, and so is a part of a source type."""
    return _room(*(part.removesuffix(".py") for part in parts if part != "__init__.py"))


def _room(first: str = "", second: str = "", third: str = "", *_: str) -> str:
    if first != "providers" or second in {"", *OF_ALL_PROVIDERS}:
        return first
    part = f"providers/*/{third}"
    return part if part in PARTS else "providers/*"


def imports(root: Path) -> Iterator[Import]:
    """Every import below ``root``, inside functions too; those for types alone do not run and are left out."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        package = (PACKAGE, *parts[:-1])
        for node in running(ast.parse(path.read_text(encoding="utf-8"))):
            for module in modules(node, package):
                yield Import("/".join(parts), getattr(node, "lineno", 0), room_of(parts), module)


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a file but for the bodies of ``if TYPE_CHECKING:``."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            for other in child.orelse:
                yield from running(other)
            continue
        yield from running(child)


def modules(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    """The modules that one statement imports; a string that is a module's name counts, as it can be imported."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else ()
        stem = ".".join((*base, *(node.module or "").split("."))).strip(".")
        # "from package import name": name may be a room.
        return [f"{PACKAGE}.{alias.name}" for alias in node.names] if stem == PACKAGE else [stem]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if re.fullmatch(rf"{PACKAGE}(\.\w+)+", node.value) else []
    return []


def wrong_arrows(root: Path) -> list[str]:
    """Imports that ARCHITECTURE.md does not allow."""
    wrong = []
    for found in imports(root):
        first, _, rest = found.module.partition(".")
        if first == PACKAGE:
            target = _room(*rest.split("."))
            if target.startswith("__"):
                target = ""
            if target != found.room and target not in ALLOWED.get(found.room, set()):
                wrong.append(str(found))
        elif found.room not in KEPT_IN.get(first, {found.room}):
            wrong.append(str(found))
    return wrong


def circles(root: Path) -> list[list[str]]:
    """Files that import each other, directly or by way of others; imports for types alone count."""
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in root.rglob("*.py")
    }
    arrows: dict[str, set[str]] = {}
    for name, path in files.items():
        package = (PACKAGE, *path.relative_to(root).parts[:-1])
        found: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                (module,) = modules(node, package) if node.module or node.level else [""]
                base = module.removeprefix(PACKAGE).strip(".")
                found |= {
                    one for alias in node.names for one in (f"{base}.{alias.name}".strip("."), base) if one in files
                }
            elif isinstance(node, ast.Import):
                found |= {alias.name.removeprefix(f"{PACKAGE}.") for alias in node.names} & files.keys()
        # A package that is named for a module of it does not import that module.
        arrows[name] = {one for one in found if one != name and not any(other.startswith(f"{one}.") for other in found)}
    return _rounds(arrows)


def _rounds(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of names each of which leads to each other."""
    reached = {name: _reach(arrows, name) for name in arrows}
    groups = {frozenset(other for other in reached[name] if name in reached.get(other, ())) for name in arrows}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _reach(arrows: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for one in arrows.get(ahead.pop(), ()):
            if one not in seen:
                seen.add(one)
                ahead.append(one)
    return seen


def vague_or_long(root: Path) -> list[str]:
    """Files that hold more than one concept, by name or by size."""
    wrong = []
    for path in sorted(root.rglob("*")):
        if path.stem in VAGUE_NAMES and (path.is_dir() or path.suffix == ".py"):
            wrong.append(f"{path.relative_to(root)} says nothing of what it is")
        if path.suffix == ".py":
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > LONGEST_FILE:
                wrong.append(f"{path.relative_to(root)} has {lines} lines")
    return wrong


def test_imports_follow_the_arrows() -> None:
    assert wrong_arrows(CHECKOUT / PACKAGE) == []


def test_no_files_import_each_other() -> None:
    assert circles(CHECKOUT / PACKAGE) == []


def test_a_planted_circle_is_found_though_it_is_for_types_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.py").write_text("from e2e_validator.b import B")
    (tmp_path / "b.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from e2e_validator.a.one import A"
    )
    (tmp_path / "c.py").write_text("from e2e_validator.a import one")
    assert circles(tmp_path) == [["a.one", "b"]]


@pytest.mark.parametrize("folder", [PACKAGE, "tests"])
def test_every_file_is_short_and_named_after_what_it_is(folder: str) -> None:
    assert vague_or_long(CHECKOUT / folder) == []


def test_every_room_has_its_line_in_the_architecture() -> None:
    cells = re.findall(r"^\| (`[^|]+`) \|", (CHECKOUT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    table = {room for cell in cells for room in re.findall(r"`(\w+)[^`]*`", cell)}
    there = {
        room_of((entry.name,))
        for entry in (CHECKOUT / PACKAGE).iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").exists()
    }
    rooms = {room for room in ALLOWED if not room.startswith("providers/")}
    assert (table, rooms) == (there - {""}, there)


def test_the_double_and_the_judge_share_no_code() -> None:
    assert not (ALLOWED["embedded"] & (JUDGE | {"deployment", "report"}))
    assert {room for room, allowed in ALLOWED.items() if "embedded" in allowed} == {"deployment", "cli"}
    assert {room for room, allowed in ALLOWED.items() if "report" in allowed} == {"plugin", "cli"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("embedded/x.py", "from e2e_validator.expect import ledger"),
        ("embedded/deep/er/x.py", "from ....expect import ledger"),
        ("embedded/x.py", "from e2e_validator import scenario"),
        ("embedded/x.py", "def f():\n    import e2e_validator.waiting.waiter"),
        ("embedded/x.py", "import importlib\nimportlib.import_module('e2e_validator.expect.ledger')"),
        ("expect/x.py", "from e2e_validator.embedded.standin import pace"),
        ("expect/x.py", "from e2e_validator.access.database import Database"),
        ("expect/x.py", "from e2e_validator.engine.context import Context"),
        ("providers/toy/expect/x.py", "from e2e_validator.providers.toy import stages"),
        ("providers/toy/generate/x.py", "from e2e_validator.providers.toy.expect import figures"),
        ("providers/toy/x.py", "from e2e_validator.report import console"),
        ("providers/registry.py", "from e2e_validator.engine.context import Context"),
        ("phases/x.py", "from e2e_validator.report import console"),
        ("phases/x.py", "from e2e_validator.providers.toy.stages import line_items"),
        ("engine/x.py", "from e2e_validator.providers.toy.expect import figures"),
        ("scenario/x.py", "from e2e_validator.providers.toy.scenario import rules"),
        ("cli/x.py", "from e2e_validator.providers.toy.expect import figures"),
        ("cli/x.py", "from e2e_validator.providers.toy.provider import PROVIDER"),
        ("access/x.py", "from e2e_validator.providers import registry"),
        ("phases/x.py", "from e2e_validator.embedded import stack"),
        ("phases/x.py", "import tenacity"),
        ("access/x.py", "from e2e_validator.engine.run_state import Run"),
        ("plugin/x.py", "from e2e_validator.embedded import stack"),
        ("plugin/x.py", "from _pytest.nodes import Item"),
        ("generate/x.py", "from nise.report import ocp_create_report"),
        ("errors.py", "from e2e_validator.deployment import Target"),
        ("unheard_of/x.py", "from e2e_validator.errors import E2EError"),
        ("waiting/x.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import e2e_validator.access.http"),
    ],
)
def test_a_planted_arrow_is_found(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert len(wrong_arrows(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("phases/x.py", "from e2e_validator.access.http import Http\nfrom e2e_validator.engine.run_state import Run"),
        ("plugin/x.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from e2e_validator import embedded"),
        ("cli/x.py", "from e2e_validator import __version__"),
        ("waiting/x.py", "import tenacity\nfrom .reading import Reading"),
    ],
)
def test_an_allowed_arrow_is_left_alone(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert wrong_arrows(tmp_path) == []


def test_planted_long_and_vague_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "utils.py").write_text("")
    (tmp_path / "one.py").write_text("x = 1\n" * 401)
    (tmp_path / "two.py").write_text("x = 1\n" * 400)
    assert vague_or_long(tmp_path) == [
        "common says nothing of what it is",
        "one.py has 401 lines",
        "utils.py says nothing of what it is",
    ]
