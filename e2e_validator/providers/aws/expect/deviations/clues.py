"""The clues in some assemblies: which known deviations their data bring about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from e2e_validator.errors import counted
from e2e_validator.expect.deviation import clues_in
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES, OTHERWISE_AMORTIZED
from e2e_validator.providers.aws.expect.by_data.facts import CURRENCIES, undecided
from e2e_validator.providers.aws.expect.columns import BLENDED, EFFECTIVE, UNBLENDED, USAGE
from e2e_validator.providers.aws.expect.daily import DailyKey, DailyRow, DayFile
from e2e_validator.providers.aws.expect.deviations.clue import Clue
from e2e_validator.providers.aws.expect.deviations.registry import LAST_DIGIT, ROUNDED
from e2e_validator.providers.aws.expect.ec2 import Instance, is_instance
from e2e_validator.providers.aws.expect.package import Package
from e2e_validator.providers.aws.expect.question import COMPUTE, STORAGE
from e2e_validator.providers.aws.expect.replay import Lake, Taken
from e2e_validator.providers.aws.expect.summary import COVERED, SummaryRow
from e2e_validator.providers.aws.expect.ui_tables import is_storage

_AMORTIZED = COST_TYPES[3]


@dataclass(frozen=True)
class Scene:
    """What came and what became of it: assemblies, what Koku did with each, what lies in S3, the last rows."""

    packages: Sequence[Package]
    taken: Sequence[Taken]
    lake: Lake
    rows: Sequence[SummaryRow]
    instances: Sequence[Instance]
    facts: Measures
    today: date
    markup: Decimal

    def last_of_months(self) -> dict[str, int]:
        """The position of the last assembly of each month."""
        return {package.month: position for position, package in enumerate(self.packages)}

    def daily(self) -> Iterator[tuple[str, DailyKey, DailyRow]]:
        """The rows of the daily parquet files with their month."""
        for month in sorted({place.month for place in self.lake.parquet}):
            for key, row in self.lake.daily_rows(month):
                yield month, key, row


def clues(scene: Scene) -> list[Clue]:
    """Every clue, one for each name and cause."""
    return clues_in(scene, _LOOKS)


def _days_of(files: Iterable[DayFile]) -> set[str]:
    return {key.day for file in files for key in file.daily}


def _files(package: Package) -> dict[str, list[DayFile]]:
    days: dict[str, list[DayFile]] = defaultdict(list)
    for file in package.files:
        for day, content in file.days.items():
            days[day].append(content)
    return days


def _not_loaded(scene: Scene) -> Iterable[Clue]:
    for position in scene.last_of_months().values():
        taken = scene.taken[position]
        if not taken.obstacles or taken.window is not None:
            continue
        name, why = taken.obstacles[0]
        month = scene.packages[position].month
        days = {key[0] for key in scene.facts if key[0].startswith(month)} | {row.day for row in scene.rows}
        days |= _days_of(file for files in _files(scene.packages[position]).values() for file in files)
        yield Clue("file_not_loaded", f"of {month} nothing is summarised: {name}: {why}", tuple(sorted(days)))


def _taken_before(scene: Scene) -> Iterable[Clue]:
    for position in scene.last_of_months().values():
        package = scene.packages[position]
        if scene.taken[position].again:
            days = {key[0] for key in scene.facts} | {row.day for row in scene.rows}
            sentence = f"the assembly {package.assembly} of {package.month} came again: its files are not looked at"
            yield Clue("assembly_taken_before", sentence, tuple(sorted(days)))


def _days_left_out(scene: Scene) -> Iterable[Clue]:
    for month, position in scene.last_of_months().items():
        package, taken = scene.packages[position], scene.taken[position]
        if taken.start is None:
            continue
        new = _files(package)
        old: dict[str, list[DayFile]] = defaultdict(list)
        for place, file in scene.lake.parquet.items():
            if place.month == month and place.payload != position:
                old[place.day].append(file)
        first, today = package.first_day.isoformat(), scene.today.isoformat()
        early = {day for day in {*new, *old} if first <= day < taken.start.isoformat()}
        restated = sorted(day for day in early if _content(new.get(day, ())) != _content(old.get(day, ())))
        if restated and taken.window is not None:
            sentence = f"{month} was restated on {_listed(restated)}, before {taken.start}, from where on it is taken"
            yield _of_days("restated_days_lost", sentence, new, old, restated)
        has = _days_of(file for files in new.values() for file in files)
        gone = {row.day for row in scene.rows if row.day.startswith(month)} - has - early
        if gone:
            sentence = f"{month} has nothing of {_listed(sorted(gone))} any more"
            yield Clue("vanished_days_stay", sentence, tuple(sorted(gone)))
        later = sorted(day for day in new if day > today)
        if later:
            sentence = f"rows of {_listed(later)} are in the future"
            yield _of_days("future_days_dropped", sentence, new, old, later)
        before = sorted(day for day in new if day < first)
        if before:
            sentence = f"rows of {_listed(before)} are before {month}"
            yield _of_days("days_outside_month_dropped", sentence, new, old, before)


def _content(files: Iterable[DayFile]) -> dict[DailyKey, dict[str, Decimal]]:
    found: dict[DailyKey, dict[str, Decimal]] = {}
    for file in files:
        for key, row in file.daily.items():
            there = found.setdefault(key, {})
            for name, value in row.numbers.items():
                there[name] = there.get(name, Decimal(0)) + value
    return found


def _of_days(
    name: str, sentence: str, new: dict[str, list[DayFile]], old: dict[str, list[DayFile]], days: Sequence[str]
) -> Clue:
    used = _days_of(file for day in days for file in (*new.get(day, ()), *old.get(day, ())))
    return Clue(name, sentence, tuple(sorted(used)))


def _not_summarised(scene: Scene) -> Iterable[Clue]:
    """Rows in S3 whose day of use no assembly has summarised since they lie there."""
    lost: set[str] = set()
    for place, file in scene.lake.parquet.items():
        windows = [
            taken.window
            for position, (package, taken) in enumerate(zip(scene.packages, scene.taken, strict=True))
            if package.month == place.month and position >= place.payload and taken.window is not None
        ]
        if not windows:
            continue  # nothing of its assembly is summarised, which is told as such
        lost |= {key.day for key in file.daily if not any(low <= key.day <= high for low, high in windows)}
    if lost:
        sentence = f"rows with use on {_listed(sorted(lost))} have intervals on other days"
        # They are in the table of EC2 compute, which is made of the whole month.
        yield Clue("usage_day_not_summarised", sentence, tuple(sorted(lost)), ("costs", "instance-types", STORAGE))


def _unread(scene: Scene) -> Iterable[Clue]:
    days: dict[str, set[str]] = defaultdict(set)
    for key, row in scene.facts.items():
        for name in undecided(row) if CURRENCIES not in row else ():
            days[name].add(key[0])
    for name, used in days.items():
        field = "usage" if name == "usage" else "cost"
        yield Clue(
            "unread_cost_is_zero",
            f"{name} of some rows of {_listed(sorted(used))} is missing or no number",
            tuple(sorted(used)),
            cost_types=() if field == "usage" else (name,),
            fields=(field,),
        )


def _currencies(scene: Scene) -> Iterable[Clue]:
    days = sorted({key[0] for key, row in scene.facts.items() if CURRENCIES in row})
    if days:
        yield Clue("currencies_added_up", f"costs of {_listed(days)} are in several currencies", tuple(days),
                   fields=("cost",))  # fmt: skip


def _amortized(scene: Scene) -> Iterable[Clue]:
    days: dict[str, set[str]] = defaultdict(set)
    for _, key, _ in scene.daily():
        kind = key.text("lineitem_lineitemtype")
        if kind in OTHERWISE_AMORTIZED or kind == "Fee":
            days[kind].add(key.day)
    for kind, used in days.items():
        yield Clue(
            "amortized_not_as_aws",
            f"there are rows of type {kind} on {_listed(sorted(used))}",
            tuple(sorted(used)),
            cost_types=(_AMORTIZED,),
            fields=("cost",),
        )


def _rounded(scene: Scene) -> Iterable[Clue]:
    """Days with sums that have more digits than Koku keeps."""
    days: dict[str, int] = defaultdict(int)
    rows = 0
    for _, key, row in scene.daily():
        rows += 1
        sums = [row.numbers[name] for name in (UNBLENDED, BLENDED, EFFECTIVE)]
        sums += [value * scene.markup for value in sums] + [row.numbers[USAGE]]
        if any(value % LAST_DIGIT for value in sums):
            days[key.day] += 1
    if days:
        sentence = f"{counted(sum(days.values()), 'daily row')} of {_listed(sorted(days))} have more than nine decimals"
        yield Clue(ROUNDED, sentence, tuple(sorted(days)), most=LAST_DIGIT * rows)


def _storage(scene: Scene) -> Iterable[Clue]:
    for cost_type in COST_TYPES[1:]:
        days = {
            row.day
            for row in scene.rows
            if is_storage(row) and row.values[cost_type] != row.values[COST_TYPES[0]] and not row.values[cost_type]
        }
        if days:
            sentence = f"storage of {_listed(sorted(days))} has no {cost_type}"
            yield Clue("storage_shows_unblended", sentence, tuple(sorted(days)), (STORAGE,), (cost_type,), ("cost",))


def _tag_sets(scene: Scene) -> Iterable[Clue]:
    rows: dict[tuple[str, str], list[Instance]] = defaultdict(list)
    for one in scene.instances:
        rows[one.resource, one.first_day[:7]].append(one)
    twice = {resource for (resource, _), several in rows.items() if len(several) > 1}
    if twice:
        days = {key.day for _, key, _ in scene.daily() if key.text("lineitem_resourceid") in twice}
        sentence = f"{_listed(sorted(twice))} had several sets of tags or categories on the last day"
        yield Clue("ec2_counted_per_tag_set", sentence, tuple(sorted(days)), (COMPUTE,), resources=tuple(sorted(twice)))


def _covered(scene: Scene) -> Iterable[Clue]:
    there = {
        (key.day, key.text("lineitem_resourceid"))
        for _, key, _ in scene.daily()
        if is_instance(key) and key.text("lineitem_lineitemtype") == COVERED
    }
    if there:
        resources = tuple(sorted({resource for _, resource in there}))
        days = tuple(sorted({day for day, _ in there}))
        sentence = f"savings plans cover usage of {_listed(resources)}"
        yield Clue(
            "ec2_covered_usage_is_zero", sentence, days, (COMPUTE,), COST_TYPES[:2], ("cost",), resources=resources
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, {names[1]} and {len(names) - 2} more"


_LOOKS: tuple[Callable[[Scene], Iterable[Clue]], ...] = (
    _not_loaded, _taken_before, _days_left_out, _not_summarised, _unread, _currencies, _amortized, _rounded, _storage,
    _tag_sets, _covered,
)  # fmt: skip
