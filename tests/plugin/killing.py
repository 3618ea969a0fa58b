"""A pytest plugin (``-p killing``) that kills the run with SIGKILL, and counts what a run must not do twice.

``E2E_KILL`` is ``before PHASE``, ``after PHASE`` or ``PHASE POINT``, a point in the phase's middle; ``E2E_KILL_GROUP``
kills the whole process group, ``E2E_KILL_SCENARIO`` names the scenario it is done in (default: any).
``E2E_PRODUCTION`` hides that masu enables tag keys, as it does not in production.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target
from e2e_validator.events import PhaseFinished
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.waiting import Waiter

WORDS = os.environ.get("E2E_KILL", "").split()
if os.environ.get("E2E_PRODUCTION"):
    Masu.can_enable_tags = lambda self: False  # type: ignore[method-assign] # noqa: ARG005
COUNTS = "counted_before_cleanup.json"


def die() -> None:
    """End as the kernel ends a process that is out of memory: without a word."""
    if os.environ.get("E2E_KILL_GROUP"):
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: type, name: str) -> None:
    assert hasattr(owner, name), f"{owner.__name__} has no {name}: nothing would be killed"
    setattr(owner, name, lambda *_args, **_more: die())


def _after(owner: type, name: str) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    def call(*args: Any, **more: Any) -> None:
        original(*args, **more)
        die()

    setattr(owner, name, call)


def _soon() -> None:
    def later() -> None:
        time.sleep(0.03)
        die()

    threading.Thread(target=later, daemon=True).start()


POINTS: dict[str, Callable[[], None]] = {
    "unasked": lambda: _before(KokuApi, "create_source"),
    "unanswered": lambda: _after(KokuApi, "create_source"),
    "keys": lambda: _after(Masu, "change_tags"),
    "switched": lambda: _after(KokuApi, "switch_tags"),
    "model": lambda: _after(KokuApi, "create_cost_model"),
    "unread": lambda: _before(KokuApi, "cost_model"),
    "unwritten": lambda: _before(Expectation, "write"),
    "put": lambda: _after(Objects, "put"),
    "unannounced": lambda: _before(Masu, "announce"),
    "announced": lambda: _after(Masu, "announce"),
    "waited": lambda: _after(Waiter, "wait_for"),
    "report": lambda: _after(KokuApi, "ask"),
    "model-gone": lambda: _after(KokuApi, "delete_cost_model"),
    "source-gone": lambda: _after(KokuApi, "delete_source"),
    "soon": _soon,
}


@pytest.hookimpl(trylast=True)
def pytest_e2e_phase_started(scenario: str, phase: str, folder: Path, target: Target) -> None:
    if phase.startswith("ingest"):
        _count_announcements(folder)
    if phase == "cleanup" and not (folder / COUNTS).exists():
        (folder / COUNTS).write_text(json.dumps(counted(folder, target)), encoding="utf-8")
    if not WORDS or os.environ.get("E2E_KILL_SCENARIO", scenario) != scenario:
        return
    if " ".join(WORDS) == f"before {phase}":
        die()
    if WORDS[0] == phase:
        POINTS[WORDS[1]]()


@pytest.hookimpl(trylast=True)
def pytest_e2e_phase_finished(scenario: str, phase: str, folder: Path, target: Target, finished: PhaseFinished) -> None:
    if " ".join(WORDS) == f"after {phase}" and os.environ.get("E2E_KILL_SCENARIO", scenario) == scenario:
        die()


def _count_announcements(folder: Path) -> None:
    """Note each object that masu is asked to take, in whichever process."""
    original = Masu.announce
    if original.__name__ == "noting":
        return

    def noting(self: Masu, path: str, object_key: str) -> Any:
        with (folder / "announced.txt").open("a", encoding="utf-8") as file:
            file.write(f"{object_key}\n")
        return original(self, path, object_key)

    Masu.announce = noting  # type: ignore[method-assign]


def counted(folder: Path, target: Target) -> dict[str, Any]:
    """What of this scenario is on the deployment, and what was announced."""
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    name, uuid, key = (state["source"][part] for part in ("name", "uuid", "key"))
    announced = folder / "announced.txt"
    queries = {
        "sources": ("SELECT count(*) FROM api_provider WHERE name = %s", name),
        "manifests": ("SELECT count(*) FROM reporting_common_costusagereportmanifest WHERE provider_id = %s", uuid),
        "cost models": (f"SELECT count(*) FROM {target.schema_name}.cost_model WHERE name = %s", key),
    }
    if state["control_source"]:
        queries["manifests of the control payload"] = (queries["manifests"][0], state["control_source"]["uuid"])
    with psycopg.connect(target.dsn) as connection:
        found: dict[str, Any] = {
            what: (connection.execute(query.encode(), [value]).fetchone() or [0])[0]
            for what, (query, value) in queries.items()
        }
    lines = announced.read_text(encoding="utf-8").splitlines() if announced.exists() else []
    # The run's neighbour is announced by whichever scenario comes first.
    lines = [line for line in lines if line.startswith(f"{state['source']['key']}/")]
    return found | {"announced": sorted(line.rpartition("/")[2] for line in lines)}
