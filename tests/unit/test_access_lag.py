"""What is not read yet: counted from offsets alone, and who asks for it when."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import context

from e2e_validator.access import lag
from e2e_validator.access.http import Unreachable
from e2e_validator.deployment.transport import Kafka
from e2e_validator.engine import examining
from e2e_validator.engine.examining import look_around
from e2e_validator.errors import Blocked

KAFKA = Kafka(bootstrap="127.0.0.1:1")


def told(*offsets: tuple[int | None, int]) -> dict[str, Any]:
    found = [
        {"partition": number, "committed": committed, "end": end, "lag": None if committed is None else end - committed}
        for number, (committed, end) in enumerate(offsets)
    ]
    return {"partitions": found}


@pytest.mark.parametrize(
    ("offsets", "count"),
    [
        (((5, 5), (2, 2)), 0),
        (((5, 6), (0, 2)), 3),
        (((None, 4), (2, 3)), 5),
        (((None, 0),), 0),
        # The end was asked for first, and a message came and went.
        (((6, 5), (2, 3)), 1),
        ((), 0),
    ],
    ids=["all", "some", "nothing committed", "nothing there", "read meanwhile", "no topic"],
)
def test_what_is_not_committed_is_not_read(
    monkeypatch: pytest.MonkeyPatch, offsets: tuple[tuple[int | None, int], ...], count: int
) -> None:
    monkeypatch.setattr(lag, "consumer_lag", lambda *_: told(*offsets))
    assert lag.unread(KAFKA) == count


def asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, phase: str, answer: int | Exception, **change: Any
) -> tuple[int | None, list[Kafka]]:
    """What is found unread in a phase, and which brokers were asked for it."""
    the_context = context(folder, phase)
    the_context.target = the_context.target.model_copy(update=change)
    the_context.clients = cast("Any", SimpleNamespace(database=None))
    brokers: list[Kafka] = []

    def unread(kafka: Kafka, _verify: bool | str) -> int:
        brokers.append(kafka)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(examining, "unread", unread)
    monkeypatch.setattr(examining, "_queued", lambda _: ())
    monkeypatch.setattr(examining, "read_sessions", lambda _: ([], None))
    return look_around(the_context).unread, brokers


@pytest.mark.parametrize("transport", ["kafka", "gateway"])
@pytest.mark.parametrize("phase", ["download", "convert"])
def test_brokers_are_asked_while_the_listener_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str, transport: str
) -> None:
    assert asked(tmp_path, monkeypatch, phase, 2, transport=transport, kafka=KAFKA) == (2, [KAFKA])


@pytest.mark.parametrize(
    ("phase", "change"),
    [("summary", {"transport": "kafka", "kafka": KAFKA}), ("download", {"transport": "masu", "kafka": KAFKA})],
    ids=["the listener is through", "announced without Kafka"],
)
def test_brokers_are_not_asked_where_it_would_tell_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str, change: dict[str, Any]
) -> None:
    assert asked(tmp_path, monkeypatch, phase, 2, **change) == (0, [])


@pytest.mark.parametrize("error", [Unreachable("Kafka did not answer"), Blocked("a password is needed")])
def test_brokers_that_cannot_tell_do_not_say_nothing_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert asked(tmp_path, monkeypatch, "download", error, transport="kafka", kafka=KAFKA)[0] is None


def test_behind_a_gateway_without_known_brokers_nobody_can_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(tmp_path, monkeypatch, "download", 0, transport="gateway", kafka=None) == (None, [])
