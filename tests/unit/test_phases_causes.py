"""The name of what a phase failed of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from attended import attended, finding
from minio.error import S3Error
from phase_context import emitted, source_state

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.engine import causes
from e2e_validator.engine.causes import finding_of
from e2e_validator.engine.context import Context
from e2e_validator.errors import (
    Blocked,
    CleanupIncomplete,
    GaveUp,
    HarnessError,
    Inconclusive,
    LosesData,
    NumbersDiffer,
    PhaseFailed,
    PhaseTimeout,
)
from e2e_validator.events import Recognised
from e2e_validator.verdict import Verdict

S3 = S3Error(SimpleNamespace(), "AccessDenied", "m", "/b", "r", "h")  # type: ignore[no-untyped-call,unused-ignore,arg-type]
TWICE = {"line_items": {"openshift_pod_usage_line_items": {"2026-11-01": 48}}}
GONE: dict[str, Any] = {"line_items": {"openshift_pod_usage_line_items": {}}}


def cause_of(context: Context, error: BaseException, verdict: Verdict) -> str:
    found = finding_of(context, error, verdict)
    return found.cause if found else ""


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    return attended(tmp_path, monkeypatch, phase="convert").context


@pytest.mark.parametrize(
    ("error", "verdict", "cause"),
    [
        (NumbersDiffer("x"), Verdict.FAILED, "numbers_differ"),
        (PhaseTimeout("x"), Verdict.FAILED, "time_limit"),
        (GaveUp("x"), Verdict.FAILED, "given_up"),
        (GaveUp("Trino cannot answer: line 1:1: Schema 'x' does not exist"), Verdict.FAILED, "trino_schema_missing"),
        (PhaseFailed("x"), Verdict.FAILED, "failed"),
        (Blocked("x"), Verdict.BLOCKED, "not_ready"),
        (LosesData("x"), Verdict.BLOCKED, "data_incomplete"),
        (Unreachable("x"), Verdict.INCONCLUSIVE, "not_reachable"),
        (Inconclusive("x"), Verdict.INCONCLUSIVE, "not_readable"),
        (S3, Verdict.INCONCLUSIVE, "object_store_refused"),
        (psycopg.errors.UndefinedTable("x"), Verdict.INCONCLUSIVE, "database_refused"),
        (CleanupIncomplete("x"), Verdict.UNCLEAN, "left_behind"),
        (Refused("x", 424, "b"), Verdict.FAILED, "refused_424"),
        (Refused("x", 401, "b"), Verdict.FAILED, "refused_401"),
        (HarnessError("x"), Verdict.ERROR, ""),
        (PhaseFailed("x"), Verdict.SKIPPED, ""),
    ],
)
def test_without_a_known_fault_the_failures_kind_is_the_cause(
    context: Context, error: BaseException, verdict: Verdict, cause: str
) -> None:
    found = finding_of(context, error, verdict)
    if not cause:
        assert found is None
        return
    assert found is not None
    assert found.cause == cause
    assert "" not in (found.sentence, found.remedy)
    assert found.reference.startswith("docs/contract/")


@pytest.mark.parametrize("error", [PhaseTimeout("x"), GaveUp("x"), NumbersDiffer("x"), Refused("x", 500, "b")])
def test_a_fault_that_was_recognised_is_the_cause(context: Context, error: BaseException) -> None:
    context.finding = finding("lock_left")
    assert cause_of(context, error, Verdict.FAILED) == "lock_left"


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.SKIPPED])
def test_a_bug_of_ours_has_no_cause_in_the_product(context: Context, verdict: Verdict) -> None:
    context.finding = finding("lock_left")
    assert finding_of(context, PhaseFailed("x"), verdict) is None


@pytest.mark.parametrize(
    ("evidence", "error", "cause"),
    [
        (TWICE, NumbersDiffer("x"), "counted_twice"),
        (GONE, NumbersDiffer("x"), "done_without_rows"),
        ({}, NumbersDiffer("x"), "done_without_rows"),
        (TWICE, PhaseTimeout("x"), "time_limit"),
    ],
)
def test_figures_that_differ_are_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evidence: dict[str, Any], error: BaseException, cause: str
) -> None:
    here = attended(tmp_path, monkeypatch, phase="convert", shows=source_state())
    here.evidence = evidence
    monkeypatch.setattr(
        "e2e_validator.engine.examining._expected_rows", lambda _context: {("pod_usage", "2026-11-01"): 24}
    )
    assert cause_of(here.context, error, Verdict.FAILED) == cause
    told = [event.cause for event in here.events(Recognised)]
    assert told == ([cause] if isinstance(error, NumbersDiffer) else [])


@pytest.mark.parametrize("error", [Unreachable("gone"), psycopg.errors.UndefinedTable("gone")])
def test_what_cannot_be_looked_into_leaves_the_cause_as_it_is(
    context: Context, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(causes, "make_case", gone)
    assert cause_of(context, NumbersDiffer("x"), Verdict.FAILED) == "numbers_differ"


@pytest.mark.parametrize("source", [None, {"id": "", "uuid": "", "name": "s", "key": "s"}])
def test_without_a_source_there_is_nothing_to_look_into(context: Context, source: dict[str, str] | None) -> None:
    context.state.source = source
    assert cause_of(context, NumbersDiffer("x"), Verdict.FAILED) == "numbers_differ"
    assert emitted(context) == []
