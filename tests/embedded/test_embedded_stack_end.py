"""However a run ends, its servers end with it, and nothing of them is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from patience import came, patience

import e2e_validator
from e2e_validator.embedded.folder import sweep
from e2e_validator.embedded.reach import reachable_by_all

pytestmark = pytest.mark.embedded
ROOT = Path(e2e_validator.__file__).parent.parent
NOBODY = 65534
# It takes a fraction of a second; a stack that nobody ends would stay for ever.
LIMIT_SECONDS = 10.0

START = """
import json, os, signal, subprocess, sys, time
from e2e_validator.embedded.stack import ENGINES, EmbeddedStack, postgres
stack = EmbeddedStack.start(engines=ENGINES)
told = {"folder": str(stack.folder), "keeper": stack.keeper_pid, **stack.endpoints.as_json()}
"""
START_DATABASE = START.replace("engines=ENGINES", "engines=[postgres]")
SAY = "print(json.dumps(told), flush=True)\n"
WAIT = "time.sleep(1800)\n"
# Until the test has seen what there is.
GO = "while not os.path.exists(os.path.join(os.environ['TMPDIR'], 'go')):\n    time.sleep(0.01)\n"
STOP = "stack.stop()\nos._exit(0)\n"
# A copy of every pipe of the run, in a process that lives on.
FORKED_CHILD = """
told["child"] = os.fork()
if told["child"] == 0:
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 2)
    time.sleep(1800)
    os._exit(0)
"""
EXECUTED_CHILD = """
null = subprocess.DEVNULL
more = {"close_fds": False, "start_new_session": True, "stdout": null, "stderr": null}
told["child"] = subprocess.Popen(["sleep", "1800"], **more).pid
"""
UP = """
import sys
from e2e_validator.embedded.foreground import run_foreground
sys.exit(run_foreground(today=None, as_json=True, pace="fast"))
"""


@dataclass(frozen=True)
class Process:
    """A process, told from a later one with the same number by its start time."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        found = all_processes().get(self.pid)
        return found is not None and found.started == self.started and found.state != "Z"


@dataclass(frozen=True)
class Row:
    parent: int
    state: str
    started: str
    command: str


@dataclass
class Run:
    """A run in a process of its own, with a temporary folder of its own."""

    process: subprocess.Popen[bytes]
    tmp: Path
    told: dict[str, Any] = field(default_factory=dict)
    servers: list[Process] = field(default_factory=list)
    sockets: list[Path] = field(default_factory=list)
    """Outside the folder."""
    segments: list[str] = field(default_factory=list)
    """Key and id of the database's shared memory."""

    def look(self) -> None:
        """Remember what is there of the stack."""
        self.servers = [server for server in below(self.process.pid) if server.pid != self.process.pid]
        for folder in self.tmp.glob("e2ev-*"):
            if (folder / "sockets").exists():
                self.sockets += [Path(path) for path in (folder / "sockets").read_text().split()]
            if (folder / "pg/data/postmaster.pid").exists():
                lines = (folder / "pg/data/postmaster.pid").read_text().splitlines()
                self.segments += [" ".join(line.split()) for line in lines[6:7]]

    def left(self) -> dict[str, object]:
        """What is still there of the stack."""
        segments = [" ".join(row.split()[:2]) for row in Path("/proc/sysvipc/shm").read_text().splitlines()]
        return {
            "processes": [server for server in self.servers if server.is_alive()],
            "files": sorted(path.name for path in self.tmp.glob("*e2ev-*")),
            "sockets": [path for path in self.sockets if path.exists()],
            "shared memory": [segment for segment in self.segments if segment in segments],
        }


NOTHING: dict[str, object] = {"processes": [], "files": [], "sockets": [], "shared memory": []}


def all_processes() -> dict[int, Row]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, _, rest = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue
            columns = rest.split()
            found[int(entry.name)] = Row(int(columns[1]), columns[0], columns[19], name.partition("(")[2])
    return found


def below(root: int) -> list[Process]:
    rows = all_processes()
    pids = [root]
    for pid in pids:
        pids += [child for child, row in rows.items() if row.parent == pid]
    return [Process(pid, rows[pid].started) for pid in pids]


LAUNCHED: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def aftermath() -> Iterator[None]:
    """Leave no run behind, whatever a test found."""
    yield
    for process in LAUNCHED:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    LAUNCHED.clear()


@pytest.fixture
def tmp() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as name:
        # Root's servers need a folder that nobody can enter.
        Path(name).chmod(0o755)
        yield Path(name)


