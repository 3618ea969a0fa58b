"""What ``results.json`` holds, version 1: the run, its scenarios and their phases."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "e2e-validator/results"
VERSION: Final = 1

Word = Literal["PASSED", "REPAIRED", "FAILED", "BLOCKED", "INCONCLUSIVE", "ERROR", "UNCLEAN", "SKIPPED", "INTERRUPTED"]


class _Part(BaseModel):
    """A part of the results: nothing else than what is declared."""

    model_config = ConfigDict(extra="forbid")


class PhaseResult(_Part):
    """One phase of one scenario."""

    name: str = Field(description="The phase; with its parcel in brackets from the second one on: ingest[2].")
    verdict: Word
    seconds: float | None = Field(description="How long it took; null if it never ran or never ended.", ge=0)
    facts: str = Field(default="", description="What is now true, as counts.")
    headline: str = Field(default="", description="Why it did not pass, as one sentence.")
    detail: str = Field(default="", description="The rest of the explanation, as text.")
    data: dict[str, Any] = Field(default_factory=dict, description="The phase's figures; decimals are text.")
    cause: str = Field(default="", description="The known fault behind it, if one was recognised.")
    repairs: list[dict[str, Any]] = Field(default_factory=list, description="Each try of a repair, in order.")


class ScenarioResult(_Part):
    """One scenario: as bad as its worst phase."""

    name: str
    verdict: Word
    seconds: float = Field(description="The sum of its phases.", ge=0)
    phases: list[PhaseResult] = Field(description="In the order of the plan.")


class RunInfo(_Part):
    """The run as a whole."""

    id: str
    started: str | None = Field(description="ISO 8601, UTC.")
    finished: str | None = Field(description="ISO 8601, UTC; null if the run was cut off.")
    seconds: float | None = Field(description="Null if the run was cut off.", ge=0)
    target: str
    today: str = Field(description="The date that the run took for today.")
    versions: dict[str, str]
    exit_code: int | None = Field(description="Null if the run was cut off.")


class Counts(_Part):
    """How many ended with which verdict; verdicts that did not occur are left out."""

    scenarios: dict[str, int]
    phases: dict[str, int]


class Results(_Part):
    """The results of one run."""

    model_config = ConfigDict(title="Results of an e2e-validator run", extra="forbid")

    format: Literal["e2e-validator/results"] = FORMAT
    version: Literal[1] = VERSION
    run: RunInfo
    counts: Counts
    scenarios: list[ScenarioResult]
    warnings: list[str] = Field(default_factory=list, description="What is odd about the journal itself.")
