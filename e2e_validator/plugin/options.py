"""Command-line options and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from e2e_validator import moments
from e2e_validator.deployment.namespace import Where
from e2e_validator.errors import UsageError
from e2e_validator.plugin.phase_order import check_name, position
from e2e_validator.plugin.where import add_namespace_options, read_where
from e2e_validator.scenario.dates import FIRST_YEAR, LAST_YEAR
from e2e_validator.scenario.deviation_names import DEVIATION_NAMES
from e2e_validator.scenario.document import did_you_mean
from e2e_validator.scenario.durations import seconds
from e2e_validator.slowness import given, parsed, settle


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
    strict: bool = False
    """What was not looked at is a failure; pytest's own option, as it has one of this name."""

    def on(self, today: str, began_on: str) -> Options:
        """The options of a run that has its day already."""
        return replace(self, today=date.fromisoformat(today), began_on=date.fromisoformat(began_on))

    @property
    def embedded(self) -> bool:
        """Whether the run starts its own stack."""
        return self.target_file is None and self.where is None

    @property
    def away(self) -> str:
        """The option that names a deployment; empty for an embedded stack."""
        return "" if self.embedded else "--namespace" if self.where is not None else "--target"


def add_options(parser: pytest.Parser) -> None:
    """Declare the options, in groups of their own."""
    target = parser.getgroup("e2e target", "end-to-end validation: where the system under test is")
    add_namespace_options(target)
    target.addoption(
        "--target",
        metavar="FILE",
        help="YAML or JSON file of endpoints, as 'e2e-validator embedded up --json' prints; with --namespace, of"
        " settings as --set takes them.",
    )
    target.addoption(
        "--embedded",
        action="store_true",
        help="Start PostgreSQL, an object store and a stand-in for Koku for this run (default without --namespace and"
        " --target).",
    )
    target.addoption(
        "--today",
        metavar="YYYY-MM-DD",
        help="The day that relative dates start from; also fixes the embedded stack's clock (default: today, UTC).",
    )
    target.addoption(
        "--slowness",
        metavar="FACTOR",
        help="Make every limit of the embedded stack and of what we start so many times as long (E2E_SLOWNESS; default:"
        " measured, as this machine is now).",
    )
    behaviour = parser.getgroup("e2e behaviour", "end-to-end validation: what a run does")
    behaviour.addoption(
        "--repair",
        choices=("auto", "off", "ask"),
        default="auto",
        help="Repair known faults of this run's own sources: by itself (auto, the default), never (off), or after"
        " asking at the terminal (ask). 'e2e-validator repairs' lists them.",
    )
    behaviour.addoption(
        "--fail-on-repair",
        action="store_true",
        help="For a release gate: end with 11, and show the phase as failed, when something had to be repaired.",
    )
    behaviour.addoption(
        "--accept-deviation",
        metavar="ID",
        action="append",
        default=[],
        help="Accept a known deviation of the figures from the data: the phase is KNOWN instead of FAILED; may be"
        " given several times. 'e2e-validator deviations' lists them.",
    )
    behaviour.addoption(
        "--fail-on-known",
        action="store_true",
        help="For a release gate: end with 15, and show the phase as failed, when figures are known not to be what"
        " the data say.",
    )
    behaviour.addoption(
        "--repair-after",
        metavar="SECONDS",
        type=float,
        help="How long nothing may have changed before a fault is believed (default: 30; embedded stack: 2).",
    )
    behaviour.addoption(
        "--resume",
        metavar="RUN",
        nargs="?",
        const="latest",
        help="Go on with a run that was stopped (default: the latest), at each scenario's first phase that did not"
        " pass; needs the deployment the run was made on.",
    )
    behaviour.addoption(
        "--from-phase", metavar="PHASE", help="With --resume: go on at this phase, even if it passed before."
    )
    behaviour.addoption(
        "--until-phase",
        metavar="PHASE",
        help="End each scenario after this phase and leave everything in place; --resume goes on from there.",
    )
    behaviour.addoption(
        "--exclusive",
        action="store_true",
        help="Run alone in the organisation: blocked while another run is at work there, and block those that come.",
    )
    behaviour.addoption(
        "--wait-for-lock",
        metavar="DURATION",
        help="Wait this long (90s, 30m) for a run that stands in the way, instead of ending at once as blocked.",
    )
    behaviour.addoption(
        "--share",
        metavar="I/N",
        help="Run every N-th scenario of those selected, beginning with the I-th (from 0), for a run that is spread"
        " over N pods or machines.",
    )
    output = parser.getgroup("e2e output", "end-to-end validation: what is left of a run")
    output.addoption(
        "--run-dir", metavar="DIR", help="Folder for the run folders, also of --resume (default: reports/ here)."
    )
    output.addoption(
        "--keep",
        choices=("none", "failed", "all"),
        help="Keep source and objects of no, failed or all scenarios (default: what the scenario says, else none).",
    )


def read_options(config: pytest.Config) -> Options:
    """The checked options.

    Raises:
        UsageError: they contradict each other, or name something that is not there.
    """
    if factor := config.getoption("--slowness"):
        settle(parsed(factor, "--slowness"))
    given()  # refused here, not where a limit is first needed
    where = read_where(config)
    target = None if where else config.getoption("--target")
    _check_phases(
        config.getoption("--from-phase"), config.getoption("--until-phase"), config, lasting=bool(where or target)
    )
    today, here = config.getoption("--today"), moments.utc_now().date()
    try:
        day = date.fromisoformat(today) if today else here
    except ValueError as error:
        raise UsageError(f"--today {today}: is not a date; write it as YYYY-MM-DD.") from error
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise UsageError(f"--today {today}: write a day of the years {FIRST_YEAR + 1} to {LAST_YEAR - 1}.")
    return Options(
        target_file=Path(target) if target else None,
        reports=Path(config.invocation_params.dir, config.getoption("--run-dir") or "reports"),
        fixtures=config.rootpath / "fixtures",
        today=day,
        keep=config.getoption("--keep"),
        today_given=bool(today),
        began_on=here,
        repair=config.getoption("--repair"),
        fail_on_repair=config.getoption("--fail-on-repair"),
        fail_on_known=config.getoption("--fail-on-known"),
        accepted=_accepted(config.getoption("--accept-deviation")),
        repair_after=config.getoption("--repair-after"),
        resume=config.getoption("--resume"),
        from_phase=config.getoption("--from-phase"),
        until_phase=config.getoption("--until-phase"),
        exclusive=config.getoption("--exclusive"),
        wait_for_lock=_duration("--wait-for-lock", config.getoption("--wait-for-lock")),
        where=where,
        share=_share(config.getoption("--share")),
        strict=bool(config.getini("strict")),
    )


def _accepted(names: list[str]) -> frozenset[str]:
    """The deviations to accept.

    Raises:
        UsageError: there is none of that name, or it is none that can be accepted.
    """
    for name in names:
        if name not in DEVIATION_NAMES:
            hint = did_you_mean(name, DEVIATION_NAMES) or f"known: {', '.join(DEVIATION_NAMES)}"
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
        if config.getoption("--resume") is None:
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
