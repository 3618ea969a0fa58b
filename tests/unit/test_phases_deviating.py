"""What phases make of deviations: refused by name, known where accepted, said to be gone when Koku is mended."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from expect_payloads import DAY, hours, namespace_rows, node_rows, payload, pod_rows

from e2e_validator.engine.causes import finding_of
from e2e_validator.engine.context import Context
from e2e_validator.engine.deviating import describe
from e2e_validator.errors import Deviates, PhaseFailed
from e2e_validator.expect.known_deviation import UNEXPLAINED
from e2e_validator.providers.ocp.deviating import (
    check_deviations,
    refuse_lost_days,
    repaired_in,
    with_names_of_gone,
    with_what_is_gone,
)
from e2e_validator.providers.ocp.expect.deviations.text import deviation_details
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.verdict import Verdict

ID = "namespace_labels_multiply"
TODAY = DAY.date()
WHEN = hours()
RED = namespace_rows(WHEN[:12], labels="label_team:red")
HEADLINE = f"deviation {ID}: compute / project app-a usage is 24, the data say 12"


def expected(folder: Path, labels: list[Any]) -> Expectation:
    made = payload(folder, pods=[pod_rows(WHEN)], nodes=[node_rows(WHEN)], namespaces=[labels])
    return Expectation.from_payloads([made], cluster_alias="c-1", enabled_tags=["team"])


def context(expectation: Expectation, *, deviates: tuple[str, ...] = (), accepted: tuple[str, ...] = ()) -> Context:
    """As much of a context as deviations need."""
    return cast(
        "Context",
        SimpleNamespace(
            expectation=expectation,
            plan=SimpleNamespace(negative=False, first_day=TODAY, last_day=TODAY, payloads=[None]),
            payload_index=1,
            loaded=SimpleNamespace(scenario=SimpleNamespace(expect=SimpleNamespace(deviates=deviates))),
            accepted=frozenset(accepted),
        ),
    )


@pytest.fixture
def multiplied(tmp_path: Path) -> Expectation:
    return expected(tmp_path / "two", [*RED, *namespace_rows(WHEN[12:])])


def test_nobody_accepted_it(multiplied: Expectation) -> None:
    with pytest.raises(Deviates) as refused:
        check_deviations(context(multiplied), TODAY, TODAY)
    assert refused.value.headline == HEADLINE
    found = finding_of(context(multiplied), refused.value, Verdict.FAILED)
    assert found is not None
    assert found.cause == ID
    assert f"expect: {{deviates: [{ID}]}}" in found.remedy
    assert found.reference == "docs/contract/koku.md 6.1"
    # Every report shows both: what the finding says is not said again.
    detail = refused.value.detail
    assert not [text for text in (found.sentence, found.reference, "accept-deviation") if text in detail]
    assert f"{ID}\n  here       " in detail
    assert "BY THE DATA" in detail


def test_what_no_finding_tells_is_told_in_the_details(multiplied: Expectation) -> None:
    """Of several that were not accepted the finding tells the first."""
    found = multiplied.deviations(TODAY, TODAY)
    text = deviation_details(found, told="another")
    assert text == deviation_details(found)
    assert all(word in text for word in (found[0].known.happens, "docs/contract/koku.md 6.1", "--accept-deviation"))


@pytest.mark.parametrize("transport", ["deviates", "accepted"])
def test_the_scenario_or_the_option_accepts_it(transport: str, multiplied: Expectation) -> None:
    found = check_deviations(context(multiplied, **cast("dict[str, Any]", {transport: (ID,)})), TODAY, TODAY)
    (one,) = describe(found)
    assert (one["id"], one["by_data"], one["as_koku"]) == (ID, "12", "24")


def test_another_name_does_not_accept_it(multiplied: Expectation) -> None:
    with pytest.raises(Deviates):
        check_deviations(context(multiplied, accepted=("claim_capacity_again",)), TODAY, TODAY)


def test_one_that_does_not_happen_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(PhaseFailed, match=f"must deviate from the data by {ID}, and does not"):
        check_deviations(context(expected(tmp_path / "one", RED), deviates=(ID,)), TODAY, TODAY)


def test_an_option_may_name_one_that_does_not_happen(tmp_path: Path) -> None:
    assert check_deviations(context(expected(tmp_path / "one", RED), accepted=(ID,)), TODAY, TODAY) == []


def test_a_mended_koku_is_told_at_the_summary_and_at_the_api(multiplied: Expectation, tmp_path: Path) -> None:
    whole = expected(tmp_path / "one", namespace_rows(WHEN, labels="label_team:red"))
    here = context(multiplied)
    assert repaired_in(here, whole.stage("summary", 0)) == [ID]
    assert repaired_in(here, multiplied.stage("summary", 0)) == []
    shown = whole.figures(TODAY, TODAY)
    assert with_what_is_gone(here, "x differs", shown, TODAY, TODAY) == (
        f"Koku no longer deviates by {ID}: it shows what the data say; x differs"
    )
    assert with_what_is_gone(here, "x differs", multiplied.figures(TODAY, TODAY), TODAY, TODAY) == "x differs"


def test_what_has_no_name_is_never_a_deviation_that_is_gone() -> None:
    for names, said in (
        ([UNEXPLAINED], "it shows what the data say: what is expected of Koku here is wrong, or Koku has changed; x"),
        ([ID, UNEXPLAINED], f"Koku no longer deviates by {ID}: it shows what the data say; x"),
        ([], "x"),
    ):
        assert with_names_of_gone("x", names, "it shows") == said


def test_only_lost_days_are_refused_at_the_summary(multiplied: Expectation) -> None:
    refuse_lost_days(context(multiplied))
