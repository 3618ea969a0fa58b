"""Whether another user can get at a file: root runs the database as the user nobody."""

from __future__ import annotations

import stat
from pathlib import Path


def reachable_by_all(path: Path) -> bool:
    """Whether any user may walk to ``path`` and enter or execute it."""
    real = path.resolve()
    return all(place.stat().st_mode & stat.S_IXOTH for place in (real, *real.parents))
