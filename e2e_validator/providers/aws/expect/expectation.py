"""The expectation of an AWS source: every stage after every assembly, and the API's figures; kept on disk as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from e2e_validator.errors import HarnessError
from e2e_validator.expect.kept import keep, kept
from e2e_validator.expect.measures import Measures, from_json, to_json
from e2e_validator.providers.aws.expect import ec2, stages, summary
from e2e_validator.providers.aws.expect.by_data import figures
from e2e_validator.providers.aws.expect.by_data.facts import facts
from e2e_validator.providers.aws.expect.deviations.clue import Clue
from e2e_validator.providers.aws.expect.deviations.clues import Scene, clues
from e2e_validator.providers.aws.expect.deviations.finding import Deviation, deviations
from e2e_validator.providers.aws.expect.ec2 import Instance
from e2e_validator.providers.aws.expect.package import read_package
from e2e_validator.providers.aws.expect.question import Question
from e2e_validator.providers.aws.expect.replay import Lake, Taken, replay
from e2e_validator.providers.aws.expect.reports import answer, nothing
from e2e_validator.providers.aws.expect.summary import SummaryRow
from e2e_validator.providers.aws.expect.ui_tables import ui_tables

_VERSION = 2


@dataclass(frozen=True)
class After:
    """What there is after one assembly: ``measures`` by the name of the stage, and the rows of two tables.

    ``window`` are the days that it summarised, None for none; ``again``: nothing was done, it had come before.
    """

    month: str
    window: tuple[str, str] | None
    again: bool
    measures: dict[str, Measures]
    rows: tuple[SummaryRow, ...]
    instances: tuple[Instance, ...]


@dataclass(frozen=True)
class Expectation:
    """Assemblies numbered from 0 in the order in which Koku takes them; a month's may follow another month's."""

    payloads: tuple[After, ...]
    obstacles: tuple[tuple[str, str], ...]
    facts: Measures
    markup: Decimal
    clues: tuple[Clue, ...]
    disabled_tags: tuple[str, ...] = ()
    disabled_categories: tuple[str, ...] = ()

    @classmethod
    def from_manifests(
        cls,
        manifests: Sequence[Path],
        *,
        today: date,
        disabled_tags: Collection[str] = (),
        disabled_categories: Collection[str] = (),
        markup: Decimal = Decimal(0),
    ) -> Expectation:
        """What must come out of the assemblies that ``manifests`` name, in the order in which Koku takes them.

        ``today`` is Koku's day. The keys of ``disabled_tags`` and ``disabled_categories`` are so at every summary and
        question; all others are enabled, as new keys are.
        ``markup`` is the cost model's as a fraction, 0.1 for 10 %.

        Raises:
            Inconclusive: nothing can be expected of such data.
        """
        disabled = frozenset(disabled_tags)
        packages = [read_package(manifest) for manifest in manifests]
        rows: dict[str, list[SummaryRow]] = {}
        found: dict[str, list[Instance]] = {}
        payloads: list[After] = []
        every: list[Taken] = []
        lake = Lake()
        for package, (taken, lake) in zip(packages, replay(packages, today), strict=True):
            every.append(taken)
            month = package.month
            if taken.window is not None:
                kept = [row for row in rows.get(month, []) if not _within(row.day, taken.window)]
                daily = list(lake.daily_rows(month))
                rows[month] = kept + summary.summary_rows(daily, taken.window, disabled=disabled, markup=markup)
                found[month] = ec2.instances(daily, disabled=disabled, markup=markup)
            measures = {
                stages.FILES: stages.files(package),
                stages.DAILY_CSV: stages.daily_csv(lake),
                stages.CSV_SUMS: stages.csv_sums(lake),
                stages.RAW: stages.raw_parquet(lake),
                stages.DAILY: stages.daily_parquet(lake),
                stages.RAW_TEXTS: stages.raw_texts(lake),
                stages.DAILY_TEXTS: stages.daily_texts(lake),
                stages.RAW_BY_DAY: stages.raw_by_day(lake),
                stages.DAILY_BY_DAY: stages.daily_by_day(lake),
                stages.PARTITIONS: stages.partitions(lake),
                stages.BILL: stages.bills(lake),
            }
            payloads.append(_after(month, taken, measures, rows, found))
        sums = facts(manifests)
        last = payloads[-1] if payloads else After("", None, False, {}, (), ())
        scene = Scene(packages, every, lake, last.rows, last.instances, sums, today, markup)
        obstacles = tuple(one for taken in every for one in taken.obstacles)
        return cls(
            tuple(payloads),
            obstacles,
            sums,
            markup,
            tuple(clues(scene)),
            tuple(sorted(disabled)),
            tuple(sorted(disabled_categories)),
        )

    def stage(self, name: str, payload: int) -> Measures:
        """See ``expect.expected``; the names are those of ``stages``.

        All but ``files`` are of the whole source after the assemblies 0..``payload``.
        """
        after = self.payloads[payload]
        made = {stages.SUMMARY: summary.measured, stages.UI: ui_tables}
        if name in made:
            return made[name](after.rows)
        if name == stages.EC2:
            return ec2.measured(after.instances)
        if name == stages.LINE_ITEMS:
            return {}
        try:
            return after.measures[name]
        except KeyError:
            raise HarnessError(f"A source of this type has no stage {name}.") from None

    def months(self, payload: int) -> tuple[str, ...]:
        """The months (YYYY-MM) of which something is summarised after the payload; none if nothing is."""
        after = self.payloads[payload]
        return (after.month,) if after.window is not None else ()

    def answer(self, question: Question) -> Measures:
        """What the API must answer after the last assembly; see ``reports.answer``."""
        if not self.payloads:
            return answer(question, (), ())
        if any(name in self.disabled_categories for name in question.categories):
            return nothing(question)
        return answer(question, self.payloads[-1].rows, self.payloads[-1].instances)

    def tags(self) -> dict[str, list[str]]:
        """The values of each enabled key of a tag, as ``tags/aws/`` lists them."""
        return _values(row.tags for row in (self.payloads[-1].rows if self.payloads else ()))

    def categories(self) -> dict[str, list[str]]:
        """The values of each enabled key of a cost category, as ``resource-types/aws-categories/`` lists them."""
        found = _values(row.categories for row in (self.payloads[-1].rows if self.payloads else ()))
        return {key: values for key, values in found.items() if key not in self.disabled_categories}

    def days(self) -> list[date]:
        """The days that have a row in the last summary, in order."""
        return sorted({date.fromisoformat(row.day) for row in (self.payloads[-1].rows if self.payloads else ())})

    def every_day(self) -> list[date]:
        """The days that a row of the data or of the last summary has, in order."""
        return sorted({date.fromisoformat(key[0]) for key in self.facts if key[0]} | set(self.days()))

    def figures(self, start: date, end: date) -> Measures:
        """See ``expect.expected``: ``as_koku``."""
        return self.as_koku(start, end)

    def by_data(self, start: date, end: date) -> Measures:
        """The figures of these days that the data decide without Koku's rules; see ``by_data.figures``."""
        return figures.by_data(self.facts, start, end, self.markup)

    def as_koku(self, start: date, end: date) -> Measures:
        """The same figures as Koku must show them."""
        return figures.as_koku(self.answer, start, end)

    def deviations(self) -> list[Deviation]:
        """Where the figures of all days are not what the data say, each with the name of its cause."""
        days = self.every_day()
        if not days:
            return []
        start, end = min(days), max(days)
        last = self.payloads[-1]
        rounded = figures.numbers_rounded(last.rows, last.instances)
        return deviations(self.by_data(start, end), self.as_koku(start, end), self.clues, rounded)

    def write(self, path: Path) -> None:
        """Keep the expectation: later changes of the CSV files do not change it."""
        content = {
            "obstacles": [list(one) for one in self.obstacles],
            "facts": to_json(self.facts),
            "markup": str(self.markup),
            "disabled": [list(self.disabled_tags), list(self.disabled_categories)],
            "clues": [clue.as_json() for clue in self.clues],
            "payloads": [_as_json(after) for after in self.payloads],
        }
        keep(path, _VERSION, content)

    @classmethod
    def read(cls, path: Path) -> Expectation:
        """The inverse of ``write``.

        Raises:
            Inconclusive: the file is missing or is no expectation of this version.
        """
        return kept(path, _VERSION, cls._of)

    @classmethod
    def _of(cls, content: Mapping[str, Any]) -> Expectation:
        return cls(
            tuple(map(_from_json, content["payloads"])),
            tuple((str(file), str(reason)) for file, reason in content["obstacles"]),
            from_json(content["facts"]),
            Decimal(content["markup"]),
            tuple(map(Clue.from_json, content["clues"])),
            *(tuple(map(str, keys)) for keys in content["disabled"]),
        )


