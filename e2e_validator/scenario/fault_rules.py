"""What a scenario says of faults, repairs and the end it must have: known names, and nothing that excludes another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers import registry
from e2e_validator.scenario.document import Document, KeyPath, did_you_mean, dotted
from e2e_validator.scenario.fault_names import ARMABLE, GIVEN, FaultName
from e2e_validator.scenario.flow import Flow
from e2e_validator.scenario.repair_names import REPAIR_NAMES
from e2e_validator.scenario.rules import mapping, rejected

_CLEANUP = "cleanup"


def check_faults(document: Document, flow: Flow, payloads: int | None) -> Iterator[Problem]:
    """All that is wrong with faults, repairs and the expected end.

    ``payloads`` is the number of tarballs, which the names of the phases depend on; None when it cannot be told because
    of another problem: then the phases are not looked at.
    """
    raw = mapping(document.data)
    whole = flow.phases(payloads, negative=rejected(raw)) if payloads else None
    yield from _contradictions(document, raw)
    yield from _repairs(document, raw)
    yield from _deviations(document, raw)
    if whole:
        yield from _failure(document, raw, whole)
    faults = raw.get("faults")
    for index, fault in enumerate(faults if isinstance(faults, list) else ()):
        if isinstance(fault, dict):
            yield from _fault(document, fault, ("faults", index))
            if whole:
                yield from _moments(document, fault, ("faults", index), whole, _last(raw))


def _last(raw: dict[str, Any]) -> str | None:
    """The phase that the scenario must not get through; None when there is none."""
    phase = mapping(raw, "expect", "fails").get("phase")
    return phase if isinstance(phase, str) else None


def _contradictions(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    expect = mapping(raw, "expect")
    for key in ("repaired", "fails", "deviates"):
        if rejected(raw) and expect.get(key) is not None:
            what = f"expect.{key} excludes expect.rejected"
            yield document.problem(("expect", key), what, "one scenario, one end", at_key=True)
    allowed, repaired = raw.get("repairs"), expect.get("repaired")
    if not isinstance(repaired, list) or allowed is None:
        return
    for index, name in enumerate(repaired):
        if allowed == "none" or (isinstance(allowed, list) and name not in allowed):
            here: KeyPath = ("expect", "repaired", index)
            said = "none" if allowed == "none" else "without it"
            yield document.problem(here, f"{dotted(here)}: '{name}' is expected, but repairs is {said}", "allow it")


def _repairs(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    places: tuple[tuple[KeyPath, Any], ...] = (
        (("repairs",), raw.get("repairs")),
        (("expect", "repaired"), mapping(raw, "expect").get("repaired")),
    )
    for keys, given in places:
        names = given if isinstance(given, list) else []
        for index, name in enumerate(names):
            here: KeyPath = (*keys, index)
            if isinstance(name, str) and name not in REPAIR_NAMES:
                hint = did_you_mean(name, REPAIR_NAMES) or f"known: {', '.join(REPAIR_NAMES)}"
                yield document.problem(here, f"{dotted(here)}: there is no repair '{name}'", hint)
            elif name in names[:index]:
                yield document.problem(here, f"{dotted(here)}: '{name}' is given twice")


def _deviations(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    given = mapping(raw, "expect").get("deviates")
    names = given if isinstance(given, list) else []
    kind = mapping(raw, "source").get("type", registry.USUAL)
    # What is wrong with the type is told by itself: no name is wrong because of it.
    meant = str(kind).upper()
    known = registry.rules(meant).deviations if names and meant in registry.types() else names or ()
    for index, name in enumerate(names):
        here: KeyPath = ("expect", "deviates", index)
        if isinstance(name, str) and name not in known:
            hint = did_you_mean(name, known) or "'e2e-validator deviations' lists them"
            yield document.problem(here, f"{dotted(here)}: there is no deviation '{name}' to be accepted", hint)
        elif name in names[:index]:
            yield document.problem(here, f"{dotted(here)}: '{name}' is given twice")


def _failure(document: Document, raw: dict[str, Any], whole: tuple[str, ...]) -> Iterator[Problem]:
    phase = _last(raw)
    here: KeyPath = ("expect", "fails", "phase")
    if phase == _CLEANUP:
        yield document.problem(here, f"{dotted(here)}: the cleanup ends every scenario", "name the phase before it")
    elif phase is not None and phase not in whole:
        yield _no_phase(document, here, phase, whole)


def _no_phase(document: Document, here: KeyPath, phase: str, whole: tuple[str, ...]) -> Problem:
    hint = did_you_mean(phase, whole) or f"known: {', '.join(whole)}"
    return document.problem(here, f"{dotted(here)}: the scenario has no phase '{phase}'", hint)


def _moments(
    document: Document, fault: dict[str, Any], keys: KeyPath, whole: tuple[str, ...], last: str | None
) -> Iterator[Problem]:
    """Whether ``before`` and ``until`` are phases that will run, in this order."""
    planned = whole if last is None or last not in whole else (*whole[: whole.index(last) + 1], _CLEANUP)
    for key in ("before", "until"):
        phase, here = fault.get(key), (*keys, key)
        if not isinstance(phase, str) or phase in planned:
            continue
        if phase in whole:
            what = f"{dotted(here)}: '{phase}' is not run: {last} must not pass"
            yield document.problem(here, what, "write 'cleanup', or leave the key out")
        else:
            yield _no_phase(document, here, phase, whole)
    before, until = fault.get("before", "source"), fault.get("until")
    if before in planned and until in planned and planned.index(until) <= planned.index(before):
        here = (*keys, "until")
        yield document.problem(here, f"{dotted(here)}: '{until}' is not after '{before}'", "name a later phase")


def _fault(document: Document, fault: dict[str, Any], keys: KeyPath) -> Iterator[Problem]:
    name, here = fault.get("fault"), (*keys, "fault")
    if not isinstance(name, str) or not name.strip():
        return
    if name in GIVEN:
        yield document.problem(here, f"{dotted(here)}: '{name}' cannot be armed", GIVEN[name])
    elif name not in ARMABLE:
        known = {*ARMABLE, *GIVEN}
        hint = did_you_mean(name, known) or "'e2e-validator schema' lists them"
        yield document.problem(here, f"{dotted(here)}: there is no fault '{name}'", hint)
    else:
        yield from _options(document, fault, (*keys, "options"), ARMABLE[name])


def _options(document: Document, fault: dict[str, Any], keys: KeyPath, known: FaultName) -> Iterator[Problem]:
    options = fault.get("options")
    for key, value in options.items() if isinstance(options, dict) else ():
        here = (*keys, key)
        if key not in known.known_options:
            names = ", ".join(sorted(known.known_options)) or "none"
            hint = did_you_mean(key, known.known_options) or f"known: {names}"
            yield document.problem(here, f"{known.name} has no option '{key}'", hint, at_key=True)
            continue
        fits, wanted = _WANTED[key]
        if not fits(value, known):
            asked = f"one of {', '.join(known.points)}" if key == "point" else wanted
            yield document.problem(here, f"{dotted(here)}: {_shown(value)} is not {asked}")


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_Fits = Callable[[Any, FaultName], bool]
_WANTED: dict[str, tuple[_Fits, str]] = {
    "point": (lambda value, fault: value in fault.points, ""),
    "skip": (lambda value, _: type(value) is int and value >= 0, "a whole number from 0 on"),
    "seconds": (lambda value, _: value is None or _positive(value), "a number of seconds above 0, or null for no end"),
    "delay_s": (lambda value, _: _positive(value), "a number of seconds above 0"),
    "lose": (lambda value, _: isinstance(value, bool), "true or false"),
    "bucket": (lambda value, _: value in ("ingress", "archive", "ros"), "one of ingress, archive, ros"),
    "door": (lambda value, _: value in ("koku", "masu", "both"), "one of koku, masu, both"),
    "task": (lambda value, _: isinstance(value, str) and bool(value), "the name of a task"),
    "path": (lambda value, _: isinstance(value, str), "a part of a URL"),
    "method": (lambda value, _: value in (None, *_METHODS), f"one of {', '.join(_METHODS)}"),
    "table": (lambda value, _: isinstance(value, str) and bool(value), "the name of a table"),
}
