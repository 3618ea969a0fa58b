"""Scenarios of AWS in tests: written, loaded, and their assemblies made, without a deployment."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from e2e_validator.providers import registry
from e2e_validator.providers.aws.made import MadePackage, make_packages
from e2e_validator.providers.aws.scenario.own_rules import RULES
from e2e_validator.providers.ocp.flow import FLOW
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.plan import plan

TODAY = date(2026, 11, 29)
FIXTURES = Path(__file__).parents[2] / "fixtures"
HEAD = """\
version: 1
name: it
description: For a test.
source: {type: AWS}
"""


class _Rules:
    """As much of a provider as ``lint`` and the plan need, until there is a whole one."""

    type, rules, flow = "AWS", RULES, FLOW


@contextmanager
def known() -> Iterator[None]:
    """Sources of AWS are known, as long as the block lasts."""
    if "AWS" in registry.types():
        yield
        return
    with registry.added(_Rules()):
        yield


def written(folder: Path, text: str) -> Path:
    """A scenario file of AWS with ``text`` below its head."""
    path = folder / "it.yaml"
    path.write_text(HEAD + textwrap.dedent(text))
    return path


def loaded(folder: Path, text: str, *, fixtures: Path = FIXTURES, today: date = TODAY) -> LoadedScenario:
    """The scenario with ``text`` below its head."""
    with known():
        return load_scenario(written(folder, text), fixtures=fixtures, today=today)


def made(
    folder: Path,
    text: str,
    *,
    fixtures: Path = FIXTURES,
    today: date = TODAY,
    token: str = "",
    accepted: Collection[str] = (),
) -> list[MadePackage]:
    """Its assemblies."""
    scenario = loaded(folder, text, fixtures=fixtures, today=today)
    with known():
        the_plan = plan(scenario, today)
    return make_packages(
        scenario,
        the_plan,
        folder / "made",
        key="bucket",
        token=token,
        limit_seconds=60,
        today=today,
        accepted=accepted,
    )
