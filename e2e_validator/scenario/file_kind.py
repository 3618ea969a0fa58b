"""Which YAML files are scenarios, told from their first lines alone: pytest asks it of every YAML file of a project.

Only the standard library is imported here: a project without scenarios must not notice that this package is installed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = frozenset({".yaml", ".yml"})
HEADER_HINT = "# yaml-language-server: $schema=.../e2e_validator/scenario/scenario.schema.json"
_HEAD_BYTES = 65_536
_ENOUGH = 2_000
# Where others keep what they have installed.
_NEVER = frozenset({"node_modules", "venv", "__pycache__", "build", "dist"})
# Others have scenario schemas too: the path or address must hold the name of this package.
_HEADER = re.compile(r"#\s*yaml-language-server:\s*\$schema=.*e2e[-_]validator.*scenario\.schema\.json\s*")
_KEYS = tuple(
    re.compile(pattern, re.MULTILINE) for pattern in (r"^version:\s*1\s*(#.*)?$", r"^name:\s*\S", r"^data:(\s|$)")
)


def carries_header(path: Path) -> bool:
    """Whether a comment line before the file's content names our schema for editors: such a file is a scenario."""
    return any(_HEADER.fullmatch(line) for line in _comments(_head(path)))


def looks_like_scenario(path: Path) -> bool:
    """Whether a file says at its top level what a scenario says; others may say the same, so this is only a guess."""
    text = _head(path)
    return all(key.search(text) for key in _KEYS)


def yaml_within(folder: Path) -> list[Path]:
    """The YAML files below a folder that pytest would look at, sorted; of a very large one, those found first."""
    found: list[Path] = []
    for seen, (parent, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NEVER)
        found += [Path(parent, name) for name in sorted(names) if Path(name).suffix in SUFFIXES]
        if max(seen, len(found)) > _ENOUGH:
            break
    return found


def _comments(text: str) -> Iterator[str]:
    """The comment lines before the document's first key."""
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#"):
            yield line
        elif line.strip() not in {"", "---"}:
            return


def _head(path: Path) -> str:
    """The beginning of a file; empty where there is none to read, such as a pipe without a writer."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
