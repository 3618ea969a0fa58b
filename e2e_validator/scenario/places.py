"""Which files ``lint`` takes for scenarios, and where what a scenario names is looked for, as in a run."""

from __future__ import annotations

import os
from pathlib import Path

from e2e_validator.errors import Problem
from e2e_validator.scenario.document import did_you_mean, names_beside
from e2e_validator.scenario.file_kind import HEADER_HINT, SUFFIXES, carries_header, looks_like_scenario


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
    elif bare := [path for path in found if looks_like_scenario(path) and not carries_header(path)]:
        what = f"pytest collects {len(bare)} of the {len(found)} files only by name or below a folder of e2e_scenarios"
        problems.add(Problem(str(folder), 1, 1, what, f"begin them with the line {HEADER_HINT}", warning=True))
    return found


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(str(path), 1, 1, f"this cannot be read: {(error.strerror or str(error)).lower()}")
