"""End-to-end validation of Cost Management (Koku) on-premise.

Green means that the numbers are right; red names the place where they stopped being right.
"""

from __future__ import annotations

__version__: str


def __getattr__(name: str) -> str:
    """``__version__``, from the installed package; looked up when it is asked for, because that takes its time."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("e2e-validator")
