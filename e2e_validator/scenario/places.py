"""Which files are scenarios, and where what they name is looked for: the same for a run and for ``lint``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from e2e_validator.errors import Problem
from e2e_validator.scenario.document import did_you_mean, names_beside

SUFFIXES = frozenset({".yaml", ".yml"})
FOLDER = "scenarios"
_HEAD_BYTES = 65_536
_ENOUGH = 2_000
# Where others keep what they have installed.
_NEVER = frozenset({"node_modules", "venv", "__pycache__", "build", "dist"})
_SCHEMA = re.compile(r"^#\s*yaml-language-server:.*scenario\.schema\.json", re.MULTILINE)
_KEYS = tuple(
    re.compile(pattern, re.MULTILINE) for pattern in (r"^version:\s*1\s*(#.*)?$", r"^name:\s*\S", r"^data:(\s|$)")
)


def fixtures_for(path: Path, default: Path) -> Path:
    """The nearest folder ``fixtures`` beside an ancestor of the file ``path``; ``default`` when there is none."""
    here = Path.cwd()
    try:
        for parent in path.absolute().parents:
            found = parent / "fixtures"
            if found.is_dir():
                # Relative paths stay relative: they are what messages show.
                return found.relative_to(here) if not path.is_absolute() and found.is_relative_to(here) else found
    except OSError:  # such as a path of 4,096 characters, which is told where it is read
        pass
    return default


def scenario_files(paths: list[Path], problems: set[Problem]) -> list[Path]:
    """The files among ``paths`` and the YAML files in the folders among them, each once, sorted by folder."""
    files: dict[Path, None] = {}
    for path in paths:
        try:
            if path.is_dir():
                files.update(dict.fromkeys(_within(path, problems)))
            elif path.exists():
                files[path] = None
            else:
                hint = did_you_mean(path.name, names_beside(path))
                problems.add(Problem(str(path), 1, 1, "there is no such file or folder", hint))
        except OSError as error:
            problems.add(_unreadable(path, error))
        except ValueError:
            problems.add(Problem(str(path), 1, 1, "this is not the name of a file"))
    return list(files)


def looks_like_scenario(path: Path) -> bool:
    """Whether a YAML file says at its top level what only a scenario says, or names our schema for editors."""
    try:
        if not path.is_file():  # such as a pipe, which would wait for somebody to write
            return False
        with path.open("rb") as stream:
            text = stream.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return False
    return bool(_SCHEMA.search(text)) or all(key.search(text) for key in _KEYS)


def yaml_within(folder: Path) -> list[Path]:
    """The YAML files below a folder that pytest would look at, sorted; of a very large one, those found first."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NEVER)
        found += [Path(parent, name) for name in sorted(names) if Path(name).suffix in SUFFIXES]
        if len(found) > _ENOUGH:
            break
    return found


def _within(folder: Path, problems: set[Problem]) -> list[Path]:
    found: list[Path] = []

    def unseen(error: OSError) -> None:
        problems.add(_unreadable(Path(os.fsdecode(error.filename or folder)), error))

    for parent, folders, names in os.walk(folder, onerror=unseen):
        # As pytest, which looks into no hidden folder.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(parent)
        found += [inside / name for name in sorted(names) if Path(name).suffix in SUFFIXES]
    if not found:
        hint = "name the folder they are in"
        problems.add(Problem(str(folder), 1, 1, "there is no scenario file (*.yaml, *.yml) in this folder", hint))
    elif FOLDER not in folder.absolute().parts and not any(FOLDER in path.parts for path in found):
        what, hint = "pytest collects no scenario of a folder of this name", f"call it {FOLDER}/, or name its files"
        problems.add(Problem(str(folder), 1, 1, what, hint, warning=True))
    return found


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(str(path), 1, 1, f"this cannot be read: {(error.strerror or str(error)).lower()}")
