"""Which phases run: one that is selected brings the phases before it, and its cleanup.

A phase alone would have nothing to look at, and a scenario of which only the failed phase is repeated would be green
without the phases behind it (prior art: --lf); so a selection grows to all earlier phases and cleanup, and with --lf
to the whole scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import pytest

from e2e_validator.deployment.namespace import stack_of
from e2e_validator.errors import UsageError, counted
from e2e_validator.plugin.collect import PhaseItem, Scenario
from e2e_validator.plugin.phase_order import position
from e2e_validator.plugin.run_record import ScenarioRecord
from e2e_validator.plugin.run_session import SESSION

# Why scenarios that were selected are not run.
FAULTS, OTHER_STACK = "left-out", "other-stack"


def refuse_reruns(config: pytest.Config) -> None:
    """Refuse pytest-rerunfailures, which would make a failed scenario green.

    Raises:
        pytest.UsageError: reruns were asked for, on the command line or in the configuration.
    """
    asked = getattr(config.option, "reruns", None)
    with suppress(KeyError, ValueError):  # an ini option that is not declared
        asked = asked or int(config.getini("reruns") or 0)
    if asked:
        raise pytest.UsageError(
            "--reruns repeats a phase without the ones before it and turned a failed scenario green; run the scenario"
            " again instead."
        )


def leave_out_faults(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the scenarios with faults where the target is not ours to put them to.

    Raises:
        pytest.UsageError: there is nothing else to run (a worker cannot refuse; its controller does).
    """
    session = config.stash[SESSION]
    if session.options.embedded:
        return
    _leave_out(config, items, FAULTS, lambda scenario: bool(scenario.loaded.scenario.faults))


