"""``make bench``: speed as ratios within one run, so that a slow machine gives the same picture as a fast one.

Nothing here passes or fails; read the numbers.
"""

from __future__ import annotations

import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.noise import compare
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.payload import write_payload

from . import generating, library
from .importing import BUDGET_SECONDS, HELP_BUDGET_SECONDS, help_shown, importing
from .noticing import noticing

ROUNDS = 3
NODES, PODS, DAYS = 10, 20, 31
# Every usage rate of CPU and memory, and the prices of nodes and the cluster; platform and worker are shared out.
RATES = {
    "cpu_core_usage_per_hour": "0.007",
    "cpu_core_request_per_hour": "0.2",
    "cpu_core_effective_usage_per_hour": "0.05",
    "memory_gb_usage_per_hour": "0.009",
    "memory_gb_request_per_hour": "0.05",
    "node_cost_per_month": "1000",
    "cluster_cost_per_month": "10000",
}
MODEL = {
    "rates": [
        {"metric": {"name": metric}, "cost_type": "Supplementary", "tiered_rates": [{"unit": "USD", "value": value}]}
        for metric, value in RATES.items()
    ]
}


@dataclass
class Figures:
    """What was measured, and what it is set beside."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, value: str, beside: str = "") -> None:
        """One line of the table."""
        self.rows.append((what, value, beside))


def seconds(action: Callable[[], Any]) -> float:
    """The median of three runs."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def month_generators() -> list[dict[str, Any]]:
    """Ten nodes of twenty pods: 171,120 CSV rows in a month of 31 days."""

    def pod(node: int, number: int) -> dict[str, Any]:
        return {
            "pod_name": f"pod_{node}_{number}",
            "cpu_request": 0.1,
            "cpu_limit": 0.2,
            "mem_request_gig": 0.25,
            "mem_limit_gig": 0.5,
            "pod_seconds": 3600,
            "cpu_usage": {"full_period": 0.05},
            "mem_usage_gig": {"full_period": 0.125},
            "labels": f"label_app:app{number}",
        }

    nodes = [
        {
            "node_name": f"node_{node}",
            "cpu_cores": 16,
            "memory_gig": 64,
            "resource_id": f"node{node}",
            "namespaces": {f"team_{node}": {"pods": [pod(node, number) for number in range(PODS)]}},
        }
        for node in range(NODES)
    ]
    return [{"OCPGenerator": {"nodes": nodes}}]


@contextmanager
def month_payload() -> Iterator[Path]:
    """The payload of last month's first 31 (or fewer) days."""
    with tempfile.TemporaryDirectory() as folder:
        end = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        start = (end - timedelta(days=1)).replace(day=1)
        (month,) = run_nise(
            month_generators(), kind=NISE, key="bench", start=start, end=end, folder=Path(folder, "nise")
        )
        yield write_payload(
            month,
            Path(folder, "payload"),
            cluster_id="bench",
            manifest_uuid="00000000-0000-4000-8000-000000000000",
            daily_reports=True,
        )


def expectation(figures: Figures) -> None:
    """The expectation of a month beside reading the same CSV files alone."""
    with month_payload() as folder:
        files = sorted(folder.glob("*.csv"))
        count = sum(sum(1 for _ in csv.reader(file.open(newline=""))) - 1 for file in files)
        reading = seconds(lambda: [list(csv.reader(file.open(newline=""))) for file in files])
        whole = seconds(lambda: Expectation.from_payloads([folder], cluster_alias="bench"))
        money = seconds(lambda: compared(folder))
    figures.add("Python reads a month's CSV", f"{reading:.2f} s", f"{count / reading:,.0f} rows/s")
    figures.add("the expectation of that month", f"{whole:.2f} s", f"{count / whole:,.0f} rows/s")
    figures.add("expectation / reading", f"{whole / reading:.1f} x", f"{count:,} rows")
    figures.add("expectation with money, compared", f"{money:.2f} s", f"{count / money:,.0f} rows/s")
    figures.add("with money, compared / reading", f"{money / reading:.1f} x", f"{count:,} rows")


def compared(folder: Path) -> None:
    """The expectation with a full cost model and an enabled tag, and each of its stages and figures compared."""
    expected = Expectation.from_payloads(
        [folder], cluster_alias="bench", cost_model=CostModel.from_json(MODEL), enabled_tags=("app",)
    )
    days = expected.days()
    stages = ("payload", "line_items", "daily_line_items", "summary", "costs", "ui")
    for sides in (*(expected.stage(stage, 0) for stage in stages), expected.figures(days[0], days[-1])):
        # The other side is a copy: a figure that is the same object would be compared for nothing.
        other = {key: {field: value + 0 for field, value in row.items()} for key, row in sides.items()}
        if compare("bench", sides, other):
            raise AssertionError("A figure differs from itself.")


