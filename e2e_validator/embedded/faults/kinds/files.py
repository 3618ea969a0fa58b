"""A file that fails, and one that is done without having been loaded."""

from __future__ import annotations

from typing import Any

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.standin.checkpoints import Point


def fail_as_with_another_driver(_now: Happening) -> bool:
    """Decode what is text already, as Koku does with a database driver that it was not built for (recorded: F)."""
    text: Any = "a text"
    text.decode()
    return False


def lose_split_files(now: Happening) -> bool:
    """Lose the daily files that the download left on the listener's disk, as a new pod with an empty disk does."""
    now.facts["meta"].files = []
    return False


FAULTS = (
    Fault(
        "file_failed",
        "The listener raises in the middle of a file, before anything of it is written (recorded: F).",
        "docs/contract/koku.md 1.3, 7.2",
        (
            "Report processing error: Unknown processor error: 'str' object has no attribute 'decode'",
            "one file 2 with failed_status 4, the rest 3, state processing: failed",
        ),
        points=(Point.FILE_STARTED,),
        act=fail_as_with_another_driver,
    ),
    Fault(
        "file_done_without_rows",
        "The daily files vanish between download and processing: there is nothing to load, which counts as success.",
        "docs/contract/koku.md 0.2, 7.2",
        ("no split files to convert to parquet", "file 1, manifest completed, no rows of its type in any table"),
        points=(Point.FILE_STARTED,),
        act=lose_split_files,
    ),
)
