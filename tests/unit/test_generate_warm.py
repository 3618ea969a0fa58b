"""Warm workers, with a small module in place of nise."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from e2e_validator.errors import HarnessError
from e2e_validator.generate.warm import Call, WarmWorkers

# It counts what is left of earlier calls, and does what its arguments say.
MODULE = """
import os, random, signal, sys, tempfile, threading
import toy_state
toy_state.calls.append(1)
toy_state.Columns.names.add(sys.argv[1])
if sys.argv[1] == "say":
    print(len(toy_state.calls), len(toy_state.Columns.names), toy_state.dice.random(), random.random())
    print(os.getcwd(), os.environ.get("MINE"), tempfile.gettempdir(), sys.argv[1:], __name__, file=sys.stderr)
elif sys.argv[1] == "exit":
    sys.exit(sys.argv[2] if not sys.argv[2].isdigit() else int(sys.argv[2]))
elif sys.argv[1] == "raise":
    raise ValueError("what went wrong")
elif sys.argv[1] == "hang":
    open("began", "w").write(str(os.getpid()))
    threading.Event().wait()
elif sys.argv[1] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
elif sys.argv[1] == "kill-worker":
    if sys.argv[2] == "always" or not os.path.exists("seen"):
        open("seen", "w")
        os.kill(os.getppid(), signal.SIGKILL)
        threading.Event().wait()
    print("again")
"""
STATE = """
import random, tempfile
tempfile.gettempdir()
calls = []
dice = random.Random()
class Columns:
    names = set()
"""


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[WarmWorkers]:
    (tmp_path / "toy.py").write_text(MODULE)
    (tmp_path / "toy_state.py").write_text(STATE)
    made = WarmWorkers("toy", "toy_state")
    yield made
    made.close()


def call(folder: Path, *arguments: str, seed: int | None = None) -> Call:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "MINE": "ours", "TMPDIR": str(folder)}
    return Call(arguments, folder, environment, folder, seed)


def words(done: subprocess.CompletedProcess[str]) -> Sequence[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_call_sees_nothing_of_the_one_before(workers: WarmWorkers, tmp_path: Path) -> None:
    workers.run(call(tmp_path, "other"), timeout_seconds=20)
    first, second = (words(workers.run(call(tmp_path, "say"), timeout_seconds=20)) for _ in range(2))
    assert first[:2] == second[:2] == ["1", "1"]
    # Numbers of a module's own dice, and of the shared ones: other ones in each call.
    assert len({*first[2:], *second[2:]}) == 4
    assert len(workers._idle) == 1


def test_the_same_seed_throws_the_same_numbers(workers: WarmWorkers, tmp_path: Path) -> None:
    said = [words(workers.run(call(tmp_path, "say", seed=seed), timeout_seconds=20)) for seed in (7, 7, 8)]
    assert said[0] == said[1] != said[2]


def test_a_call_has_its_own_folder_and_environment(workers: WarmWorkers, tmp_path: Path) -> None:
    workers.run(call(tmp_path, "other"), timeout_seconds=20)
    folder = tmp_path / "own"
    folder.mkdir()
    environment = {"PYTHONPATH": str(tmp_path), "TMPDIR": str(folder)}
    done = workers.run(Call(["say", "a b"], folder, environment, folder), timeout_seconds=20)
    assert done.stderr.split() == [str(folder), "None", str(folder), "['say',", "'a", "b']", "__main__"]


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("exit", "3"), 3, ""),
        (("exit", "a sentence"), 1, "a sentence\n"),
        (("raise",), 1, "ValueError: what went wrong\n"),
        (("kill",), -signal.SIGKILL, ""),
    ],
)
def test_an_end_is_what_it_is_in_a_new_process(
    workers: WarmWorkers, tmp_path: Path, arguments: tuple[str, ...], code: int, complaint: str
) -> None:
    done = workers.run(call(tmp_path, *arguments), timeout_seconds=20)
    assert done.returncode == code
    assert done.stderr.endswith(complaint)
    assert len(workers._idle) == 1


def test_a_module_that_cannot_be_imported_says_so_each_time(tmp_path: Path) -> None:
    workers = WarmWorkers("no_such_toy", "no_such_toy")
    for _ in range(2):
        done = workers.run(call(tmp_path), timeout_seconds=20)
        assert (done.returncode, "No module named no_such_toy" in done.stderr) == (1, True)
    workers.close()


def test_a_call_that_hangs_is_ended_and_the_worker_replaced(workers: WarmWorkers, tmp_path: Path) -> None:
    workers.run(call(tmp_path, "other"), timeout_seconds=20)
    with pytest.raises(subprocess.TimeoutExpired):
        workers.run(call(tmp_path, "hang"), timeout_seconds=1)
    assert workers._idle == []
    assert gone(int((tmp_path / "began").read_text()))
    assert words(workers.run(call(tmp_path, "say"), timeout_seconds=20))[0] == "1"


def test_a_worker_that_died_is_replaced_and_asked_again(workers: WarmWorkers, tmp_path: Path) -> None:
    workers.run(call(tmp_path, "other"), timeout_seconds=20)
    os.kill(workers._idle[0].pid, signal.SIGKILL)
    assert words(workers.run(call(tmp_path, "say"), timeout_seconds=20))[0] == "1"
    assert words(workers.run(call(tmp_path, "kill-worker", "once"), timeout_seconds=20)) == ["again"]


def test_a_worker_that_always_dies_is_a_failure(workers: WarmWorkers, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="the process in which toy runs died twice".capitalize()):
        workers.run(call(tmp_path, "kill-worker", "always"), timeout_seconds=20)


def test_a_worker_ends_with_its_owner(workers: WarmWorkers, tmp_path: Path) -> None:
    workers.run(call(tmp_path, "other"), timeout_seconds=20)
    worker = workers._idle[0]
    workers.close()
    assert worker.returncode is not None
    assert gone(worker.pid)


def gone(pid: int) -> bool:
    for _ in range(200):
        with suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False
