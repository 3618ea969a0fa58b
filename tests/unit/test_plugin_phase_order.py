"""Names of phases on the command line: known, planned, and in the order of every plan."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from e2e_validator.errors import UsageError
from e2e_validator.plugin.options import destination
from e2e_validator.plugin.phase_order import check_name, check_planned, position
from e2e_validator.plugin.settings import read_options
from e2e_validator.providers.ocp.flow import FLOW

WHOLE = FLOW.phases(1, negative=False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sumary", "did you mean summary?"),
        ("sumary[2]", "did you mean summary?"),
        ("xyzzy", "the phases are preflight, source,"),
        ("summary[1]", "the first one is called summary"),
        ("upload[2]", "whose name has no number"),
        ("summary[0]", "there is no such phase"),
        ("summary[two]", "there is no such phase"),
        ("", "there is no such phase"),
    ],
)
def test_an_unknown_phase_is_refused_with_what_was_meant(name: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_name("--until-phase", name)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"--until-phase {name}: ")


def test_a_phase_that_no_scenario_has_is_refused() -> None:
    check_planned("--until-phase", None, WHOLE)
    check_planned("--until-phase", "summary", WHOLE)
    with pytest.raises(UsageError, match=r"no scenario that was selected has this phase; they go up to summary\[2\]"):
        check_planned("--until-phase", "summary[3]", FLOW.phases(2, negative=False))
    with pytest.raises(UsageError, match="no scenario that was selected has this phase"):
        check_planned("--until-phase", "rejection", WHOLE)


@pytest.mark.parametrize(("payloads", "negative"), [(1, False), (3, False), (12, False), (1, True)])
def test_phases_stand_in_the_order_of_every_plan(payloads: int, negative: bool) -> None:
    whole = FLOW.phases(payloads, negative=negative)
    assert sorted(whole, key=position) == list(whole)
    for name in whole:
        check_name("--from-phase", name)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"--from-phase": "summary"}, "--from-phase summary: goes on with a run, so give --resume too"),
        ({"--from-phase": "sumary", "--resume": "latest"}, "did you mean summary?"),
        ({"--until-phase": "sumary", "--target": "t.yaml"}, "did you mean summary?"),
        ({"--until-phase": "summary"}, "an embedded stack ends with the run; give --target"),
        ({"--until-phase": "cleanup", "--target": "t.yaml"}, "that is the whole scenario"),
        (
            {"--until-phase": "upload", "--from-phase": "ingest", "--resume": "latest", "--target": "t.yaml"},
            "--until-phase upload: comes before ingest, where --from-phase begins",
        ),
    ],
)
def test_phases_that_contradict_the_other_options_are_refused(given: dict[str, str], words: str) -> None:
    options = {destination(name): value for name, value in given.items()}
    config = SimpleNamespace(getoption=options.get, rootpath=Path())
    with pytest.raises(UsageError) as refused:
        read_options(cast("pytest.Config", config))
    assert words in str(refused.value)
