"""Programs in pods: real processes, with their streams and exit codes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from patience import ANSWER_SECONDS

from cluster import objects
from cluster.clients import executed, executing, refused_websocket
from cluster.conftest import Cluster
from cluster.execs import Run
from cluster.server import ApiServer

NAMESPACE = "programs"
MEGABYTES = 5


def choose(pod: dict[str, Any], container: str, argv: tuple[str, ...]) -> Run | None:
    """Only in the container ``main``, and no program named ``absent``."""
    if container != "main" or argv[0] == "absent":
        return None
    return Run((sys.executable, *argv[1:]) if argv[0] == "python" else argv, {"IN_THE_POD": pod["metadata"]["name"]})


@pytest.fixture(scope="module", autouse=True)
def pods(server: ApiServer) -> Iterator[None]:
    server.execs.add(choose)
    one = {"containers": [objects.container("main", "image:1")]}
    two = {"containers": [objects.container("main", "image:1"), objects.container("side", "image:1")]}
    server.store.put(objects.pod(NAMESPACE, "one", {}, one, None))
    server.store.put(objects.pod(NAMESPACE, "two", {}, two, None))
    waits = objects.pod(NAMESPACE, "waits", {}, one, None)
    waits["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "CrashLoopBackOff"}}
    server.store.put(waits)
    yield
    for name in ("one", "two", "waits"):
        server.store.remove("Pod", NAMESPACE, name)


def test_output_errors_and_exit_code_are_told_apart(own: Cluster) -> None:
    told = executed(own.core, NAMESPACE, "one", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert told == ("out\n", "err\n", 3)


def test_a_program_that_says_nothing_succeeds(own: Cluster) -> None:
    assert executed(own.core, NAMESPACE, "one", "true") == ("", "", 0)


def test_arguments_arrive_as_they_are(own: Cluster) -> None:
    words = ("a b", "", "$HOME", "ü;'\"&")
    told = executed(own.core, NAMESPACE, "one", "python", "-c", "import sys; print(sys.argv[1:])", *words)
    assert told == (f"{list(words)}\n", "", 0)


def test_a_program_killed_by_a_signal_has_the_code_of_a_shell(own: Cluster) -> None:
    assert executed(own.core, NAMESPACE, "one", "sh", "-c", "kill -9 $$")[2] == 137


def test_five_megabytes_arrive_whole(own: Cluster) -> None:
    script = f"import sys; sys.stdout.write('0123456789abcdef' * {MEGABYTES * 65536})"
    out, _, code = executed(own.core, NAMESPACE, "one", "python", "-c", script)
    assert (len(out), code) == (MEGABYTES * 2**20, 0)
    assert out == "0123456789abcdef" * (MEGABYTES * 65536)


def test_what_is_written_to_its_input_arrives(own: Cluster) -> None:
    with executing(own.core, NAMESPACE, "one", "head", "-n", "2", stdin=True) as socket:
        socket.write_stdin("first\n")
        socket.write_stdin(b"second\nthird\n")
        socket.run_forever(timeout=ANSWER_SECONDS)
        assert (socket.read_stdout(), socket.returncode) == ("first\nsecond\n", 0)


def test_the_pod_can_be_seen_from_inside(own: Cluster) -> None:
    assert executed(own.core, NAMESPACE, "two", "printenv", "IN_THE_POD", container="main")[0] == "two\n"


def test_a_program_that_the_image_lacks_is_told(own: Cluster) -> None:
    with executing(own.core, NAMESPACE, "one", "absent") as socket:
        socket.run_forever(timeout=ANSWER_SECONDS)
        told = socket.read_channel(3)
    assert 'exec: \\"absent\\": executable file not found in $PATH' in told
    assert '"reason": "InternalError"' in told


@pytest.mark.parametrize(
    ("pod", "container", "status", "message"),
    [
        ("two", "", 400, "a container name must be specified for pod two, choose one of: [main side]"),
        ("two", "x", 400, "container x is not valid for pod two"),
        ("waits", "", 500, 'unable to upgrade connection: container not found ("main")'),
        ("gone", "", 404, 'pods "gone" not found'),
    ],
)
def test_where_no_program_can_run_the_reason_is_told(
    own: Cluster, pod: str, container: str, status: int, message: str
) -> None:
    told = refused_websocket(partial(executed, own.core, NAMESPACE, pod, "true", container=container))
    assert f"Handshake status {status}" in told
    assert message in told.replace("\\", "")


def test_a_client_that_goes_away_ends_its_program(own: Cluster) -> None:
    with executing(own.core, NAMESPACE, "one", "sh", "-c", "echo $$; exec sleep 100") as socket:
        process = int(socket.readline_stdout(timeout=ANSWER_SECONDS))
        os.kill(process, 0)
    for _ in range(100):
        if not Path(f"/proc/{process}").exists():
            return
        time.sleep(0.05)
    pytest.fail("the program still runs")
