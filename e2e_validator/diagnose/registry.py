"""The detectors, in the order in which they are asked. Adding one: a function, and a line here."""

from __future__ import annotations

from collections.abc import Callable

from e2e_validator.diagnose import months, report_files, tasks
from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding

Detector = Callable[[Case], Finding | None]

# While a phase waits and nothing changes.
WAITING: tuple[Detector, ...] = (
    report_files.file_failed,
    tasks.not_taken,
    report_files.file_unread,
    report_files.in_work,
    months.month_unsummarised,
    tasks.not_read,
)
# When figures are not those of the data.
DIFFERING: tuple[Detector, ...] = (report_files.counted_twice, report_files.done_without_rows)
