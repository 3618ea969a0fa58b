"""Runs of sources that Koku polls, on a Helm deployment of the time of Trino, from nothing but its namespace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cluster.installed import Installed
from cluster.picture import Picture, start
from cluster.server import ApiServer
from namespace_stack import backends_of
from nested import Ended, furnish, run

from e2e_validator.deployment import Target
from e2e_validator.deployment.endpoints import from_file

pytestmark = pytest.mark.embedded
NS = "cost-onprem"
TODAY = "2026-11-29"
SIMPLE = """
version: 1
name: simple
description: As a real Koku was seen to take it.
tags: [aws]
source: {type: AWS}
data: {files: recordings-classic/aws_simple/input}
"""
# The chart of Koku, and beside it the one that brings database, cache, Trino and Hive's metastore.
OF_TRINO: dict[str, Any] = {
    "generation": "first",
    "release": "koku",
    "infrastructure_release": "infrastructure",
    "onprem": False,
    "route": "none",
}


@pytest.fixture(scope="module")
def classic(classic_target_file: Path) -> Target:
    return from_file(classic_target_file)


@contextmanager
def cluster_of(target: Target, **installed: Any) -> Iterator[tuple[ApiServer, Picture]]:
    server, picture = start(Installed(**installed), backends_of(target))
    with server:
        yield server, picture


def run_in(folder: Path, server: ApiServer, *args: str) -> Ended:
    project = furnish(folder, {"simple": SIMPLE})
    config = server.write_kubeconfig(project / "kubeconfig")
    return run(project, "scenarios", "--today", TODAY, "--namespace", NS, "--kubeconfig", str(config), *args)


def test_a_bill_is_green_on_a_chart_with_trino(tmp_path: Path, classic: Target) -> None:
    with cluster_of(classic, **OF_TRINO) as (server, _):
        ended = run_in(tmp_path, server)
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("simple").values()) == {"PASSED"}
