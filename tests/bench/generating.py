"""How fast data are made: the start of nise, its rows beside those of scale, and the memory of a million rows."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from e2e_validator.generate.cache import VARIABLE
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.generate.nise import WARM_VARIABLE, run_nise
from e2e_validator.providers.aws.generate import nise_kind as cloud
from e2e_validator.providers.aws.generate.scale import Scale as CloudScale
from e2e_validator.providers.aws.generate.scale import Scaled
from e2e_validator.providers.aws.scenario.nise_rules import settled
from e2e_validator.providers.ocp.control.generators import control_generators
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.scale import Scale, larger, scaled_months

ROUNDS = 3
START = datetime(2026, 10, 1, tzinfo=UTC)
# What nise itself is given time for; scale makes the million.
NISE_DAYS, MILLION = 7, 1_000_000
# The peak of this program alone: getrusage counts what was there before it, too.
_PEAK = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
# In 31 days of 24 hours: ten nodes with a node, a namespace and 134 pods each, and 1,360 connections.
NODES, PODS = 10, 134
ACCOUNTS, RESOURCES = 10, 68


@dataclass(frozen=True, slots=True)
class Speed:
    """Rows a second of nise and of scale, made in turn in one run."""

    nise: float
    scaled: float
    rows: int

    @property
    def ratio(self) -> float:
        """How many times as fast scale is."""
        return self.scaled / self.nise


def starts() -> dict[str, float]:
    """Seconds for the smallest data: nise in a new process, in a warm one, and out of the cache."""
    with tempfile.TemporaryDirectory() as cache, _environment(**{VARIABLE: "off", WARM_VARIABLE: "off"}):
        cold = _median(_smallest)
        os.environ[WARM_VARIABLE] = ""
        _smallest()
        warm = _median(_smallest)
        os.environ[VARIABLE] = cache
        _smallest()
        return {"cold": cold, "warm": warm, "kept": _median(_smallest)}


def of_a_cluster() -> Speed:
    """A month of a cluster."""
    small, scale = control_generators(), Scale(nodes=NODES, pods=PODS)

    def by_nise(folder: Path) -> int:
        return _rows(_by_nise(larger(small, Scale(nodes=NODES, pods=20)), folder))

    def by_scale(folder: Path) -> int:
        end = START + timedelta(days=31)
        months = scaled_months(small, scale, key="b", start=START, end=end, folder=folder, timeout_seconds=600)
        return _rows(months)

    return _in_turn(by_nise, by_scale)


def of_a_bill() -> Speed:
    """A month's bill."""

    def by_nise(folder: Path) -> int:
        report = _report(100)
        end = START + timedelta(days=NISE_DAYS)
        return _rows(_bill_by_nise(report, end, folder))

    return _in_turn(by_nise, _scaled_bill)


def memory(kind: str) -> float:
    """MiB that a process of its own takes at most to make a million rows of ``cluster`` or ``bill``."""
    command = f"from tests.bench.generating import make_million; make_million({kind!r}); {_PEAK}"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 1024


def make_million(kind: str) -> None:
    """A million rows, and no more than the larger of the two files at a time on disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "bill":
            rows = _scaled_bill(folder)
        else:
            end = START + timedelta(days=31)
            scale = Scale(nodes=NODES, pods=PODS)
            rows = _rows(
                scaled_months(
                    control_generators(), scale, key="b", start=START, end=end, folder=folder, timeout_seconds=600
                )
            )
    if rows < MILLION:
        raise AssertionError(f"{rows:,} rows are no million.")


def _smallest() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_nise(
            control_generators(),
            kind=NISE,
            key="b",
            start=START,
            end=START + timedelta(days=1),
            folder=Path(folder),
        )


def _by_nise(generators: list[dict[str, Any]], folder: Path) -> list[GeneratedMonth]:
    end = START + timedelta(days=NISE_DAYS)
    return run_nise(generators, kind=NISE, key="b", start=START, end=end, folder=folder)


def _report(count: int) -> dict[str, Any]:
    """A report of ``count`` connections."""
    generators = [
        {"VPCGenerator": {"region": "us-east-1a", "resource_id": f"vpn{number}", "cost": 0.05, "rate": 0.05}}
        for number in range(count)
    ]
    return settled({"accounts": {"payer": "100000000001", "user": ["100000000002"]}, "generators": generators})


def _bill_by_nise(report: dict[str, Any], end: datetime, folder: Path) -> list[GeneratedMonth]:
    return run_nise(
        report["generators"],
        kind=cloud.NISE,
        key="",
        start=START,
        end=end,
        folder=folder,
        beside={"accounts": report["accounts"]},
    )


def _scaled_bill(folder: Path) -> int:
    report, until = _report(2), START + timedelta(days=1)
    (seed,) = _bill_by_nise(report, until, folder / "nise")
    scale = CloudScale(accounts=ACCOUNTS, resources=RESOURCES)
    whole = Scaled(seed.csvs[cloud.COST], report, scale, START, until, START + timedelta(days=31))
    with (folder / "bill.csv").open("wb") as target:
        return whole.write(target)


def _in_turn(by_nise: Callable[[Path], int], by_scale: Callable[[Path], int]) -> Speed:
    """Medians of rounds in each of which both are made, so that a busy machine is busy for both."""
    found: dict[Callable[[Path], int], list[float]] = {by_nise: [], by_scale: []}
    rows = 0
    with _environment(**{VARIABLE: "off"}):
        _smallest()
        for _ in range(ROUNDS):
            for make, speeds in found.items():
                with tempfile.TemporaryDirectory() as folder:
                    began = time.perf_counter()
                    rows = make(Path(folder))
                    speeds.append(rows / (time.perf_counter() - began))
    return Speed(statistics.median(found[by_nise]), statistics.median(found[by_scale]), rows)


def _rows(months: list[GeneratedMonth]) -> int:
    return sum(sum(month.rows.values()) for month in months)


def _median(action: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
