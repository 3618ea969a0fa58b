"""What the command-line options mean together, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from e2e_validator import moments
from e2e_validator.deployment.namespace import Where
from e2e_validator.errors import UsageError
from e2e_validator.generate.cache import turn_off
from e2e_validator.plugin.options import value
from e2e_validator.plugin.phase_order import check_name, position
from e2e_validator.plugin.where import read_where
from e2e_validator.providers import registry
from e2e_validator.scenario.dates import FIRST_YEAR, LAST_YEAR
from e2e_validator.scenario.document import did_you_mean
from e2e_validator.scenario.durations import seconds
from e2e_validator.slowness import given, parsed, settle

# It was our gate before it had a name of its own; pytest means something else by it.
_STRICT = (
    "warning   pytest's strict also means --fail-on-skip, in this release for the last time; give --fail-on-skip itself"
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run, checked."""

    target_file: Path | None
    reports: Path
    fixtures: Path
    today: date
    """The run's day, to its end."""
    keep: str | None
    today_given: bool = False
    began_on: date | None = None
    """The day of our clock on which the run began; None: it is not known."""
    repair: str = "auto"
    fail_on_repair: bool = False
    fail_on_known: bool = False
    accepted: frozenset[str] = frozenset()
    repair_after: float | None = None
    resume: str | None = None
    from_phase: str | None = None
    until_phase: str | None = None
    exclusive: bool = False
    wait_for_lock: float = 0.0
    where: Where | None = None
    share: tuple[int, int] | None = None
    fail_on_skip: bool = False
    """What was not looked at is a failure."""
    notes: tuple[str, ...] = ()
    """What is unusual about the options, a line each."""

    @property
    def target_stack(self) -> str | None:
        """Which Koku the target's file names; None where there is no such file.

        Raises:
            UsageError: the file is none of a target.
        """
        if self.target_file is None:
            return None
        # Not before: it brings clients, which other test runs need not load.
        from e2e_validator.deployment.endpoints import from_file

        return from_file(self.target_file).koku

    @property
    def embedded(self) -> bool:
        """Whether the run starts its own stack."""
        return self.target_file is None and self.where is None

    @property
    def away(self) -> str:
        """The option that names a deployment; empty for an embedded stack."""
        return "" if self.embedded else "--namespace" if self.where is not None else "--target"


def read_options(config: pytest.Config) -> Options:
    """The checked options.

    Raises:
        UsageError: they contradict each other, or name something that is not there.
    """
    if factor := value(config, "--slowness"):
        settle(parsed(factor, "--slowness"))
    if value(config, "--no-nise-cache"):
        turn_off()
    given()  # refused here, not where a limit is first needed
    where = read_where(config)
    target = None if where else value(config, "--target")
    _check_phases(value(config, "--from-phase"), value(config, "--until-phase"), config, lasting=bool(where or target))
    today, here = value(config, "--today"), moments.utc_now().date()
    try:
        day = date.fromisoformat(today) if today else here
    except ValueError as error:
        raise UsageError(f"--today {today}: is not a date; write it as YYYY-MM-DD.") from error
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise UsageError(f"--today {today}: write a day of the years {FIRST_YEAR + 1} to {LAST_YEAR - 1}.")
    strict = bool(config.getini("strict")) and not value(config, "--fail-on-skip")
    return Options(
        target_file=Path(target) if target else None,
        reports=Path(config.invocation_params.dir, value(config, "--run-dir") or "reports"),
        fixtures=config.rootpath / "fixtures",
        today=day,
        keep=value(config, "--keep"),
        today_given=bool(today),
        began_on=here,
        repair=value(config, "--repair"),
        fail_on_repair=value(config, "--fail-on-repair"),
        fail_on_known=value(config, "--fail-on-known"),
        accepted=_accepted(value(config, "--accept-deviation")),
        repair_after=value(config, "--repair-after"),
        resume=value(config, "--resume"),
        from_phase=value(config, "--from-phase"),
        until_phase=value(config, "--until-phase"),
        exclusive=value(config, "--exclusive"),
        wait_for_lock=_duration("--wait-for-lock", value(config, "--wait-for-lock")),
        where=where,
        share=_share(value(config, "--share")),
        fail_on_skip=strict or value(config, "--fail-on-skip"),
        notes=(_STRICT,) * strict,
    )


def _accepted(names: list[str]) -> frozenset[str]:
    """The deviations to accept.

    Raises:
        UsageError: there is none of that name, or it is none that can be accepted.
    """
    known = [one for kind in registry.types() for one in registry.rules(kind).deviations] if names else []
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise UsageError(f"--accept-deviation {name}: there is no such deviation that can be accepted; {hint}.")
    return frozenset(names)


def _share(text: str | None) -> tuple[int, int] | None:
    """Which share of how many."""
    if text is None:
        return None
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        raise UsageError(f"--share {text}: write it as I/N with I from 0 to N-1, such as 0/4.")
    return int(index), int(count)


def _duration(option: str, text: str | None) -> float:
    """The seconds of a duration; none given is 0."""
    if not text or text == "0":
        return 0.0
    try:
        return float(seconds(text))
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}; write it as 90s, 20m or 1h30m.") from error


def _check_phases(first: str | None, last: str | None, config: pytest.Config, *, lasting: bool) -> None:
    """Whether ``--from-phase`` and ``--until-phase`` name phases between which something can run.

    ``lasting``: the target is there after the run.

    Raises:
        UsageError: they do not.
    """
    if first is not None:
        check_name("--from-phase", first)
        if value(config, "--resume") is None:
            raise UsageError(f"--from-phase {first}: goes on with a run, so give --resume too.")
    if last is None:
        return
    check_name("--until-phase", last)
    if last == "cleanup":
        raise UsageError("--until-phase cleanup: that is the whole scenario; leave the option out.")
    if first is not None and position(last) < position(first):
        raise UsageError(f"--until-phase {last}: comes before {first}, where --from-phase begins.")
    if not lasting:
        raise UsageError(
            f"--until-phase {last}: leaves everything in place, and an embedded stack ends with the run; give --target"
            " or --namespace."
        )
