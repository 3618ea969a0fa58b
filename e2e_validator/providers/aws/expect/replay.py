"""Assemblies one after another: what lies in S3 and which days are summarised (docs/contract/clouds.md 5, 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from e2e_validator.providers.aws.expect.daily import DailyKey, DailyRow, DayFile
from e2e_validator.providers.aws.expect.package import CurFile, Package

# The days that Koku takes again before the newest one that it has.
_AGAIN = 3


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An object of S3: the month it is filed under, its day, the assembly that wrote it (by its position), the file."""

    month: str
    day: str
    payload: int
    base: str


@dataclass
class Lake:
    """The objects of S3 at one moment, each with the day of a file that it holds, and the bills there are.

    ``columns`` is the number of columns of each CSV. ``bills`` has the payer of each month.
    """

    csv: dict[Place, DayFile] = field(default_factory=dict)
    parquet: dict[Place, DayFile] = field(default_factory=dict)
    columns: dict[Place, int] = field(default_factory=dict)
    bills: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Lake:
        """The same objects, to be kept while others come."""
        return Lake(dict(self.csv), dict(self.parquet), dict(self.columns), dict(self.bills))

    def daily_rows(self, month: str) -> Iterator[tuple[DailyKey, DailyRow]]:
        """Every row of the daily parquet files of a month."""
        for place in sorted(self.parquet):
            if place.month == month:
                yield from self.parquet[place].daily.items()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one assembly: ``start`` is its first day, ``window`` the days that it summarises.

    ``window`` is None where nothing is summarised; ``obstacles`` say of which file, and why. ``again``: an assembly
    of this name was taken before, and nothing is done.
    """

    start: date | None
    window: tuple[str, str] | None
    obstacles: tuple[tuple[str, str], ...] = ()
    again: bool = False


class Replay:
    """Takes assemblies in the order in which Koku meets them; ``today`` is Koku's day."""

    def __init__(self, today: date) -> None:
        """Begin with a source of which nothing is known yet."""
        self.today = today
        self.lake = Lake()
        self._set_up = False
        self._taken: set[str] = set()

    def take(self, package: Package, payload: int) -> Taken:
        """Take the assembly ``package``, which is the ``payload``th."""
        if package.assembly in self._taken:
            return Taken(None, None, again=True)
        start, whole = self._start(package)
        days: set[str] = set()
        obstacles = []
        for file in package.files:
            if file.broken:
                obstacles.append((file.name, file.broken))
                continue
            kept = self._kept(file, start)
            self._clear(package, start, payload, whole=whole)
            for day, content in kept.items():
                place = Place(package.month, day, payload, file.base)
                self.lake.csv[place] = content
                self.lake.columns[place] = file.columns
                if not file.unconverted:
                    self.lake.parquet[place] = content
            if file.unconverted:
                obstacles.append((file.name, file.unconverted))
                continue
            self._set_up = True
            if not kept:
                obstacles.append((file.name, "it has no row of a day that Koku takes"))
            days |= kept.keys()
        last = package.files[-1] if package.files else None
        if last is not None and not (last.broken or last.unconverted) and self._kept(last, start):
            self.lake.bills.setdefault(package.month, last.payer)
        failed = [file for file in package.files if file.broken or file.unconverted]
        if failed or not days or package.month not in self.lake.bills:
            return Taken(start, None, tuple(obstacles))
        self._taken.add(package.assembly)
        return Taken(start, (min(days), max(days)), tuple(obstacles))

    def _start(self, package: Package) -> tuple[date, bool]:
        """The first day that is taken, and whether the month is taken as a whole."""
        first = package.first_day
        current = (first.year, first.month) == (self.today.year, self.today.month)
        final = bool(package.files) and package.files[0].final and not current
        there = [place.day for place in self.lake.csv if place.month == package.month]
        if not self._set_up or final:
            return first, True
        if not there:
            return first, False
        newest = min(date.fromisoformat(max(there)), self.today)
        return (first if newest.day <= _AGAIN else newest - timedelta(days=_AGAIN)), False

    def _kept(self, file: CurFile, start: date) -> dict[str, DayFile]:
        within = (start.isoformat(), self.today.isoformat())
        return {day: content for day, content in file.days.items() if within[0] <= day <= within[1]}

    def _clear(self, package: Package, start: date, payload: int, *, whole: bool) -> None:
        """Objects of other assemblies go: of a month that is taken as a whole the parquet files, else of its days."""

        def goes(place: Place) -> bool:
            return place.month == package.month and place.payload != payload and place.day >= start.isoformat()

        for place in [place for place in self.lake.parquet if goes(place)]:
            del self.lake.parquet[place]
        if not whole:
            for place in [place for place in self.lake.csv if goes(place)]:
                del self.lake.csv[place], self.lake.columns[place]


def replay(packages: Sequence[Package], today: date) -> Iterator[tuple[Taken, Lake]]:
    """What became of each assembly, and what lies in S3 afterwards."""
    course = Replay(today)
    for payload, package in enumerate(packages):
        taken = course.take(package, payload)
        yield taken, course.lake.copy()
