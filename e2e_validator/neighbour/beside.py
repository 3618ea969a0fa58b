"""The phases in which the neighbour has a part: made before the first source, looked at before and after a cleanup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.life import shown
from e2e_validator.neighbour import control, tenants, watch

Phase = Callable[[Context], Outcome]


def made_first(phase: Phase) -> Phase:
    """The phase, with the neighbour on its way before it."""

    def run(context: Context) -> Outcome:
        control.ensure(context)
        return phase(context)

    return run


def whole_first(phase: Phase) -> Phase:
    """The phase, with the neighbour whole before it."""

    def run(context: Context) -> Outcome:
        watch.before_payload(context)
        return phase(context)

    return run


def shown_right(phase: Phase) -> Phase:
    """The phase, with a look at what the API says of the source itself, when it ended well."""

    def run(context: Context) -> Outcome:
        outcome = phase(context)
        if not context.plan.negative:
            shown.check(context)
        return outcome

    return run


def looked_at_after(phase: Phase) -> Phase:
    """The phase, with a look at the neighbour when it ended well."""

    def run(context: Context) -> Outcome:
        outcome = phase(context)
        said = {"neighbour": watch.check(context)}
        if context.base == "api":
            said["tenants"] = tenants.check(context)
        return replace(outcome, data={**outcome.data, **{name: text for name, text in said.items() if text}})

    return run
