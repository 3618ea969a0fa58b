"""What the values of a scenario say together: dates against the day of the run, uploads, rejections.

The rules read the raw data, so that they also speak when something else in the file is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from e2e_validator import calendar_months
from e2e_validator.calendar_months import month_after
from e2e_validator.errors import Problem
from e2e_validator.scenario import dates
from e2e_validator.scenario.document import Document, KeyPath, did_you_mean, dotted
from e2e_validator.scenario.flow import Flow
from e2e_validator.scenario.model import DATA_KEYS, RECORDED_KEYS, Limits

_FORMAT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Window:
    """The hours ``[start, end)`` that one upload covers, and where the file says so."""

    keys: KeyPath
    start: datetime
    end: datetime


def mapping(raw: Any, *keys: str) -> dict[str, Any]:
    """The mapping at ``keys``; empty when there is none."""
    for key in keys:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw if isinstance(raw, dict) else {}


def check_scenario(document: Document, today: date, flow: Flow) -> Iterator[Problem]:
    """All that the values of a scenario say wrongly together, the data apart."""
    raw = mapping(document.data)
    yield from _name(document, raw)
    yield from _data(document, raw)
    yield from _tags(document, raw)
    yield from _limits(document, raw, flow)
    yield from _rejection(document, raw)
    yield from _periods(document, raw, today)


def rejected(raw: dict[str, Any]) -> bool:
    """Whether the scenario expects a rejection."""
    return bool(mapping(raw, "expect").get("rejected"))


def _name(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    name, stem = raw.get("name"), PurePath(document.path).stem
    if isinstance(name, str) and name != stem:
        yield document.problem(("name",), f"name: '{name}' is not the name of the file", f"write '{stem}'")


def _data(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    data = raw.get("data")
    if not isinstance(data, dict):
        return
    given = [key for key in DATA_KEYS if data.get(key) is not None]
    if len(given) != 1:
        known = f"{', '.join(DATA_KEYS[:-1])} and {DATA_KEYS[-1]}"
        what = f"data has {' and '.join(given)}" if given else f"data has none of {known}"
        yield document.problem(("data",), what, f"exactly one of {known} is needed")
    if "payloads" in given and raw.get("period") is not None:
        hint = "recorded payloads have their own dates"
        yield document.problem(("period",), "'period' is not allowed with payloads", hint, at_key=True)
    if not {*RECORDED_KEYS} & {*given} and raw.get("period") is None:
        where = ("period",) if "period" in raw else ()
        yield document.problem(where, "missing key 'period' in the scenario", "the hours the data cover")


def _tags(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    tags = raw.get("tags")
    seen: list[Any] = []
    for index, tag in enumerate(tags if isinstance(tags, list) else ()):
        seen.append(tag)
        if tag in seen[:index]:
            yield document.problem(("tags", index), f"tags[{index}]: '{tag}' is given twice")


def _limits(document: Document, raw: dict[str, Any], flow: Flow) -> Iterator[Problem]:
    absent = flow.without_effect(negative=rejected(raw))
    reason = "a scenario that expects a rejection has no such phase"
    if not rejected(raw):
        reason = "only a scenario that expects a rejection has this phase"
    own = {step.phase for step in flow.steps}
    for phase in mapping(raw, "limits"):
        if phase in absent:
            yield document.problem(("limits", phase), f"limits.{phase} has no effect", reason, at_key=True)
        elif phase in Limits.model_fields and phase not in own:
            other = "a source of this type has no such phase"
            yield document.problem(("limits", phase), f"limits.{phase} has no effect", other, at_key=True)


def _uploads(raw: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    uploads = raw.get("uploads")
    for index, upload in enumerate(uploads if isinstance(uploads, list) else ()):
        if isinstance(upload, dict):
            yield ("uploads", index), upload


def _rejection(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    uploads = list(_uploads(raw))
    if raw.get("uploads") == []:
        yield document.problem(("uploads",), "uploads: is empty", "leave the key out to send all the data once")
    if not rejected(raw):
        for keys, upload in uploads:
            if upload.get("damage") is not None:
                what = f"{dotted(keys)}: a damaged upload without expect.rejected"
                yield document.problem((*keys, "damage"), what, "say what Koku leaves behind", at_key=True)
        if mapping(raw, "source").get("create") is False:
            what = "source.create: no source without expect.rejected"
            yield document.problem(("source", "create"), what, "say what Koku leaves behind", at_key=True)
        return
    if len(uploads) > 1:
        yield document.problem(
            ("uploads",), "expect.rejected with several uploads", "one scenario, one rejection", at_key=True
        )
    expected = mapping(raw, "expect", "rejected")
    here: KeyPath = ("expect", "rejected")
    for key in ("report_status", "state"):
        if expected.get("manifest") == "absent" and expected.get(key) is not None:
            yield document.problem((*here, key), f"{key} without a manifest", "manifest is absent", at_key=True)
        if expected.get("manifest") == "present" and expected.get(key) is None:
            hint = "files by status" if key == "report_status" else "marks by step, such as download: [start]"
            yield document.problem(here, f"missing key '{key}' in expect.rejected", hint)


def window(period: Any, keys: KeyPath, today: date) -> Window | None:
    """The hours of a raw ``period``; None when it does not name any (which is a problem told elsewhere)."""
    if not isinstance(period, dict) or not all(isinstance(period.get(key), str) for key in ("start", "end")):
        return None
    try:
        return Window(keys, dates.resolve(period["start"], today), dates.resolve(period["end"], today))
    except dates.DateError:
        return None


def _periods(document: Document, raw: dict[str, Any], today: date) -> Iterator[Problem]:
    yield from _far(document, ("period",), raw.get("period"), today)
    whole = window(raw.get("period"), ("period",), today)
    by_nise = mapping(raw, "data").get("rows") is None
    if whole:
        yield from check_window(document, whole, today, old_allowed=rejected(raw), by_nise=by_nise)
    recorded = next((key for key in RECORDED_KEYS if mapping(raw, "data").get(key) is not None), "")
    for keys, upload in _uploads(raw):
        if recorded and upload.get("period") is not None:
            hint = "recorded payloads have their own dates"
            yield document.problem((*keys, "period"), f"'period' is not allowed with {recorded}", hint, at_key=True)
            continue
        yield from _far(document, (*keys, "period"), upload.get("period"), today)
        if upload.get("one_package") is True and by_nise:
            what = f"{dotted(keys)}: one_package is for data: {{rows: ...}} alone"
            yield document.problem((*keys, "one_package"), what, "nise makes each month by itself", at_key=True)
        part = window(upload.get("period"), (*keys, "period"), today)
        if not part:
            continue
        yield from check_window(document, part, today, old_allowed=rejected(raw), by_nise=by_nise)
        if (
            whole
            and whole.start < whole.end
            and part.start < part.end
            and not whole.start <= part.start < part.end <= whole.end
        ):
            covered = f"{part.start:{_FORMAT}} to {part.end:{_FORMAT}}"
            what = f"{dotted(part.keys)}: {covered} is not within the scenario's period"
            hint = f"which is {whole.start:{_FORMAT}} to {whole.end:{_FORMAT}}"
            yield document.problem(part.keys, what, hint, at_key=True)


def _far(document: Document, keys: KeyPath, period: Any, today: date) -> Iterator[Problem]:
    """Dates that are none on the day of the run; what is wrong with them on any day is told in the same words."""
    for key in ("start", "end") if isinstance(period, dict) else ():
        if isinstance(text := period.get(key), str):
            try:
                dates.resolve(text, today)
            except dates.DateError as error:
                yield document.problem((*keys, key), f"{dotted((*keys, key))}: {error}", error.hint)


def check_window(
    document: Document, hours: Window, today: date, *, old_allowed: bool, by_nise: bool = True
) -> Iterator[Problem]:
    """The hours against the calendar of nise and of Koku."""
    start, end, keys = hours.start, hours.end, hours.keys
    here = dotted(keys)
    if end <= start:
        what = f"{here}.end: {end:{_FORMAT}} is not after the start {start:{_FORMAT}}"
        yield document.problem((*keys, "end"), what, "the end is the first hour that is not covered")
        return
    if end > dates.midnight(today):
        what = f"{here}.end: {end:{_FORMAT}} is after the start of the day of the run ({today})"
        yield document.problem((*keys, "end"), what, "write 'today' at the latest: the data end with yesterday")
    if start < dates.retained_from(today) and not old_allowed:
        what = f"{here}.start: {start:{_FORMAT}} is before what Koku keeps (from {dates.retained_from(today):%Y-%m-%d})"
        yield document.problem((*keys, "start"), what, "write month-2m or later, or expect.rejected")
    parts = calendar_months.months(start, end)
    if old_allowed and len(parts) > 1:
        what = f"{here}: a scenario that expects a rejection covers {len(parts)} months"
        yield document.problem(keys, what, "one tarball, one rejection: stay in one month", at_key=True)
    next_month = month_after(start)
    last_midnight = next_month - timedelta(days=1)
    if by_nise and start > last_midnight and end < next_month:
        what = f"{here}.start: {start:{_FORMAT}} is after 00:00 of the last day of its month and the end is in it too"
        yield document.problem((*keys, "start"), what, "nise writes nothing for such hours: start at 00:00")


def template_hint(name: str, known: list[str]) -> str:
    """What to write in place of a template that is not there."""
    last = PurePath(name).name
    if last != name and last in known:
        return f"write {last}"
    return did_you_mean(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
