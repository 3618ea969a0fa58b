"""One phase run: what must have gone before, and which word stands for what went wrong."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from minio.error import S3Error
from phase_context import NOTHING, context, emitted

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome, PhaseSkipped
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.engine.runner import detail_of, headline_of, missing_phase, run_phase, verdict_of
from e2e_validator.errors import (
    Blocked,
    CleanupIncomplete,
    E2EError,
    GaveUp,
    HarnessError,
    Inconclusive,
    NumbersDiffer,
    PhaseFailed,
    PhaseInterrupted,
    PhaseTimeout,
    UsageError,
)
from e2e_validator.events import PhaseFinished, PhaseStarted
from e2e_validator.plugin.registry import PHASES
from e2e_validator.providers.ocp.flow import FLOW
from e2e_validator.scenario.model import Rejected
from e2e_validator.scenario.plan import base
from e2e_validator.verdict import Verdict
from e2e_validator.waiting import Interrupted

S3 = S3Error(SimpleNamespace(), "AccessDenied", "m", "/b", "r", "h")  # type: ignore[no-untyped-call,unused-ignore,arg-type]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (PhaseFailed("x"), Verdict.FAILED),
        (PhaseTimeout("x"), Verdict.FAILED),
        (GaveUp("x"), Verdict.FAILED),
        (NumbersDiffer("x"), Verdict.FAILED),
        (Refused("x", 400, "b"), Verdict.FAILED),
        (Blocked("x"), Verdict.BLOCKED),
        (OSError(errno.ENOSPC, "No space left on device"), Verdict.BLOCKED),
        (PermissionError(errno.EACCES, "Permission denied"), Verdict.BLOCKED),
        (Inconclusive("x"), Verdict.INCONCLUSIVE),
        (Unreachable("x"), Verdict.INCONCLUSIVE),
        (S3, Verdict.INCONCLUSIVE),
        (psycopg.errors.UndefinedTable("x"), Verdict.INCONCLUSIVE),
        (CleanupIncomplete("x"), Verdict.UNCLEAN),
        (HarnessError("x"), Verdict.ERROR),
        (UsageError("x"), Verdict.ERROR),
        (E2EError("x"), Verdict.ERROR),
        (AssertionError("x"), Verdict.ERROR),
        (KeyError("x"), Verdict.ERROR),
        (FileNotFoundError(errno.ENOENT, "No such file"), Verdict.ERROR),
        (RuntimeError("x"), Verdict.ERROR),
    ],
)
def test_each_error_stands_for_one_verdict_and_never_for_passed(error: Exception, verdict: Verdict) -> None:
    assert verdict_of(error) is verdict


@pytest.mark.parametrize(
    ("error", "headline"),
    [
        (None, ""),
        (GaveUp("It ended.", detail="last seen   x"), "It ended."),
        (Refused("masu answered 400\n<html>", 400, "<html>"), "masu answered 400"),
        (psycopg.errors.UndefinedTable('relation "x" does not exist\nLINE 1: SELECT'), 'relation "x" does not exist'),
        (ValueError("\n  first\nsecond"), "first"),
        (ValueError(), "ValueError"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "No space left on device: /x/y"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
    ],
)
def test_a_headline_is_one_line(error: Exception | None, headline: str) -> None:
    assert headline_of(error) == headline


def test_the_detail_is_what_the_headline_left_out() -> None:
    assert detail_of(None, Verdict.PASSED) == ""
    assert detail_of(GaveUp("It ended.", detail="last seen   x"), Verdict.FAILED) == "last seen   x"
    assert detail_of(Refused("masu answered", 400, "long body"), Verdict.FAILED) == "answer      400: long body"
    assert detail_of(psycopg.Error("first\nLINE 1: SELECT"), Verdict.INCONCLUSIVE) == "LINE 1: SELECT"
    assert detail_of(Unreachable("gone"), Verdict.INCONCLUSIVE) == ""


def test_a_bug_of_ours_says_so_and_brings_its_traceback() -> None:
    try:
        raise KeyError("koku_uuid")  # noqa: TRY301 - a traceback is needed
    except KeyError as error:
        detail = detail_of(error, Verdict.ERROR)
    assert detail.startswith("This is a bug in the harness, not in the product.\nTraceback")
    assert "test_phases_runner.py" in detail


PLAN = FLOW.phases(2, negative=False)


@pytest.mark.parametrize("phase", [phase for phase in PLAN if phase not in {"preflight", "cleanup"}])
@pytest.mark.parametrize("ended", ["FAILED", "BLOCKED", "INCONCLUSIVE", "ERROR", "SKIPPED", "INTERRUPTED", None])
def test_a_phase_needs_every_phase_before_it_to_have_passed(tmp_path: Path, phase: str, ended: str | None) -> None:
    the_context = context(tmp_path, phase, months=("2026-10", "2026-11"))
    before = PLAN[: PLAN.index(phase)]
    the_context.state.verdicts = dict.fromkeys(before, "PASSED")
    assert missing_phase(the_context) is None
    for name in before:
        verdicts: dict[str, Any] = dict.fromkeys(before, "PASSED") | {name: ended}
        the_context.state.verdicts = {one: verdict for one, verdict in verdicts.items() if verdict}
        said = f"{name} ended {ended}" if ended else f"{name} did not run"
        assert missing_phase(the_context) == said


def test_the_first_phase_that_did_not_pass_is_named(tmp_path: Path) -> None:
    the_context = context(tmp_path, "api")
    the_context.state.verdicts = {"preflight": "PASSED", "source": "FAILED", "generate": "SKIPPED"}
    assert missing_phase(the_context) == "source ended FAILED"


def test_cleanup_runs_whatever_happened_before(tmp_path: Path) -> None:
    the_context = context(tmp_path, "cleanup")
    the_context.state.verdicts = {"preflight": "ERROR"}
    assert missing_phase(the_context) is None


@pytest.mark.parametrize("negative", [False, True])
def test_every_phase_of_a_plan_is_in_the_registry(negative: bool) -> None:
    assert {base(name) for name in FLOW.phases(3, negative=negative)} <= set(PHASES)


def running(monkeypatch: pytest.MonkeyPatch, phase: Callable[[Context], Outcome]) -> None:
    monkeypatch.setitem(PHASES, "preflight", phase)


def test_a_phase_that_ends_well_is_noted_on_disk_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = context(tmp_path, "preflight")
    running(monkeypatch, lambda _: Outcome("7/7 checks ok", {"checks": 7}))
    finished, outcome, error = run_phase(the_context, PHASES[the_context.base])
    assert (finished.verdict, finished.facts, error) == ("PASSED", "7/7 checks ok", None)
    assert outcome is not None
    assert finished.data == {"checks": 7, "polls": 0}
    assert ScenarioState.load(tmp_path).verdicts == {"preflight": "PASSED"}
    started, last = emitted(the_context)
    assert isinstance(started, PhaseStarted)
    assert isinstance(last, PhaseFinished)
    assert last is finished


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(GaveUp("Gone."), "FAILED"), (PhaseSkipped("nothing to do"), "SKIPPED"), (ZeroDivisionError("ours"), "ERROR")],
)
def test_a_phase_that_does_not_end_well_is_never_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, verdict: str
) -> None:
    def fail(_: Context) -> Outcome:
        raise error

    running(monkeypatch, fail)
    finished, outcome, raised = run_phase(context(tmp_path, "preflight"), PHASES["preflight"])
    assert (finished.verdict, finished.headline, outcome, raised) == (verdict, str(error), None, error)
    assert ScenarioState.load(tmp_path).verdicts == {"preflight": verdict}


def test_a_phase_without_its_predecessor_is_skipped_unrun(tmp_path: Path) -> None:
    the_context = context(tmp_path, "summary", shows=NOTHING)
    finished, _, error = run_phase(the_context, PHASES[the_context.base])
    assert (finished.verdict, finished.headline) == ("SKIPPED", "preflight did not run")
    assert isinstance(error, PhaseSkipped)


def test_without_a_target_the_first_blocks_and_the_rest_skip(tmp_path: Path) -> None:
    blocked = Blocked("The stack did not start.")
    first = run_phase(context(tmp_path, "preflight", blocked=blocked), PHASES["preflight"])[0]
    assert (first.verdict, first.headline) == ("BLOCKED", "The stack did not start.")
    second = context(tmp_path, "source", blocked=blocked)
    second.state = ScenarioState.load(tmp_path)
    assert run_phase(second, PHASES[second.base])[0].headline == "preflight ended BLOCKED"


def test_an_interrupted_phase_blames_no_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Context) -> Outcome:
        raise Interrupted

    running(monkeypatch, interrupt)
    the_context = context(tmp_path, "preflight")
    the_context.run.folder.mkdir(exist_ok=True)
    the_context.run.stop("SIGTERM")
    finished, outcome, error = run_phase(the_context, PHASES[the_context.base])
    assert (finished.verdict, outcome) == ("INTERRUPTED", None)
    assert finished.headline == "interrupted by SIGTERM; says nothing of the product"
    assert isinstance(error, PhaseInterrupted)
    assert ScenarioState.load(tmp_path).verdicts == {"preflight": "INTERRUPTED"}
    assert emitted(the_context)[-1] == finished


def test_an_interrupt_before_a_phase_begins_is_one_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def refuse(phase: str) -> Iterator[None]:
        assert phase == "preflight"
        raise Interrupted
        yield

    running(monkeypatch, lambda _: pytest.fail("it ran"))
    the_context = context(tmp_path, "preflight")
    the_context.during = refuse
    assert run_phase(the_context, PHASES[the_context.base])[0].verdict == "INTERRUPTED"


def test_a_cut_cleanup_says_what_may_be_left_and_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Context) -> Outcome:
        raise Interrupted

    monkeypatch.setitem(PHASES, "cleanup", interrupt)
    finished, _, _ = run_phase(context(tmp_path, "cleanup"), PHASES["cleanup"])
    assert finished.verdict == "INTERRUPTED"
    assert finished.headline == "the cleanup was interrupted; 1 source, 1 object may be left"
    assert "sources/provider-1/" in finished.detail
    assert "s3 rm s3://ocp-ingress/" in finished.detail


def test_a_negative_scenario_needs_its_rejection_before_the_api(tmp_path: Path) -> None:
    the_context = context(tmp_path, "api", rejected=Rejected(manifest="absent"))
    the_context.state.verdicts = dict.fromkeys(FLOW.phases(1, negative=True), "PASSED")
    assert missing_phase(the_context) is None
    del the_context.state.verdicts["rejection"]
    assert missing_phase(the_context) == "rejection did not run"
