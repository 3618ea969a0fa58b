"""Every scenario that we ship is green on a Helm deployment, however that is installed, and nothing is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aftermath import left_behind
from cluster.installed import Installed
from cluster.picture import start
from namespace_stack import backends_of
from nested import CHECKOUT, MODES, TODAY, Ended, furnish, run, shipped
from places import PLACES

from e2e_validator.target import Target

pytestmark = [pytest.mark.embedded, pytest.mark.long]
NS = "cost-onprem"
LIBRARY = sorted(path.stem for path in (CHECKOUT / "scenarios").glob("*.yaml"))
PATIENCE_SECONDS = 900.0
# What this stack cannot show: it has no Kafka, and its API is asked past a gateway.
UNSEEN = {"topics and readers", "claims of the token"}


def run_library(folder: Path, target: Target, installed: dict[str, Any]) -> Ended:
    project = furnish(folder, {name: shipped(name) for name in LIBRARY})
    server, _ = start(Installed(**installed), backends_of(target))
    with server:
        config = server.write_kubeconfig(project / "kubeconfig")
        options = ("--today", TODAY, "--namespace", installed.get("namespace", NS), "--kubeconfig", str(config))
        return run(project, "scenarios", *options, *MODES["xdist"], patience_seconds=PATIENCE_SECONDS)


@pytest.mark.parametrize("place", PLACES)
def test_the_whole_library_is_green_wherever_it_is_installed(tmp_path: Path, stack_target: Target, place: str) -> None:
    ended = run_library(tmp_path, stack_target, PLACES[place])
    assert ended.code == 0, ended.text
    assert sorted(ended.phases) == LIBRARY
    assert {verdict for name in LIBRARY for verdict in ended.verdicts(name).values()} == {"PASSED"}
    assert {skip["name"] for skip in ended.results["skips"]} <= UNSEEN
    assert left_behind(stack_target, ended) == {}