def stack(figures: Figures) -> None:
    """How long an embedded stack takes until everything answers."""

    def start_and_stop() -> None:
        with EmbeddedStack.start():
            pass

    def start() -> float:
        began = time.perf_counter()
        running = EmbeddedStack.start()
        took = time.perf_counter() - began
        running.stop()
        return took

    ready = statistics.median(start() for _ in range(ROUNDS))
    both = seconds(start_and_stop)
    figures.add("embedded stack ready", f"{ready:.2f} s", "limit 3 s")
    figures.add("embedded stack ready and gone", f"{both:.2f} s", f"{both / ready:.2f} x ready")


def notices(figures: Figures) -> None:
    """How soon a change in the database is noticed."""
    ours, statements, fixed = noticing()
    figures.add("a change is noticed (p95)", f"{ours:.2f} s", f"{statements:.1f} statements/s")
    figures.add("by a fixed poll of 5 s (p95)", f"{fixed:.2f} s", f"{fixed / ours:.0f} x as late")


def start_up(figures: Figures) -> None:
    """What a project pays that has the package installed and no scenario."""
    seen = importing()
    figures.add("import of the plugin (CPU)", f"{seen.plugin:.3f} s", f"limit {BUDGET_SECONDS} s")
    figures.add("import of the plugin / of pytest", f"{seen.plugin / seen.pytest:.2f} x", f"{seen.pytest:.3f} s")
    shown = help_shown()
    figures.add("e2e-validator --help (CPU)", f"{shown.whole:.3f} s", f"limit {HELP_BUDGET_SECONDS} s")
    figures.add("--help / an empty Python", f"{shown.whole / shown.nothing:.2f} x", f"{shown.nothing:.3f} s")


def api(figures: Figures) -> None:
    """How long the last look takes (plain answers, stages, questions of the surface, the neighbour), by scenario."""
    for name in ("one_pod_day", "cost_team_full", "last_days"):
        rounds = [_phases_of(name) for _ in range(ROUNDS)]
        took = statistics.median(phases["api"]["seconds"] for phases in rounds)
        whole = statistics.median(sum(phase["seconds"] for phase in phases.values()) for phases in rounds)
        count, questions = (rounds[0]["api"]["data"][what] for what in ("figures", "questions"))
        figures.add(f"api of {name}", f"{took:.2f} s", f"{count / took:,.0f} figures/s, {questions} questions")
        figures.add(f"all phases of {name}", f"{whole:.2f} s", f"api is {took / whole:.0%} of it")


def _phases_of(name: str) -> dict[str, dict[str, Any]]:
    """The phases of a shipped scenario by name, run once on a stack of its own.

    Raises:
        CalledProcessError: it did not pass.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", f"scenarios/{name}.yaml", f"--run-dir={folder}"]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        results = json.loads(Path(folder, "latest", "results.json").read_text(encoding="utf-8"))
        return {phase["name"]: phase for phase in results["scenarios"][0]["phases"]}


def data(figures: Figures) -> None:
    """How data are made: nise, its start, and scale."""
    took = generating.starts()
    figures.add("nise for the smallest data, new process", f"{took['cold']:.2f} s")
    for name, said in (("warm", "the same in a warm worker"), ("kept", "the same, made before")):
        figures.add(said, f"{took[name]:.3f} s", f"{took['cold'] / took[name]:.0f} x as fast")
    for name, speed in (("cluster", generating.of_a_cluster()), ("bill", generating.of_a_bill())):
        figures.add(f"nise makes a {name}", f"{speed.nise:,.0f} rows/s")
        figures.add(f"scale makes a {name}", f"{speed.scaled:,.0f} rows/s", f"{speed.ratio:.0f} x nise, limit 20 x")
        figures.add(
            f"memory of 1,000,000 rows of a {name}", f"{generating.memory(name):,.0f} MiB", "limit 400 MB in all"
        )


def whole_library(figures: Figures) -> None:
    """Every scenario once, by two workers, beside nise's own time for the same data."""
    seen = library.measured()
    figures.add("the library with -n 2", f"{seen.seconds:.0f} s", f"{seen.scenarios} scenarios, {seen.load}")
    figures.add("nise's own time for its data", f"{seen.nise_seconds:.0f} s", f"{seen.calls} calls in new processes")
    figures.add("the library / nise's own time", f"{seen.seconds / seen.nise_seconds:.1f} x")


def main() -> None:
    """Measure and print; with names, such as ``data whole_library``, these parts alone."""
    parts = {part.__name__: part for part in (start_up, notices, expectation, stack, api, data, whole_library)}
    figures = Figures()
    for name in sys.argv[1:] or parts:
        parts[name](figures)
    show(figures)


def show(figures: Figures) -> None:
    """Print the table."""
    table = Table(title=f"medians of {ROUNDS} runs", title_justify="left")
    for name in ("what", "measured", "beside"):
        table.add_column(name)
    for row in figures.rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
