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
from nested import Ended, furnish, quick, run

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
BILL = """
version: 1
name: simple
description: A bill of any day.
source: {type: AWS}
period: {start: month-1m+1d, end: month-1m+2d}
data:
  rows: |
    UsageAccountId, ProductCode, UnblendedCost
    100000000002, AmazonEC2, 0.5
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


def run_in(folder: Path, server: ApiServer) -> Ended:
    project = furnish(folder, {"simple": SIMPLE})
    config = server.write_kubeconfig(project / "kubeconfig")
    return run(project, "scenarios", "--today", TODAY, "--namespace", NS, "--kubeconfig", str(config))


def test_a_bill_is_green_on_a_chart_with_trino(tmp_path: Path, classic: Target) -> None:
    with cluster_of(classic, **OF_TRINO) as (server, _):
        ended = run_in(tmp_path, server)
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("simple").values()) == {"PASSED"}
    ledger = (ended.reports / "simple" / "api.ledger.txt").read_text(encoding="utf-8")
    assert "daily parquet -> Trino: aws_line_items_daily: ok" in ledger
    (preflight,) = (ended.reports / "simple").glob("preflight*.txt")
    told = preflight.read_text(encoding="utf-8").splitlines()
    assert "ok    Trino: it answers, Hive's metastore too" in told
    assert "ok    bucket of the source: it was made, written to, read and removed" in told
    # The chart has no variable for it; the stack behind the picture asks no cloud.
    assert [line for line in told if line.startswith("warn  cloud: nothing tells koku-koku-api-writes, ")]


def test_without_trino_it_is_blocked_with_the_remedy(tmp_path: Path, classic: Target) -> None:
    """A chart that has none any more, whose Koku is told to be classic all the same."""
    with cluster_of(classic, onprem=False, route="none") as (server, _):
        ended = run_in(tmp_path, server)
    assert ended.code == 10, ended.text
    said = ended.phases["simple"]["preflight"]["headline"]
    assert said.startswith(f"Namespace {NS}: trino: Does not answer at {NS}-trino-coordinator:8080: "), said
    assert (
        f"as a last resort: there is no service {NS}-trino-coordinator in namespace {NS}); Koku's classic stack" in said
    )
    assert said.endswith("or say where it is with --set trino.host=HOST and --set trino.port=PORT."), said
    assert set(ended.verdicts("simple").values()) <= {"BLOCKED", "SKIPPED"}


def test_on_an_on_premise_chart_it_is_blocked_with_the_reason(tmp_path: Path, classic: Target) -> None:
    """What stands behind it does not matter: the pods say that they are of another stack."""
    with cluster_of(classic) as (server, _):
        ended = run_in(tmp_path, server)
    assert ended.code == 10, ended.text
    said = ended.phases["simple"]["preflight"]["headline"]
    assert "stack: sources of type AWS are judged on Koku's classic stack, and the target is onprem; its pods" in said
    assert set(ended.verdicts("simple").values()) <= {"BLOCKED", "SKIPPED"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_beside_others_it_is_left_out_on_an_on_premise_chart(
    tmp_path: Path, stack_target: Target, workers: tuple[str, ...]
) -> None:
    """The whole library is what a release is judged by: what its Koku does not take is said, and blocks nothing."""
    with cluster_of(stack_target) as (server, _):
        project = furnish(tmp_path, {"simple": BILL, "one_pod_day": quick("one_pod_day")})
        config = server.write_kubeconfig(project / "kubeconfig")
        options = ("--today", "2026-11-21", "--namespace", NS, "--kubeconfig", str(config))
        ended = run(project, "scenarios", *options, *workers)
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("one_pod_day").values()) == {"PASSED"}
    assert "simple" not in ended.phases
    said = " ".join(ended.text.split())
    assert "left out: they have sources that another Koku takes than that of --namespace, whose pods say" in said
