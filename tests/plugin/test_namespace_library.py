"""Every scenario that we ship is green on a Helm deployment, however that is installed, and nothing is left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aftermath import left_behind
from cluster.backends import Backends
from cluster.edge import Edge
from cluster.installed import Installed
from cluster.picture import start
from cluster.production import production
from namespace_stack import backends_of
from nested import CHECKOUT, MODES, TODAY, Ended, furnish, run, shipped
from places import PLACES

from e2e_validator.deployment import Target
from e2e_validator.embedded.gateway.settings import GatewaySettings
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = [pytest.mark.embedded, pytest.mark.long]
NS = "cost-onprem"
ISSUER_HOST = "keycloak-keycloak.apps.example.test"
LIBRARY = sorted(path.stem for path in (CHECKOUT / "scenarios").glob("*.yaml"))
SMOKE = [name for name in LIBRARY if re.search(r"^tags: .*\bsmoke\b", shipped(name), re.MULTILINE)]
PATIENCE_SECONDS = 900.0
# What this stack cannot show: it has no Kafka, and its API is asked past a gateway.
UNSEEN = {"topics and readers", "claims of the token"}


def run_library(
    folder: Path, backends: Backends, installed: dict[str, Any], *args: str, names: Sequence[str] = LIBRARY
) -> Ended:
    """A run of everything that we ship, which must be green; KNOWN are those alone that accept a deviation."""
    texts = {name: shipped(name) for name in names}
    project = furnish(folder, texts)
    server, _ = start(Installed(**installed), backends)
    with server:
        config = server.write_kubeconfig(project / "kubeconfig")
        options = ("--today", TODAY, "--namespace", installed.get("namespace", NS), "--kubeconfig", str(config))
        ended = run(project, "scenarios", *options, *MODES["xdist"], *args, patience_seconds=PATIENCE_SECONDS)
    assert ended.code == 0, ended.text
    assert sorted(ended.phases) == sorted(names)
    known = {name for name, text in texts.items() if "deviates:" in text}
    for name in names:
        assert set(ended.verdicts(name).values()) == {"PASSED", *(["KNOWN"] if name in known else [])}, name
    return ended


def test_the_whole_library_is_green_in_production_without_skips(tmp_path: Path) -> None:
    """By the gateway's Route, with a masu that has no more than in production."""
    settings = GatewaySettings(issuer_host=ISSUER_HOST)
    with EmbeddedStack.start(today=date.fromisoformat(TODAY), transports=("gateway",), settings=settings) as stack:
        backends = Backends.of(stack.endpoints)
        assert backends.gateway is not None
        assert backends.masu is not None
        with Edge(backends.gateway) as edge, production(backends.masu) as masu:
            route = {"api_host": edge.host, "ca": edge.ca, "keycloak_url": f"http://{ISSUER_HOST}"}
            installed = {**route, "object_store": "external"}
            ended = run_library(tmp_path, replace(backends, masu=masu), installed, "--fail-on-skip")
        assert "transport gateway: the first that is open" in ended.text
        assert ended.results["skips"] == []
        assert left_behind(Target.load(stack.endpoints.as_json("gateway")), ended) == {}


@pytest.mark.parametrize("place", PLACES)
def test_the_smoke_set_is_green_wherever_it_is_installed(tmp_path: Path, stack_target: Target, place: str) -> None:
    """What differs between places is how each server is reached, and these scenarios reach all of them."""
    ended = run_library(tmp_path, backends_of(stack_target), PLACES[place], names=SMOKE)
    assert {skip["name"] for skip in ended.results["skips"]} <= UNSEEN
    assert left_behind(stack_target, ended) == {}
