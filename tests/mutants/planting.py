"""A copy of the checkout with a regression planted in it, or without one, for the control."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from .table import CHECKOUT, Edit

_NOT_KEPT = ("PYTEST_", "E2E_", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
_PARTS = ("e2e_validator", "tests", "scenarios", "fixtures", "conftest.py", "pyproject.toml", "README.md", "Makefile")
# Python runs it first of all: no other checkout can be imported; nothing runs but the copy. Installed packages stay: an
# editable installation has data files of the project among them.
_ALONE = """import os, sys
copy = os.path.realpath({copy!r})
sys.path[:] = [
    place for place in sys.path
    if os.path.realpath(place or ".") == copy or not os.path.exists(os.path.join(place, "e2e_validator", "__init__.py"))
]
"""


def plant(folder: Path, edits: Iterable[Edit] = (), *, base: Path = CHECKOUT) -> Path:
    """Make ``folder`` a copy of ``base`` with these edits; what stays as it is shares its place on disk.

    The base is the checkout, or a copy of it in which something ran: its bytecode need not be made for each row.
    """
    folder.mkdir(parents=True)
    for part in _PARTS:
        source = base / part
        if source.is_dir():
            shutil.copytree(source, folder / part, copy_function=_link)
        elif source.exists():
            _link(str(source), str(folder / part))
    for edit in edits:
        _change(folder / edit.file, edit)
    alone = folder / "alone"
    alone.mkdir()
    (alone / "sitecustomize.py").write_text(_ALONE.format(copy=str(folder)), encoding="utf-8")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """What a run finds in its environment: the copy alone, in the processes that it starts as well."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
    return kept | {
        "PYTHONPATH": os.pathsep.join(map(str, (folder, folder / "alone", folder / "tests" / "plugin"))),
        # What nise makes of the same data is made once for all copies that lie side by side.
        "E2E_NISE_ONCE": str(folder.parent),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "200",
    }


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target


def _change(path: Path, edit: Edit) -> None:
    text = edit.applied(path.read_text(encoding="utf-8"))
    path.unlink()  # the link, not the file of the checkout
    path.write_text(text, encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()
