"""The mutation table: its rows as the files of ``table/`` have them, and what is wrong with a row."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

CHECKOUT = Path(__file__).parent.parent.parent
FOLDER = Path(__file__).parent / "table"
CLASSES = {
    "sql": "summary and pricing of the stand-in",
    "api": "the stand-in's API",
    "ingest": "ingest of the stand-in",
    "tenants": "tenants, neighbours and deletion",
    "life": "the life cycle of a payload",
    "classic": "the stand-in for a classic Koku",
    "judge": "the judge itself",
}
"""Class (the name of its file) -> what is broken in it."""


class BadTableError(Exception):
    """The table cannot be used; one line per mistake."""


class Edit(BaseModel):
    """One replacement in one file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="Relative to the checkout.")
    find: str = Field(min_length=1, description="Occurs exactly once in the file.")
    replace: str

    def mistakes(self) -> list[str]:
        """Why this edit cannot be made."""
        path = CHECKOUT / self.file
        if not path.is_file():
            return [f"{self.file}: no such file"]
        text = path.read_text(encoding="utf-8")
        count = text.count(self.find)
        if count != 1:
            return [f"{self.file}: what to find occurs {count} times, not once: {self.find[:80]!r}"]
        if self.find == self.replace:
            return [f"{self.file}: nothing is changed"]
        if path.suffix == ".py":
            try:
                compile(self.applied(text), self.file, "exec")
            except SyntaxError as error:
                return [f"{self.file}: the change leaves no Python: {error}"]
        return []

    def applied(self, text: str) -> str:
        """The file's text with the edit made."""
        return text.replace(self.find, self.replace)


class Row(BaseModel):
    """One planted regression, and who must see it where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z]\d+[a-z]?$")
    what: str = Field(min_length=5, description="What goes wrong, as a user would say it.")
    kind: str = Field(description="The class: the name of the file that the row stands in.")
    edits: tuple[Edit, ...] = Field(min_length=1)
    scenario: str | None = Field(default=None, description="A shipped scenario that must go red.")
    test: str | None = Field(default=None, description="A test that must go red, in place of a scenario.")
    phase: str = Field(default="", description="The first phase that must not pass.")
    says: str = Field(min_length=3, description="A regular expression that the headline must hold; the text of a test.")
    verdict: Literal["FAILED", "REPAIRED", "UNCLEAN"] = "FAILED"
    options: tuple[str, ...] = Field(default=(), description="More options of the run.")

    @model_validator(mode="after")
    def _one_seen_by(self) -> Row:
        if (self.scenario is None) == (self.test is None):
            raise ValueError("name a scenario or a test, one of them")
        if self.scenario is not None and not self.phase:
            raise ValueError("name the phase that must see it")
        return self

    @property
    def seen_by(self) -> str:
        """The scenario or the test, as pytest takes it."""
        return self.test or str(scenario_file(str(self.scenario)).relative_to(CHECKOUT))

    def mistakes(self) -> list[str]:
        """Why this row cannot be run."""
        file = CHECKOUT / self.seen_by.partition("::")[0]
        wrong = [] if file.is_file() else [f"no such file: {self.seen_by}"]
        return wrong + [mistake for edit in self.edits for mistake in edit.mistakes()]


@cache
def scenario_file(name: str) -> Path:
    """The file of a shipped scenario."""
    found = sorted((CHECKOUT / "scenarios").rglob(f"{name}.yaml"))
    return found[0] if found else CHECKOUT / "scenarios" / f"{name}.yaml"


def table(folder: Path = FOLDER) -> list[Row]:
    """Every row, by class and in the order of the files.

    Raises:
        BadTableError: A row cannot be run; all mistakes of all rows are named.
    """
    wrong: list[str] = []
    rows: list[Row] = []
    for file in sorted(folder.glob("*.yaml"), key=_place):
        if file.stem not in CLASSES:
            wrong.append(f"{file.name}: no class of this name; there are {', '.join(CLASSES)}")
            continue
        for raw in yaml.safe_load(file.read_text(encoding="utf-8")) or []:
            name = f"{file.name} {raw.get('id')}"
            try:
                row = _row(raw, file.stem)
            except ValidationError as error:
                wrong += [f"{name}: {'.'.join(map(str, one['loc']))} {one['msg']}" for one in error.errors()]
                continue
            wrong += [f"{name}: {mistake}" for mistake in row.mistakes()]
            rows.append(row)
    wrong += _twice(row.id for row in rows)
    if wrong:
        raise BadTableError("\n".join(wrong))
    return rows


def _place(file: Path) -> tuple[int, str]:
    names = list(CLASSES)
    return names.index(file.stem) if file.stem in names else len(names), file.stem


def _row(raw: dict[str, Any], kind: str) -> Row:
    given = dict(raw)
    one = {name: given.pop(name) for name in ("file", "find", "replace") if name in given}
    if one:
        given["edits"] = [one, *given.get("edits", [])]
    return Row.model_validate({**given, "kind": kind})


def _twice(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    found = []
    for name in names:
        if name in seen:
            found.append(f"the id {name} stands there twice")
        seen.add(name)
    return found
