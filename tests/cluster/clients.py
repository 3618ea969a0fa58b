"""What the client of Kubernetes leaves untyped, and what tests of it have in common."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes import watch
from kubernetes.client import ApiException
from kubernetes.stream import portforward, stream
from patience import ANSWER_SECONDS

Json = dict[str, Any]
_SECONDS = ANSWER_SECONDS


def watched(list_function: Any, *where: str, **options: Any) -> Iterator[Any]:
    """The events of a watch."""
    new_watch: Any = watch.Watch
    yield from new_watch().stream(list_function, *where, **options)


@contextmanager
def executing(
    core: Any, namespace: str, pod: str, *argv: str, stdin: bool = False, container: str = ""
) -> Iterator[Any]:
    """A program in a pod, as the client's websocket."""
    function: Any = stream
    options: Json = {"container": container} if container else {}
    socket = function(
        core.connect_get_namespaced_pod_exec,
        pod,
        namespace,
        command=list(argv),
        stdin=stdin,
        stdout=True,
        stderr=True,
        tty=False,
        _preload_content=False,
        **options,
    )
    try:
        yield socket
    finally:
        # The client's own close leaves the socket open when the server ended first.
        socket.sock.shutdown()


def executed(core: Any, namespace: str, pod: str, *argv: str, container: str = "") -> tuple[str, str, int]:
    """What a program in a pod wrote to its output and to its errors, and its exit code."""
    with executing(core, namespace, pod, *argv, container=container) as socket:
        socket.run_forever(timeout=_SECONDS)
        return socket.read_stdout(), socket.read_stderr(), socket.returncode


def refused(status: int, call: Callable[..., Any], *where: Any, **options: Any) -> Json:
    """The ``Status`` with which a call must fail."""
    with pytest.raises(ApiException) as raised:
        call(*where, **options)
    assert raised.value.status == status
    found: Json = json.loads(raised.value.body or "")
    return found


def refused_websocket(call: Callable[[], Any]) -> str:
    """The status line with which opening a websocket must fail; the client keeps no status."""
    with pytest.raises(ApiException) as raised:
        call()
    return str(raised.value.reason)


@contextmanager
def forwarding(core: Any, namespace: str, pod: str, port: int) -> Iterator[Any]:
    """A port-forward of the client: ``socket(port)`` is connected to the pod's port, ``error(port)`` tells why not."""
    function: Any = portforward
    before = set(threading.enumerate())
    opened = function(core.connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port))
    proxies = [thread for thread in threading.enumerate() if thread not in before and "port forward" in thread.name]
    try:
        yield opened
    finally:
        opened.close()
        for thread in proxies:
            thread.join(_SECONDS)
        # The client's own close leaves the socket open when the server ended first.
        opened.websocket.shutdown()
