"""How wide the terminal is; where there is none, as in CI, no line is cut."""

from __future__ import annotations

import os
import sys

from e2e_validator.report.console import UNCUT


def terminal_width() -> int:
    """The columns of the terminal that lines go to, or as ``COLUMNS`` says; ``UNCUT`` where there is none.

    To be asked while nothing captures the output. A worker has no terminal on its standard output, but writes its
    lines to standard error.
    """
    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said):
        return int(said)
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None and stream.isatty():
                return int(os.get_terminal_size(stream.fileno()).columns) or UNCUT
        except (OSError, ValueError):  # closed, or no terminal after all
            continue
    return UNCUT