def leave_out_other_stacks(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the scenarios that another Koku takes than that of the target.

    A cluster is asked which it has where scenarios of several kinds are selected; of one kind alone, they are blocked
    with the reason when the run begins.

    Raises:
        pytest.UsageError: there is nothing else to run (a worker cannot refuse; its controller does).
    """
    options = config.stash[SESSION].options
    try:
        there = options.target_stack
    except UsageError:
        return  # the file is told to be none of a target when the run begins
    kinds = {item.scenario.plan.stack for item in items if isinstance(item, PhaseItem)}
    if options.where is not None and len(kinds) > 1 and not config.getoption("collectonly"):
        there = stack_of(options.where)
    if there is not None:
        _leave_out(config, items, OTHER_STACK, lambda scenario: scenario.plan.stack != there)


def _leave_out(config: pytest.Config, items: list[pytest.Item], why: str, unfit: Callable[[Scenario], bool]) -> None:
    session = config.stash[SESSION]
    left = [item for item in items if isinstance(item, PhaseItem) and unfit(item.scenario)]
    if not left:
        return
    items[:] = [item for item in items if item not in set(left)]
    config.hook.pytest_deselected(items=left)
    session.leave_out(why, sorted({item.scenario.name for item in left}))
    if not items and session.worker is None:
        raise pytest.UsageError(only_left_out(session.left_out, session.options.away))


def only_left_out(left: Mapping[str, Sequence[str]], away: str) -> str:
    """Why nothing is run: the sentence for a selection of which every scenario is left out."""
    said = []
    for why, names in left.items():
        count = f"the {len(names)} scenarios have" if len(names) > 1 else f"the scenario {names[0]} has"
        if why == FAULTS:
            said.append(f"{count} faults, which are put to an embedded stack alone; run without {away}")
        else:
            said.append(f"{count} a source that {_another_koku(away)}")
    return f"{away}: {'; '.join(said)}."


def left_out_reason(why: str, away: str) -> str:
    """Why such scenarios do not run on a deployment, and how to say that they need not."""
    if why == FAULTS:
        return f"faults are put to an embedded stack alone, not to {away}; -m 'not fault' does not select them"
    return f"they have sources that {_another_koku(away)}"


def _another_koku(away: str) -> str:
    says = "whose pods say" if away == "--namespace" else "whose stack: says"
    return f"another Koku takes than that of {away}, {says} which it is (onprem, or classic with Trino)"


def left_out_line(left: Mapping[str, Sequence[str]], away: str) -> str:
    """What the terminal says of scenarios that were selected and do not run; nothing when there are none."""
    lines = []
    for why, names in left.items():
        kind = " with faults" if why == FAULTS else ""
        lines.append(f"left out  {counted(len(names), 'scenario')}{kind}: {left_out_reason(why, away)}")
    return "\n".join(lines)


def take_share(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to others what is not of our share (``--share``): by name, so that all shares agree.

    Raises:
        pytest.UsageError: there are fewer scenarios than shares, and none is left for ours.
    """
    share = config.stash[SESSION].options.share
    if share is None:
        return
    index, count = share
    names = sorted({item.scenario.name for item in items if isinstance(item, PhaseItem)})
    ours = set(names[index::count])
    if not ours and config.stash[SESSION].worker is None:
        raise pytest.UsageError(f"--share {index}/{count}: there are only {len(names)} scenarios to share.")
    others = [item for item in items if isinstance(item, PhaseItem) and item.scenario.name not in ours]
    items[:] = [item for item in items if item not in set(others)]
    config.hook.pytest_deselected(items=others)


def complete(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the phases that the selected ones need into ``items``, in the order of the plan."""
    whole = bool(config.getoption("lf", default=False) or config.getoption("failedfirst", default=False))
    chosen: dict[Scenario, list[str]] = {}
    for item in items:
        if isinstance(item, PhaseItem):
            chosen.setdefault(item.scenario, []).append(item.name)
    done: set[Scenario] = set()
    result: list[pytest.Item] = []
    for item in items:
        if not isinstance(item, PhaseItem):
            result.append(item)
        elif item.scenario not in done:
            done.add(item.scenario)
            result.extend(_phases(item.scenario, chosen[item.scenario], items, whole=whole))
    until = config.stash[SESSION].options.until_phase
    left = [item for item in result if until and isinstance(item, PhaseItem) and position(item.name) > position(until)]
    if left:
        # Not skipped: they were not asked for, and take nothing away from the verdict.
        config.hook.pytest_deselected(items=left)
    items[:] = [item for item in result if item not in set(left)]


def records_of(items: list[pytest.Item]) -> dict[str, ScenarioRecord]:
    """What is to be known on disk of the scenarios whose phases will run."""
    scenarios = {item.scenario for item in items if isinstance(item, PhaseItem)}
    return {scenario.name: scenario.record for scenario in scenarios}


def _phases(scenario: Scenario, chosen: list[str], items: list[pytest.Item], *, whole: bool) -> list[pytest.Item]:
    """The items of the scenario's phases up to the last chosen one, and its cleanup."""
    order = scenario.plan.phases
    last = len(order) if whole else max(order.index(name) for name in chosen) + 1
    wanted = [name for name in order if order.index(name) < last or name == "cleanup"]
    present = {item.name: item for item in items if isinstance(item, PhaseItem) and item.scenario is scenario}
    return [present.get(name) or scenario.phase_item(name) for name in wanted]


def warned(items: Iterable[pytest.Item]) -> str:
    """One sentence when scenarios are taken otherwise than they are written; else nothing."""
    scenarios = {item.scenario.name: item.scenario.loaded for item in items if isinstance(item, PhaseItem)}
    odd = [loaded for loaded in scenarios.values() if loaded.warnings]
    if not odd:
        return ""
    count = f"{len(odd)} scenarios are" if len(odd) > 1 else f"the scenario {odd[0].name} is"
    paths = " ".join(str(loaded.path) for loaded in odd[:3]) + (" ..." if len(odd) > 3 else "")
    return f"{count} taken, but not as written; what is different: e2e-validator lint {paths}"
