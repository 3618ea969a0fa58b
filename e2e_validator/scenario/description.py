"""What a scenario does to the stack and what end it must have, in words."""

from __future__ import annotations

from collections.abc import Mapping

from e2e_validator.scenario.model import Fault, Scenario


def describe(scenario: Scenario) -> Mapping[str, str]:
    """What there is to tell of ``faults``, ``repairs`` and ``expected``; nothing of an ordinary scenario."""
    lines: dict[str, str] = {}
    if scenario.faults:
        lines["faults"] = "; ".join(map(_fault, scenario.faults))
    if scenario.repairs is not None:
        allowed = "none is allowed" if scenario.repairs == "none" else f"only {_listed(scenario.repairs)}"
        lines["repairs"] = allowed
    if end := expected_end(scenario):
        lines["expected"] = end
    return lines


def expected_end(scenario: Scenario) -> str:
    """The end it must have, when that is not simply passing."""
    ends = []
    if (rejected := scenario.expect.rejected) is not None:
        ends.append(f"rejected, manifest {rejected.manifest}")
    if (repaired := scenario.expect.repaired) is not None:
        passes = "" if scenario.expect.fails else "passes, "
        ends.append(f"repaired by {_listed(repaired)}" if repaired else f"{passes}nothing repaired")
    if (fails := scenario.expect.fails) is not None:
        ends.append(f"{fails.phase} ends {fails.verdict}, cause {fails.cause}")
    if scenario.expect.deviates:
        ends.append(f"known to deviate from the data by {_listed(scenario.expect.deviates)}")
    return "; ".join(ends)


def _fault(fault: Fault) -> str:
    often = "always" if fault.times == "always" else "" if fault.times == 1 else f"{fault.times} times"
    chosen = ", ".join(f"{key} {value}" for key, value in fault.options.items())
    more = ", ".join(filter(None, (often, chosen)))
    span = f"before {fault.before}" + (f" until {fault.until}" if fault.until else "")
    return f"{fault.fault} {span}{f' ({more})' if more else ''}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
