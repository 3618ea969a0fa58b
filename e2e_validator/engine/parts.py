"""One payload in several tarballs: nothing is summarised before the last of them has come.

See docs/contract/koku.md 3.5.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.errors import GaveUp


def later(context: Context) -> Outcome:
    """What a phase after the conversion says of a tarball whose payload is not whole yet.

    Raises:
        GaveUp: Koku has summarised or completed it all the same.
    """
    manifest = context.manifest(context.observe())
    if manifest is None:
        raise GaveUp("the manifest row vanished after the conversion")
    come = f"{context.sent.awaited} of {context.sent.files} files have come"
    if manifest.step("summary") or manifest.completed is not None:
        what = "completed" if manifest.completed is not None else "summarised"
        raise GaveUp(f"manifest {manifest.id} is {what} although only {come}")
    return Outcome(f"{come}, so there is nothing to do yet", {"files": context.sent.awaited})