def launch(
    code: str,
    tmp: Path,
    *,
    python: str = sys.executable,
    user: int | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    packages = [path for path in sys.path if path.endswith("site-packages")]
    process = subprocess.Popen(
        [python, "-P", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={
            "PATH": os.defpath,
            "HOME": str(tmp),
            "TMPDIR": str(tmp),
            "PYTHONPATH": os.pathsep.join([str(ROOT), *packages]),
            **(environment or {}),
        },
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        start_new_session=True,
    )
    LAUNCHED.append(process)
    return process


def started(code: str, tmp: Path, **options: Any) -> Run:
    process = launch(code, tmp, **options)
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read().decode()
    run = Run(process, tmp, json.loads(line))
    run.look()
    rows = all_processes()
    commands = {rows[server.pid].command for server in run.servers if server.pid in rows}
    assert commands >= ({"postgres"} if START_DATABASE in code else {"postgres", "weed", "valkey-server"})
    return run


def wait_until_nothing_is_left(run: Run) -> None:
    came(lambda: run.left() == NOTHING, LIMIT_SECONDS)
    assert run.left() == NOTHING


def pids(run: Run) -> set[int]:
    return {server.pid for server in run.servers}


def kill_run(run: Run) -> None:
    run.process.kill()
    run.process.wait()


def test_kill_9_of_the_run_takes_everything_along(tmp: Path) -> None:
    run = started(START + SAY + WAIT, tmp)
    assert len(run.servers) > 10  # with the stand-in's children and the database's
    assert came(lambda: len([path for path in run.sockets if path.exists()]) >= 5)  # the last one comes a little later
    assert len(run.segments) == 1
    kill_run(run)
    wait_until_nothing_is_left(run)


def test_a_run_that_ends_without_a_word_takes_everything_along(tmp: Path) -> None:
    run = started(START_DATABASE + SAY + GO + "os._exit(7)\n", tmp)
    (tmp / "go").touch()
    assert run.process.wait(patience(LIMIT_SECONDS)) == 7
    wait_until_nothing_is_left(run)


@pytest.mark.parametrize(
    ("child", "end"),
    [(FORKED_CHILD, WAIT), (EXECUTED_CHILD, WAIT), (FORKED_CHILD, STOP)],
    ids=["forked-killed", "executed-killed", "forked-stopped"],
)
def test_a_child_that_outlives_the_run_keeps_nothing_alive(tmp: Path, child: str, end: str) -> None:
    run = started(START_DATABASE + child + SAY + GO + end, tmp)
    (tmp / "go").touch()
    survivor = next(server for server in run.servers if server.pid == run.told["child"])
    run.servers.remove(survivor)
    try:
        if end == WAIT:
            run.process.kill()
        run.process.wait(patience(LIMIT_SECONDS))
        wait_until_nothing_is_left(run)
        assert survivor.is_alive()
    finally:
        os.kill(survivor.pid, signal.SIGKILL)


@pytest.mark.parametrize("which", ["guard", "keeper"])
def test_kill_9_of_either_keeper_half_ends_all_and_tells_the_run(tmp: Path, which: str) -> None:
    start = START if which == "keeper" else START_DATABASE
    run = started(start + SAY + "print(stack.ended_parts(timeout_seconds=600), flush=True)\n" + WAIT, tmp)
    guard = run.told["keeper"]
    keeper = next(pid for pid, row in all_processes().items() if row.parent == guard)
    os.kill(guard if which == "guard" else keeper, signal.SIGKILL)
    wait_until_nothing_is_left(run)
    assert run.process.stdout is not None
    assert b"keeper of the embedded stack was killed" in run.process.stdout.readline()


def test_kill_9_of_both_halves_leaves_a_folder_for_the_sweep(tmp: Path) -> None:
    run = started(START + SAY + WAIT, tmp)
    guard = run.told["keeper"]
    keeper = next(pid for pid, row in all_processes().items() if row.parent == guard)
    # Neither may see the other die.
    for pid in (guard, keeper):
        os.kill(pid, signal.SIGSTOP)
    for pid in (guard, keeper):
        os.kill(pid, signal.SIGKILL)
    came(lambda: not run.left()["processes"], LIMIT_SECONDS)
    assert run.left()["processes"] == []
    assert sweep(tmp) == [Path(run.told["folder"])]
    assert run.left() == NOTHING


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_embedded_up_ends_cleanly_when_interrupted(tmp: Path, number: signal.Signals) -> None:
    run = started(UP, tmp)
    assert list(run.told) == [
        "koku_url",
        "masu_url",
        "s3_url",
        "s3_access_key",
        "s3_secret_key",
        "dsn",
        "org_id",
        "schema",
        "buckets",
        "control",
    ]
    # As a terminal does it: to the whole group.
    os.killpg(run.process.pid, number)
    assert run.process.wait(patience(LIMIT_SECONDS)) == 0
    assert run.left() == NOTHING
    assert run.process.communicate() == (b"", b"")


def test_embedded_up_interrupted_while_it_starts_leaves_nothing(tmp: Path) -> None:
    process = launch(UP, tmp)
    assert came(lambda: list(tmp.glob("e2ev-*/pg/data/*")))
    run = Run(process, tmp)
    run.look()
    assert len(run.servers) >= 4
    process.send_signal(signal.SIGINT)
    assert process.wait(patience(LIMIT_SECONDS)) == 0
    assert run.left() == NOTHING
    assert process.communicate() == (b"", b"")


def test_embedded_up_says_which_server_died_and_ends(tmp: Path) -> None:
    run = started(UP, tmp)
    os.kill(
        next(pid for pid, row in all_processes().items() if row.command == "weed" and pid in pids(run)), signal.SIGKILL
    )
    assert run.process.wait(patience(LIMIT_SECONDS)) == 10
    assert run.left() == NOTHING
    assert run.process.communicate()[1] == b"The object store (SeaweedFS) ended by itself (signal 9).\n"


@pytest.mark.parametrize("moment_seconds", [0.02, 0.4])
def test_kill_9_during_the_start_leaves_nothing(tmp: Path, moment_seconds: float) -> None:
    process = launch(UP, tmp)
    # Until the keeper is there nobody guards the folder; the next start sweeps what is killed in between.
    assert came(lambda: list(tmp.glob("e2ev-*")) and below(process.pid))
    time.sleep(moment_seconds)
    run = Run(process, tmp)
    run.look()
    kill_run(run)
    wait_until_nothing_is_left(run)


def test_two_stacks_start_at_the_same_time(tmp: Path) -> None:
    processes = [launch(UP, tmp) for _ in range(2)]
    told = []
    for process in processes:
        assert process.stdout is not None
        told.append(json.loads(process.stdout.readline()))
    ports = [
        told[n][key].rsplit(":", 1)[1].split("/")[0]
        for n in (0, 1)
        for key in ("koku_url", "masu_url", "s3_url", "dsn")
    ]
    assert len(set(ports)) == 8
    for process in processes:
        process.terminate()
        assert process.wait(patience(LIMIT_SECONDS)) == 0
        process.communicate()
    assert list(tmp.iterdir()) == []


def python_for_everybody(tmp: Path) -> tuple[str, dict[str, str]]:
    """A Python that a plain user may run: ours, or a copy of it if ours is in root's home."""
    own = Path(sys.executable)
    if reachable_by_all(own):
        return str(own), {}
    copy = tmp / "python"
    minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
    unneeded = shutil.ignore_patterns("__pycache__", "site-packages", "test", "idlelib", "config-*", "ensurepip", "*.a")
    shutil.copytree(Path(sys.base_prefix) / "lib" / minor, copy / "lib" / minor, ignore=unneeded)
    for library in (Path(sys.base_prefix) / "lib").glob("libpython*"):
        shutil.copy2(library, copy / "lib" / library.name)
    shutil.copy2(own.resolve(), copy / "python")
    return str(copy / "python"), {"PYTHONHOME": str(copy), "LD_LIBRARY_PATH": str(copy / "lib")}


@pytest.mark.skipif(os.geteuid() != 0, reason="this is a plain user: every other test shows it")
def test_a_plain_user_starts_and_ends_a_stack(tmp: Path) -> None:
    if not reachable_by_all(ROOT / "e2e_validator"):
        pytest.skip(f"a plain user cannot read {ROOT}")
    python, environment = python_for_everybody(tmp)
    own = tmp / "t"
    own.mkdir(mode=0o700)
    os.chown(own, NOBODY, NOBODY)
    run = started(UP, own, python=python, user=NOBODY, environment=environment)
    owners = {Path(f"/proc/{server.pid}").stat().st_uid for server in run.servers}
    assert owners == {NOBODY}
    run.process.terminate()
    assert run.process.wait(patience(LIMIT_SECONDS)) == 0
    assert run.left() == NOTHING
    assert run.process.communicate() == (b"", b"")
