"""What a scenario will do on a given day: its tarballs ("payloads"), its phases and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from e2e_validator import calendar_months
from e2e_validator.providers import registry
from e2e_validator.scenario import dates
from e2e_validator.scenario.flow import ON_PREM, Flow, base
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.model import Period, Scenario, Upload

__all__ = ["Plan", "PlannedPayload", "base", "plan"]


@dataclass(frozen=True, slots=True)
class PlannedPayload:
    """One tarball: one upload of one month.

    ``index`` counts all payloads from 1, ``upload`` the uploads from 0. ``start`` and exclusive ``end`` are UTC
    and within ``month`` ("YYYY-MM"; the end may be the first of the next). ``recorded`` is the tarball to
    send, None for data that nise makes; recorded payloads with one ``recorded_uuid`` are parts of one payload.
    """

    index: int
    upload: int
    label: str
    month: str
    start: datetime
    end: datetime
    daily_reports: bool
    damage: str | None
    recorded: Path | None
    recorded_uuid: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole of what a scenario will do; ``first_day`` and ``last_day`` of the data are inclusive."""

    name: str
    negative: bool
    payloads: tuple[PlannedPayload, ...]
    phases: tuple[str, ...]
    first_day: date
    last_day: date
    limits: Mapping[str, int]
    stack: str = ON_PREM
    """The Koku that takes it (``flow.Flow``)."""

    def limit(self, phase: str) -> int:
        """The seconds that ``phase`` (``summary[2]`` like ``summary``) may take."""
        return self.limits[base(phase)]


def plan(loaded: LoadedScenario, today: date) -> Plan:
    """The plan of ``loaded`` when it is run on the day ``today`` (UTC)."""
    scenario = loaded.scenario
    negative = scenario.expect.rejected is not None
    fails = scenario.expect.fails
    flow: Flow = registry.flow(scenario.source.type)
    payloads = _recorded_payloads(loaded) if loaded.payloads else _payloads(loaded, today)
    return Plan(
        name=scenario.name,
        negative=negative,
        payloads=payloads,
        phases=flow.phases(len(payloads), negative=negative, last=fails.phase if fails else None),
        first_day=min(payload.start for payload in payloads).date(),
        last_day=(max(payload.end for payload in payloads) - timedelta(seconds=1)).date(),
        limits=limits_of(scenario),
        stack=flow.stack,
    )


def limits_of(scenario: Scenario) -> dict[str, int]:
    """The seconds that each phase of the scenario's flow may take, by its name without a number."""
    given = scenario.limits.model_dump(exclude_unset=True)
    return {step.phase: given.get(step.phase, step.limit_seconds) for step in registry.flow(scenario.source.type).steps}


def _label(upload: Upload, number: int, count: int) -> str:
    return upload.label or (f"upload {number + 1}" if count > 1 else "")


def _payloads(loaded: LoadedScenario, today: date) -> tuple[PlannedPayload, ...]:
    uploads = loaded.scenario.uploads or (Upload(),)
    payloads: list[PlannedPayload] = []
    for number, upload in enumerate(uploads):
        start, end = _hours(upload.period or loaded.scenario.period, today)
        months = calendar_months.months(start, end)
        if upload.one_package:
            months = ((months[0][0], start, end),)
        for month, first, stop in months:
            payloads.append(
                PlannedPayload(
                    index=len(payloads) + 1,
                    upload=number,
                    label=_label(upload, number, len(uploads)),
                    month=month,
                    start=first,
                    end=stop,
                    daily_reports=upload.daily_reports is not False,
                    damage=upload.damage,
                    recorded=None,
                )
            )
    return tuple(payloads)


def _hours(period: Period | None, today: date) -> tuple[datetime, datetime]:
    if period is None:
        raise AssertionError("a scenario without recorded payloads was loaded without a period")
    return dates.resolve(period.start, today), dates.resolve(period.end, today)


def _recorded_payloads(loaded: LoadedScenario) -> tuple[PlannedPayload, ...]:
    count = loaded.payloads[-1].upload + 1
    uploads = loaded.scenario.uploads or tuple(Upload() for _ in range(count))
    payloads = []
    for index, payload in enumerate(loaded.payloads, start=1):
        upload = uploads[payload.upload]
        daily = payload.daily_reports if upload.daily_reports is None else upload.daily_reports
        payloads.append(
            PlannedPayload(
                index=index,
                upload=payload.upload,
                label=_label(upload, payload.upload, count),
                month=payload.month,
                start=payload.start,
                end=payload.end,
                daily_reports=daily,
                damage=upload.damage,
                recorded=payload.path,
                recorded_uuid=payload.uuid,
            )
        )
    return tuple(payloads)
