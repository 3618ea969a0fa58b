"""What looks for the parts of a deployment asks again where a port-forward is cut, and not where nobody answers."""

from __future__ import annotations

import ssl
import struct

import pytest
from cutting import serving

from e2e_validator.deployment.namespace import broker
from e2e_validator.deployment.namespace.asking import NoAnswerError, ask
from e2e_validator.deployment.namespace.broker import NoBrokerError, advertised
from e2e_validator.deployment.retry_on_disconnect import TRIES

HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
NO_BROKERS = struct.pack(">iii", 8, broker._CORRELATION, 0)


@pytest.mark.parametrize("after", [0, 10, len(HTTP) - 1], ids=["at-once", "in-the-head", "in-the-body"])
def test_a_question_over_http_is_asked_again(after: int) -> None:
    with serving(HTTP, cuts=2, after=after) as (port, came):
        assert ask(f"http://127.0.0.1:{port}/", ssl.create_default_context()).status == 400
    assert len(came) == 3


def test_whoever_cuts_each_time_gives_no_answer() -> None:
    with serving(HTTP, cuts=99) as (port, came), pytest.raises(NoAnswerError):
        ask(f"http://127.0.0.1:{port}/", ssl.create_default_context())
    assert len(came) == TRIES


def test_what_was_cut_after_a_while_had_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 1000, 10))
    monkeypatch.setattr("e2e_validator.deployment.retry_on_disconnect.time.monotonic", lambda: next(moments))
    with serving(HTTP, cuts=99) as (port, came), pytest.raises(NoAnswerError):
        ask(f"http://127.0.0.1:{port}/", ssl.create_default_context())
    assert len(came) == 1


@pytest.mark.parametrize("after", [0, 5, len(NO_BROKERS) - 1], ids=["at-once", "in-the-head", "in-the-body"])
def test_brokers_are_asked_again(after: int) -> None:
    with serving(NO_BROKERS, cuts=2, after=after) as (port, came):
        if 0 < after < 8:  # half a head says that it is something else
            with pytest.raises(NoBrokerError, match="does not speak Kafka"):
                advertised("127.0.0.1", port, name="b", context=None)
            return
        assert advertised("127.0.0.1", port, name="b", context=None) == []
    assert len(came) == 3


def test_a_broker_that_ends_each_connection_is_none() -> None:
    with serving(NO_BROKERS, cuts=99) as (port, came), pytest.raises(NoBrokerError, match="it ends the connection"):
        advertised("127.0.0.1", port, name="b", context=None)
    assert len(came) == TRIES
