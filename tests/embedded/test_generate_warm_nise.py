"""The real nise in a warm worker writes what it writes in a new process, byte for byte under the same seed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.generate import nise
from e2e_validator.generate.cache import VARIABLE
from e2e_validator.generate.month import NiseKind
from e2e_validator.generate.warm import Call, WarmWorkers
from e2e_validator.providers import registry
from e2e_validator.providers.ocp.control.generators import control_generators
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.scenario.load import load_scenario

CHECKOUT = Path(__file__).parents[2]
START, SEED = datetime(2026, 10, 30, tzinfo=UTC), 7
CUR = NiseKind(name="aws", key_option="", files={"None": "cur"})
FRESH = """
import random, runpy, sys, faker
import nise.report, nise.yaml_gen  # importing draws numbers too
random.seed(int(sys.argv[1])); faker.Faker.seed(int(sys.argv[1]))
sys.argv = ["nise", *sys.argv[2:]]
runpy.run_module("nise", run_name="__main__", alter_sys=True)
"""
COMMON = {
    "user": "123456789012",
    "region": "us-east-1a",
    "tags": {"resourceTags/user:environment": "dev"},
    "cost_category": {"costCategory/Organization": "Retail"},
    "resource_id": 55,
    "product_sku": "VEAJHRNKTJ1",
}
# What nise makes by chance in each kind of CUR row, and tags that must not be columns of the next report.
CLOUD: list[dict[str, Any]] = [
    {"EC2Generator": COMMON | {"tags": {"resourceTags/user:mine": "x"}}},
    {"EBSGenerator": COMMON | {"disk_size": 20, "rate": 0.1}},
    {"S3Generator": {**COMMON}},
    {"RDSGenerator": {**COMMON}},
    {"VPCGenerator": {}},
    {"Route53Generator": {**COMMON}},
    {"DataTransferGenerator": {**COMMON}},
    {"MarketplaceGenerator": {"region": "us-east-1a"}},
]
# Nothing is said of it: pods, volumes and machines by chance.
CHANCE: list[dict[str, Any]] = [{"OCPGenerator": {"nodes": [{"node_name": "node_by_chance"}]}}]


def reports() -> Iterator[tuple[str, NiseKind, list[dict[str, Any]]]]:
    """Each static report of the library once, the control source's, and what is left to chance."""
    seen = set()
    for path in sorted((CHECKOUT / "scenarios").rglob("*.yaml")):
        try:
            loaded = load_scenario(path, fixtures=CHECKOUT / "fixtures", today=date(2026, 11, 21))
        except ScenarioError:  # of a source type that this test does not know
            continue
        generators = (loaded.report or {}).get("generators")
        if loaded.scenario.source.type != registry.USUAL or not generators:
            continue
        text = json.dumps(generators, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield loaded.name, NISE, generators
    yield "control", NISE, control_generators(("key",))
    yield "by chance", NISE, CHANCE
    for one in CLOUD:
        yield next(iter(one)), CUR, [one]


REPORTS = list(reports())


def arranged(folder: Path, kind: NiseKind, generators: list[dict[str, Any]]) -> tuple[list[str], dict[str, str]]:
    for name in ("data", "tmp"):
        (folder / name).mkdir(parents=True)
    dated = nise._dated(generators, START, START + timedelta(hours=5))
    report = nise._static_report({"generators": dated})
    (folder / "static_report.yml").write_text(report)
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONHASHSEED": "0", "TZ": "UTC"}
    return nise._asked(kind, "c-1", folder), environment


def written(folder: Path) -> dict[str, bytes]:
    """The files, without what is of uuid4, which takes no seed (docs/contract/nise.md 1.6)."""
    return {path.name: re.sub(rb"\b(i|vol)-[0-9a-f]{10,}", rb"\1-", path.read_bytes()) for path in folder.iterdir()}


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmWorkers]:
    workers = WarmWorkers("nise", "nise.__main__")
    yield workers
    workers.close()


@pytest.mark.parametrize(("name", "kind", "generators"), REPORTS, ids=[name for name, _, _ in REPORTS])
def test_a_warm_worker_writes_what_a_new_process_does(
    tmp_path: Path, warm: WarmWorkers, name: str, kind: NiseKind, generators: list[dict[str, Any]]
) -> None:
    arguments, environment = arranged(tmp_path / "fresh", kind, generators)
    command = [sys.executable, "-c", FRESH, str(SEED), *arguments]
    done = subprocess.run(
        command, cwd=tmp_path / "fresh" / "data", env=environment, capture_output=True, text=True, check=True
    )
    for number in (1, 2):
        place = tmp_path / f"warm-{number}"
        arguments, environment = arranged(place, kind, generators)
        ours = warm.run(Call(arguments, place / "data", environment, place, SEED), timeout_seconds=60)
        assert (ours.returncode, ours.stdout, ours.stderr) == (0, done.stdout, done.stderr)
        fresh = written(tmp_path / "fresh" / "data")
        assert written(place / "data") == fresh
        assert sum(len(content.splitlines()) for content in fresh.values()) > len(fresh)


def test_without_a_seed_two_calls_draw_other_numbers(tmp_path: Path, warm: WarmWorkers) -> None:
    made = []
    for number in (1, 2):
        arguments, environment = arranged(tmp_path / str(number), CUR, CLOUD)
        warm.run(
            Call(arguments, tmp_path / str(number) / "data", environment, tmp_path / str(number)), timeout_seconds=60
        )
        made.append((tmp_path / str(number) / "data" / "October-2026-None.csv").read_bytes())
    assert made[0] != made[1]
    assert made[0].splitlines()[0] == made[1].splitlines()[0]


def test_what_was_made_before_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    generators, end = control_generators(), START + timedelta(days=4)

    def made(name: str, key: str) -> list[tuple[str, dict[str, int], list[bytes]]]:
        months = nise.run_nise(generators, kind=NISE, key=key, start=START, end=end, folder=tmp_path / name)
        return [(one.month, one.rows, [path.read_bytes() for path in one.csvs.values()]) for one in months]

    first = made("first", "c-1")
    assert len(list((tmp_path / "cache").iterdir())) == len(first) == 2
    called = []
    monkeypatch.setattr(nise, "_run", lambda *_: called.append(1))
    assert made("again", "c-2") == first
    assert not called


@pytest.mark.parametrize("way", ["off", ""])
def test_both_ways_to_start_nise_write_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setenv(VARIABLE, "off")
    monkeypatch.setenv(nise.WARM_VARIABLE, way)
    (month,) = nise.run_nise(
        control_generators(), kind=NISE, key="c", start=START, end=START + timedelta(hours=2), folder=tmp_path
    )
    assert month.rows["pod_usage"] == 2
    assert (month.csvs["pod_usage"].parents[1] / "stdout").exists() == (way == "")
