"""Templates and cost models that come with the package, for scenarios that stand in no checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from e2e_validator.errors import Problem, ScenarioError
from e2e_validator.scenario.document import Document, KeyPath, dotted, is_file, names_beside, parse_document, read_text

# Where the wheel has them; a checkout has them in fixtures/.
_INSTALLED = Path(__file__).parents[1] / "shipped"
_CHECKOUT = Path(__file__).parents[2] / "fixtures"


def found(folder: Path, name: str) -> Path:
    """The file ``name`` of ``folder``, or else the one that comes with the package for a folder of that name.

    The path in ``folder`` when neither is there.
    """
    own, ours = folder / name, _shipped(folder) / name
    return own if is_file(own) or not is_file(ours) else ours


def document_of(
    asking: Document,
    keys: KeyPath,
    folder: Path,
    name: str,
    problems: list[Problem],
    hint: Callable[[str, list[str]], str],
) -> Document | None:
    """The YAML or JSON file ``name`` of ``folder`` that ``asking`` names at ``keys``; None with a problem more.

    ``hint`` says what is meant, from the name and those that there are.
    """
    path = found(folder, name)
    if not is_file(path):
        what = f"{dotted(keys)}: there is no {name} in {folder}"
        problems.append(asking.problem(keys, what, hint(name, names(folder, name))))
        return None
    try:
        # JSON is YAML, so that its problems have places too.
        return parse_document(path, read_text(path)[1])
    except ScenarioError as error:
        problems += error.problems
        return None


def names(folder: Path, name: str) -> list[str]:
    """What may be meant by ``name``: what is beside it or else in ``folder``, and what comes with the package."""
    beside = {*names_beside(folder / name), *names_beside(_shipped(folder) / name)}
    return sorted(beside or {*names_beside(folder / "any"), *names_beside(_shipped(folder) / "any")})


def _shipped(folder: Path) -> Path:
    return (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / folder.name
