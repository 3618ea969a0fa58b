"""A connection that is cut while it is being made is made again; one that is refused is not."""

from __future__ import annotations

from typing import Any, Self

import psycopg
import pytest
from cutting import serving

from e2e_validator.deployment.postgresql import asked, connect
from e2e_validator.deployment.retry_on_disconnect import TRIES


def test_what_is_cut_each_time_is_tried_three_times() -> None:
    with serving(b"", cuts=0) as (port, came), pytest.raises(psycopg.OperationalError):
        connect(f"host=127.0.0.1 port={port} dbname=koku user=koku sslmode=disable gssencmode=disable")
    assert len(came) == TRIES


def test_what_is_cut_once_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [psycopg.OperationalError("connection failed: server closed the connection unexpectedly"), "connection"]

    def once(*_: object, **__: object) -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(psycopg, "connect", once)
    assert connect("dsn") == "connection"  # type: ignore[comparison-overlap] # what stands for one


@pytest.mark.parametrize(
    "said",
    [
        "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
        'FATAL:  password authentication failed for user "koku"',
        "connection timeout expired",
        "",
    ],
)
def test_what_is_refused_is_not_asked_again(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    tries: list[str] = []

    def refuse(dsn: str, **_: object) -> None:
        tries.append(dsn)
        raise psycopg.OperationalError(said)

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(psycopg.OperationalError):
        connect("dsn")
    assert tries == ["dsn"]


def test_a_cut_question_is_asked_again_and_a_refused_one_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        read_only = False

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is held."""

    said = [psycopg.OperationalError("server closed the connection unexpectedly"), "answer"]

    def ask(connection: psycopg.Connection[Any]) -> object:
        assert connection.read_only
        answer = said.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(psycopg, "connect", lambda *_, **__: Connection())
    assert asked("dsn", ask) == "answer"
    said[:] = [psycopg.OperationalError("permission denied"), "answer"]
    with pytest.raises(psycopg.OperationalError):
        asked("dsn", ask)
