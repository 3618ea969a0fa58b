"""What was found of a deployment: every value with where it comes from, and in a sentence what was not found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

MASK = "********"


class Level(StrEnum):
    """How much a remark matters: a run goes on with ``WARN``, and is blocked by ``FAIL``."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that was found. ``repr`` and ``shown`` never hold a secret."""

    name: str
    value: str = field(repr=False)
    origin: str
    secret: bool = False

    @property
    def shown(self) -> str:
        """The value for a report."""
        return MASK if self.secret and self.value else self.value


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was not found or cannot be used, in one sentence with its remedy; or how something is reached."""

    level: Level
    name: str
    text: str


class Found:
    """All values by name, and the remarks, in the order in which they were made."""

    def __init__(self) -> None:
        """Nothing is found yet."""
        self._values: dict[str, Value] = {}
        self._lacking: dict[str, str] = {}
        self.remarks: list[Remark] = []

    def add(self, value: Value) -> None:
        """Keep a value; the first of a name stays."""
        self._values.setdefault(value.name, value)

    def put(self, name: str, value: str, origin: str, *, secret: bool = False) -> None:
        """Keep a value of this name."""
        self.add(Value(name, value, origin, secret=secret))

    def fail(self, name: str, text: str) -> None:
        """Say what is missing and blocks a run; one sentence with the remedy."""
        self.remarks.append(Remark(Level.FAIL, name, text))

    def warn(self, name: str, text: str) -> None:
        """Say what is missing and does not block a run."""
        self.remarks.append(Remark(Level.WARN, name, text))

    def ok(self, name: str, text: str) -> None:
        """Say how something is reached."""
        self.remarks.append(Remark(Level.OK, name, text))

    def lack(self, name: str, why: str) -> None:
        """Keep why a value could not be found, for the code that needs it."""
        self._lacking[name] = why

    def why_not(self, name: str) -> str:
        """Why a value could not be found; empty if it is not known."""
        return self._lacking.get(name, "")

    def get(self, name: str) -> str:
        """The value, or an empty string."""
        found = self._values.get(name)
        return found.value if found else ""

    def value(self, name: str) -> Value | None:
        """The value with its origin."""
        return self._values.get(name)

    def __contains__(self, name: str) -> bool:
        """Whether a value of this name was found."""
        return name in self._values

    def __iter__(self) -> Iterator[Value]:
        """All values."""
        return iter(self._values.values())

    @property
    def failures(self) -> list[Remark]:
        """What blocks a run."""
        return [remark for remark in self.remarks if remark.level is Level.FAIL]

    @property
    def warnings(self) -> list[Remark]:
        """What is not as it should be, and does not block a run."""
        return [remark for remark in self.remarks if remark.level is Level.WARN]

    def secrets(self) -> list[str]:
        """Every value that must not be shown."""
        return [value.value for value in self if value.secret and value.value]
