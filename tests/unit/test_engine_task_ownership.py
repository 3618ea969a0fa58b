"""Since when nobody can have had a task: who was at work at two looks in a row may, who comes and goes may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from repair_cases import NOW, session

from e2e_validator.access.evidence import Session
from e2e_validator.engine.examining import Others
from e2e_validator.engine.task_ownership import TaskOwnership

TASK = ("ocp: a",)
# (seconds, tasks that wait, who has a session: "5" at a statement, "5i" idle since it began, "5u" idle, but just used)
Look = tuple[float, tuple[str, ...] | None, str]


def one(word: str, now: float) -> Session:
    kind = word.strip("0123456789")
    changed = {"": now, "i": -400.0, "u": now - 1}[kind]
    moment = NOW + timedelta(seconds=changed)
    state = "idle" if kind else "active"
    return replace(session(pid=int(word.rstrip("iu")), state=state), changed=moment)


def watched(looks: Sequence[Look]) -> float:
    """For how long no process can have had a task, at the last look."""
    ownership, found = TaskOwnership(), 0.0
    for now, queued, words in looks:
        sessions = tuple(one(word, now) for word in words.split())
        found = ownership.look(now, Others(queued, sessions, NOW + timedelta(seconds=now)))
    return found


@pytest.mark.parametrize(
    ("looks", "seconds"),
    [
        ([(0, (), "")], 0),
        ([(0, (), ""), (15, (), "")], 0),
        ([(0, (), ""), (15, (), ""), (30, (), "")], 15),
        ([(0, (), "1"), (15, (), "2"), (30, (), "3"), (45, (), "4")], 30),
        ([(0, (), "1"), (15, (), "1"), (30, (), "1")], 0),
        ([(0, (), "1u"), (15, (), "1u"), (30, (), "1u")], 0),
        ([(0, (), "1i"), (15, (), "1i"), (30, (), "1i")], 15),
        ([(0, TASK, ""), (15, TASK, ""), (30, TASK, "")], 0),
        ([(0, TASK, ""), (15, (), "5"), (30, (), "5")], 0),
        ([(0, TASK, ""), (15, (), ""), (30, (), "")], 15),
        ([(0, (), ""), (15, (), ""), (30, TASK, ""), (45, (), "5"), (60, (), "5")], 0),
        ([(0, None, ""), (15, None, ""), (30, None, "")], 0),
        ([(0, (), "1"), (15, (), "1"), (30, (), "5"), (45, (), "5")], 0),
    ],
    ids=[
        "one look tells nothing",
        "the second tells who stays, and not yet since when",
        "nobody was ever there",
        "requests come and go",
        "the same is at a statement",
        "the same goes on using its session",
        "a worker that was started anew does nothing",
        "a task waits",
        "somebody took it",
        "it was lost with its queue",
        "it waits for a moment, and is taken",
        "the queue cannot be read",
        "a busy worker ends, and its task is with the next",
    ],
)
def test_time_counts_from_when_nobody_can_have_had_a_task(looks: Sequence[Look], seconds: float) -> None:
    assert watched(looks) == seconds


@pytest.mark.parametrize(
    ("looks", "seconds"),
    [
        ([(0, (), ""), (15, (), ""), (30, (), "")], 30),
        ([(0, (), "1i"), (15, (), "1i"), (30, (), "1i")], 30),
        ([(0, (), "1u"), (15, (), "2u"), (30, (), "3u")], 0),
        ([(0, (), "1"), (15, (), "2"), (30, (), ""), (45, (), "")], 15),
        ([(0, (), ""), (15, (), ""), (30, (), "1u")], 0),
    ],
    ids=["nobody", "one that says nothing for long", "one payload after the other", "it has ended", "it begins"],
)
def test_a_listener_with_many_payloads_has_a_session_for_each(looks: Sequence[Look], seconds: float) -> None:
    ownership = TaskOwnership()
    for now, queued, words in looks:
        sessions = tuple(one(word, now) for word in words.split())
        ownership.look(now, Others(queued, sessions, NOW + timedelta(seconds=now)))
    assert ownership.alone_seconds == seconds


def test_a_number_given_to_another_session_is_not_the_same() -> None:
    ownership = TaskOwnership()
    for now, opened in ((0, -500), (15, -20), (30, -1)):
        found = ownership.look(now, Others((), (session(pid=7, opened=opened, state="active"),), NOW))
    assert found == 15


def test_a_busy_worker_may_hold_the_task_without_a_session() -> None:
    """Celery takes the next task from the queue before the last is done: it waits nowhere, and runs nowhere."""
    ownership = TaskOwnership()
    found = [ownership.look(now, Others((), (), NOW, busy=now < 45)) for now in (0, 15, 30, 45, 60)]
    assert found == [0, 0, 0, 0, 15]
