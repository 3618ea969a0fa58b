"""Templates and cost models that come with the package, for scenarios that stand in no checkout."""

from __future__ import annotations

from pathlib import Path

from e2e_validator.scenario.document import is_file, names_beside

# Where the wheel has them; a checkout has them in fixtures/.
_INSTALLED = Path(__file__).parents[1] / "shipped"
_CHECKOUT = Path(__file__).parents[2] / "fixtures"


def found(folder: Path, name: str) -> Path:
    """The file ``name`` of ``folder``, or else the one that comes with the package for a folder of that name.

    The path in ``folder`` when neither is there.
    """
    own, ours = folder / name, _shipped(folder) / name
    return own if is_file(own) or not is_file(ours) else ours


def names(folder: Path, name: str) -> list[str]:
    """What may be meant by ``name``: what is beside it or else in ``folder``, and what comes with the package."""
    beside = {*names_beside(folder / name), *names_beside(_shipped(folder) / name)}
    return sorted(beside or {*names_beside(folder / "any"), *names_beside(_shipped(folder) / "any")})


def _shipped(folder: Path) -> Path:
    return (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / folder.name
