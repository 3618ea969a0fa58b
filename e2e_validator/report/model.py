"""What ``results.json`` holds, version 1: the run, its scenarios and their phases."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "e2e-validator/results"
VERSION: Final = 1

Word = Literal[
    "PASSED", "REPAIRED", "KNOWN", "FAILED", "BLOCKED", "INCONCLUSIVE", "ERROR", "UNCLEAN", "SKIPPED", "INTERRUPTED"
]


class _Part(BaseModel):
    """A part of the results: nothing else than what is declared."""

    model_config = ConfigDict(extra="forbid")


class RepairTry(_Part):
    """One try of a repair."""

    repair: str = Field(description="The repair, as 'e2e-validator repairs' lists it.")
    cause: str = Field(description="The known fault that was recognised.")
    number: int = Field(description="The how many-th try this was.", ge=0)
    limit: int = Field(description="How many tries are allowed.", ge=0)
    did: str = Field(description="What was done.")
    effect: str = Field(description="worked, no effect, failed (could not be done) or declined (the user said no).")
    seconds: float = Field(ge=0)
    expected: bool = Field(description="Whether the scenario says that this repair must happen.")
    undo: str = Field(description="How to take it back.")
    folder: str = Field(description="The evidence before and after, relative to the run's folder.")
    at: str = Field(default="", description="When it came to its end: ISO 8601, UTC; empty if it was not written down.")


class RepairResult(RepairTry):
    """One try of a repair, and where it was tried."""

    scenario: str
    phase: str


class FindingResult(_Part):
    """What is wrong, and what can be done."""

    cause: str = Field(description="Its name: scenarios can expect it, and the docs list it.")
    sentence: str = Field(description="What was found.")
    evidence: dict[str, Any] = Field(description="What it rests on.")
    remedy: str = Field(description="What an operator can do; empty where nothing is known.")
    reference: str = Field(description="Where the facts are written down.")
    final: bool = Field(description="Whether waiting cannot help.")


class PhaseResult(_Part):
    """One phase of one scenario."""

    name: str = Field(description="The phase; with its payload in brackets from the second one on: ingest[2].")
    verdict: Word
    seconds: float | None = Field(description="How long it took; null if it never ran or never ended.", ge=0)
    facts: str = Field(default="", description="What is now true, as counts.")
    headline: str = Field(default="", description="Why it did not pass, as one sentence.")
    detail: str = Field(default="", description="The rest of the explanation, as text.")
    data: dict[str, Any] = Field(default_factory=dict, description="The phase's figures; decimals are text.")
    cause: str = Field(default="", description="The name of its finding, or of the faults that were repaired.")
    finding: FindingResult | None = Field(default=None, description="Why it did not pass, and what can be done.")
    repairs: list[RepairTry] = Field(default_factory=list, description="Each try of a repair, in order.")


class ScenarioResult(_Part):
    """One scenario: as bad as its worst phase."""

    name: str
    verdict: Word
    seconds: float = Field(description="The sum of its phases.", ge=0)
    phases: list[PhaseResult] = Field(description="In the order of the plan.")


class SkipResult(_Part):
    """Something that a green run would hide: it was to be looked at, and was not."""

    kind: Literal["scenario", "phase", "check"] = Field(
        description="A scenario that was left out, a phase that did nothing, a check of preflight that could not look."
    )
    name: str = Field(description="The scenario, scenario and phase, or the check.")
    reason: str = Field(description="Why, and how to change that.")


class DeviationResult(_Part):
    """A deviation of figures from the data that was accepted by its name."""

    scenario: str
    phase: str
    id: str = Field(description="The deviation, as 'e2e-validator deviations' lists it.")
    stage: str = Field(description="The stage at which the numbers stop being right.")
    reason: str = Field(description="What in the data brings it about.")
    reference: str = Field(description="Where it is written down.")
    figures: int = Field(description="How many figures it affects.", ge=0)
    worst: str = Field(description="The most telling of them with both values, as one sentence.")
    by_data: str = Field(description="What the data say, a decimal as text.")
    as_koku: str = Field(description="What Koku shows, a decimal as text.")


class RunInfo(_Part):
    """The run as a whole."""

    id: str
    started: str | None = Field(description="ISO 8601, UTC.")
    finished: str | None = Field(description="ISO 8601, UTC; null if the run was cut off.")
    seconds: float | None = Field(
        description="Of a run that was continued, those of its last part. Null if the run was cut off.", ge=0
    )
    target: str
    today: str = Field(description="The date that the run took for today.")
    versions: dict[str, str]
    exit_code: int | None = Field(description="Null if the run was cut off.")
    verdict: str = Field(
        default="", description="The worst of its scenarios'; with 'up to PHASE' where it was to end there."
    )
    until: str = Field(default="", description="The phase after which it was to end; empty for whole scenarios.")
    interrupted: str = Field(default="", description="The signal that ended it early; empty if none did.")
    resumed: int = Field(default=0, description="How often the run was stopped and continued.", ge=0)


class Counts(_Part):
    """How many ended with which verdict; verdicts that did not occur are left out."""

    scenarios: dict[str, int]
    phases: dict[str, int]
    repairs: dict[str, int] = Field(
        default_factory=dict,
        description="How many tries had which effect; those that worked as the scenario expects are counted apart.",
    )


class Results(_Part):
    """The results of one run."""

    model_config = ConfigDict(title="Results of an e2e-validator run", extra="forbid")

    format: Literal["e2e-validator/results"] = FORMAT
    version: Literal[1] = VERSION
    run: RunInfo
    counts: Counts
    scenarios: list[ScenarioResult]
    repairs: list[RepairResult] = Field(
        default_factory=list, description="Each try of a repair in the run, in the order of time."
    )
    deviations: list[DeviationResult] = Field(
        default_factory=list, description="Each accepted deviation from the data, phase by phase."
    )
    skips: list[SkipResult] = Field(
        default_factory=list,
        description="What was not looked at, each with its reason; phases behind one that did not pass are not here.",
    )
    warnings: list[str] = Field(default_factory=list, description="What is odd about the journal itself.")
