"""The page of the documentation that holds the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .table import CLASSES, Row

_TEXT = """# The mutation table

Made by `make mutants`, which ends with an error where a row is not as it says here; do not edit.

Each row is a regression that a user would notice, planted in a copy of this project: in the stand-in for Koku (in
`embedded/`), where a real Koku could have it, or in the judge. The run of one shipped scenario must then be red, at the
phase and with the words that the row names; `make mutants` plants each of them and fails if one stays green, is seen
elsewhere, or breaks the program instead of its figures. Every scenario is first run without any change: it must be
green. How to add a row: CONTRIBUTING.md.
"""


def document(rows: Sequence[Row]) -> str:
    """The whole page; it depends on the table alone."""
    counts = Counter(row.kind for row in rows)
    lines = [_TEXT, f"{len(rows)} regressions.", ""]
    lines += ["| class | what is broken | rows |", "|---|---|---|"]
    lines += [f"| {kind} | {what} | {counts[kind]} |" for kind, what in CLASSES.items() if counts[kind]]
    for kind, what in CLASSES.items():
        if counts[kind]:
            lines += ["", f"## {kind}: {what}", "", "| id | what goes wrong | where | seen by | place |"]
            lines += ["|---|---|---|---|---|", *(_line(row) for row in rows if row.kind == kind)]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    files = ", ".join(f"`{name}`" for name in dict.fromkeys(_short(edit.file) for edit in row.edits))
    by = f"`{row.scenario}`" if row.scenario else f"test `{str(row.test).rpartition('::')[2]}`"
    place = row.phase + ("" if row.verdict == "FAILED" else f", {row.verdict}") if row.scenario else "the test"
    return f"| {row.id} | {_cell(row.what)} | {files} | {by} | {place}: `{_cell(row.says)}` |"


def _short(file: str) -> str:
    return file.removeprefix("e2e_validator/").removeprefix("embedded/standin/")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("`", "'")