def _within(day: str, window: tuple[str, str]) -> bool:
    return window[0] <= day <= window[1]


def _after(
    month: str,
    taken: Taken,
    measures: dict[str, Measures],
    rows: dict[str, list[SummaryRow]],
    found: dict[str, list[Instance]],
) -> After:
    return After(
        month,
        taken.window,
        taken.again,
        measures,
        tuple(row for own in sorted(rows) for row in rows[own]),
        tuple(row for own in sorted(found) for row in found[own]),
    )


def _values(texts: Any) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for text in set(texts):
        for key, value in json.loads(text).items():
            found.setdefault(key, set()).add(value)
    return {key: sorted(found[key]) for key in sorted(found)}


def _as_json(after: After) -> dict[str, Any]:
    return {
        "month": after.month,
        "window": after.window,
        "again": after.again,
        "measures": {name: to_json(one) for name, one in after.measures.items()},
        "rows": [[list(row.key()[:-1]), list(row.resources), _texts(row.values)] for row in after.rows],
        "instances": [[list(row.key()), _texts(row.values)] for row in after.instances],
    }


def _texts(values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _numbers(texts: Any) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in texts.items()}


def _from_json(content: Any) -> After:
    window = content["window"]
    return After(
        content["month"],
        (window[0], window[1]) if window else None,
        content["again"],
        {name: from_json(rows) for name, rows in content["measures"].items()},
        tuple(
            SummaryRow(
                resources=tuple(resources), values=_numbers(own), **dict(zip(summary.NAMES, texts, strict=False))
            )
            for texts, resources, own in content["rows"]
        ),
        tuple(
            Instance(values=_numbers(own), **dict(zip(ec2.NAMES, texts, strict=True)))
            for texts, own in content["instances"]
        ),
    )
