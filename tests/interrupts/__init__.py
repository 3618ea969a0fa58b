"""Ctrl-C and SIGTERM at random moments of a run: nothing may be left that is not said, and every report says it."""

from __future__ import annotations

import sys
from pathlib import Path

# As pytest does for tests/conftest.py: the packages beside this one have one name, however they are started.
_TESTS = str(Path(__file__).parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)
