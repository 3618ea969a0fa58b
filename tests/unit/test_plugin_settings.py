"""What the options mean together: --fail-on-skip beside pytest's strict, and the values that are no paths."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from e2e_validator.plugin.options import OPTIONS, destination, given, take_values_out
from e2e_validator.plugin.settings import Options, read_options


def config(options: dict[str, Any], *, strict: bool = False) -> pytest.Config:
    values = {destination(name): value for name, value in options.items()}
    return cast(
        "pytest.Config",
        SimpleNamespace(
            getoption=values.get,
            getini={"strict": strict}.get,
            rootpath=Path(),
            invocation_params=SimpleNamespace(dir=Path()),
        ),
    )


def read(options: dict[str, Any], *, strict: bool = False) -> Options:
    return read_options(config(options, strict=strict))


def test_strict_of_pytest_fails_on_skip_for_one_more_release() -> None:
    assert (read({}).fail_on_skip, read({}).notes) == (False, ())
    ours = read({"--fail-on-skip": True}, strict=True)
    assert (ours.fail_on_skip, ours.notes) == (True, ())
    old = read({}, strict=True)
    assert old.fail_on_skip
    assert len(old.notes) == 1
    assert "give --fail-on-skip itself" in old.notes[0]


def test_options_that_were_not_given_ask_for_nothing() -> None:
    assert given(config({})) == []
    assert given(config({"--set": [], "--repair": "auto", "--resume": None})) == []
    assert given(config({"--embedded": True, "--set": ["a=b"]})) == ["--set", "--embedded"]


def test_every_option_has_a_name_and_a_place_of_its_own() -> None:
    assert len({option.long_name for option in OPTIONS}) == len(OPTIONS)
    assert all(option.long_name.startswith("--e2e-") for option in OPTIONS)
    assert destination("--fail-on-skip") == "e2e_fail_on_skip"


@pytest.mark.parametrize(
    ("line", "paths", "left"),
    [
        ("scenarios --target t.yaml", ["scenarios", "t.yaml"], ["scenarios"]),
        ("--e2e-target t.yaml t.yaml", ["t.yaml", "t.yaml"], ["t.yaml"]),
        ("--embedded scenarios", ["scenarios"], ["scenarios"]),
        ("--resume -v x", ["x"], ["x"]),
        ("--other value x", ["value", "x"], ["value", "x"]),
    ],
)
def test_the_value_of_an_option_is_no_path(line: str, paths: list[str], left: list[str]) -> None:
    take_values_out(paths, line.split())
    assert paths == left
