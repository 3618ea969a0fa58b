"""The exit code of a run is that of its worst verdict; only passed, repaired, known and skipped are 0."""

from __future__ import annotations

from itertools import combinations

import pytest

from e2e_validator.errors import (
    E2EError,
    GaveUp,
    KnownNotAllowed,
    PhaseFailed,
    Problem,
    RepairNotAllowed,
    ScenarioError,
)
from e2e_validator.verdict import EXIT_CODES, GOOD, KNOWN_CODE, REPAIRED_CODE, SKIPPED_CODE, Verdict, exit_code

GREEN = {Verdict.PASSED, Verdict.REPAIRED, Verdict.KNOWN, Verdict.SKIPPED}
# The order in which they win, worst first.
RED = (Verdict.ERROR, Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.UNCLEAN)


@pytest.mark.parametrize("verdicts", [set(), *({verdict} for verdict in GREEN), GREEN])
def test_passed_repaired_known_and_skipped_end_with_0(verdicts: set[Verdict]) -> None:
    assert exit_code(verdicts) == 0


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.FAILED, 1),
        (Verdict.ERROR, 3),
        (Verdict.BLOCKED, 10),
        (Verdict.INCONCLUSIVE, 12),
        (Verdict.UNCLEAN, 13),
    ],
)
def test_every_other_verdict_has_its_code_however_many_passed(verdict: Verdict, code: int) -> None:
    assert exit_code({verdict} | GREEN) == code


@pytest.mark.parametrize(("worse", "better"), list(combinations(RED, 2)))
def test_the_worst_verdict_wins(worse: Verdict, better: Verdict) -> None:
    assert exit_code({better, worse, *GREEN}) == exit_code({worse})


def test_a_repair_not_allowed_ends_with_11_below_all_else() -> None:
    assert exit_code(GREEN, repair_not_allowed=True) == REPAIRED_CODE == 11
    for verdict, code in EXIT_CODES:
        assert exit_code(GREEN | {verdict}, repair_not_allowed=True) == code


def test_a_skip_not_allowed_ends_with_14_below_repairs() -> None:
    assert exit_code(GREEN, skip_not_allowed=True, repair_not_allowed=True) == SKIPPED_CODE == 14
    for verdict, code in EXIT_CODES:
        assert exit_code(GREEN | {verdict}, skip_not_allowed=True) == code


def test_a_deviation_not_allowed_ends_with_15_below_repairs() -> None:
    assert exit_code(GREEN, known_not_allowed=True, repair_not_allowed=True) == KNOWN_CODE == 15
    assert exit_code(GREEN, known_not_allowed=True, skip_not_allowed=True) == SKIPPED_CODE
    for verdict, code in EXIT_CODES:
        assert exit_code(GREEN | {verdict}, known_not_allowed=True) == code


def test_the_next_phase_follows_passed_repaired_and_known_alone() -> None:
    assert set(GOOD) == {Verdict.PASSED, Verdict.REPAIRED, Verdict.KNOWN}


def test_no_verdict_is_forgotten_and_no_code_means_two_things() -> None:
    assert {verdict for verdict, _ in EXIT_CODES} | GREEN == set(Verdict)
    codes = [code for _, code in EXIT_CODES]
    assert len({*codes, REPAIRED_CODE, SKIPPED_CODE, KNOWN_CODE}) == len(codes) + 3
    # 0 all passed; 2, 4 and 5 are pytest's own: interrupted, usage, nothing selected.
    assert not {0, 2, 4, 5} & {*codes, REPAIRED_CODE, SKIPPED_CODE, KNOWN_CODE}


def test_a_verdict_is_its_word() -> None:
    assert (str(Verdict.PASSED), Verdict("FAILED")) == ("PASSED", Verdict.FAILED)


def test_an_error_keeps_its_first_line_apart() -> None:
    error = E2EError("It ended.", detail="last seen   x")
    assert (error.headline, error.detail, str(error)) == ("It ended.", "last seen   x", "It ended.\nlast seen   x")
    assert str(E2EError("It ended.")) == "It ended."


def test_a_failed_product_is_an_assertion_that_allure_fails() -> None:
    assert issubclass(GaveUp, AssertionError)
    assert issubclass(PhaseFailed, E2EError)
    assert issubclass(RepairNotAllowed, AssertionError)
    assert issubclass(KnownNotAllowed, AssertionError)


def test_problems_are_told_in_the_order_of_the_file() -> None:
    problems = [Problem("b.yaml", 1, 1, "x"), Problem("a.yaml", 10, 2, "y", "write z"), Problem("a.yaml", 9, 1, "x")]
    assert str(ScenarioError(problems)).splitlines() == ["a.yaml:9:1  x", "a.yaml:10:2  y; write z", "b.yaml:1:1  x"]
