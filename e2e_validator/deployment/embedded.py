"""The target that the run starts itself: real servers and the stand-in for Koku."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from e2e_validator.deployment.target import CLASSIC, ON_PREM, Target

if TYPE_CHECKING:
    from e2e_validator.embedded.stack import EmbeddedStack


def start(*, today: date | None = None, stack: str = ON_PREM) -> tuple[Target, EmbeddedStack]:
    """Start an embedded stack, ``onprem`` or ``classic``; it dies with this process.

    Raises:
        UsageError: the packages of the stack are not installed.
        Blocked: it did not become ready; says which part and why.
    """
    from e2e_validator.embedded.installed import require_installed

    require_installed(classic=stack == CLASSIC)
    # Not before: it imports what may be missing.
    from e2e_validator.embedded.stack import EmbeddedStack

    started = EmbeddedStack.start(today=today, stack="classic" if stack == CLASSIC else "onprem")
    name = f"{stack} stack" if stack == CLASSIC else "stack"
    return Target.load({"kind": "embedded", "name": name, **started.endpoints.as_json()}), started
