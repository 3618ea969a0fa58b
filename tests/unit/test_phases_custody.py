"""In whose hands a task may be, from one look to the next."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from repair_cases import NOW, session

from e2e_validator.phases.custody import Custody
from e2e_validator.phases.examining import Others

TASK = ("ocp: a",)
# (seconds, tasks that wait, who has a session)
Look = tuple[float, tuple[str, ...] | None, str]


def watched(looks: Sequence[Look]) -> float:
    """For how long everything has been in the same hands at the last look."""
    custody, found = Custody(), 0.0
    for now, queued, pids in looks:
        found = custody.look(now, Others(queued, tuple(session(pid=int(pid)) for pid in pids.split()), NOW))
    return found


@pytest.mark.parametrize(
    ("looks", "seconds"),
    [
        ([(0, (), "")], 0),
        ([(0, (), ""), (30, (), ""), (45, (), "")], 45),
        ([(0, (), "1 2"), (30, (), "1 2"), (45, (), "1 2")], 45),
        ([(0, (), "1"), (30, (), "1 2 3"), (45, (), "1 3")], 45),
        ([(0, TASK, ""), (30, TASK, "")], 0),
        ([(0, TASK, ""), (30, (), "5"), (45, (), "5")], 15),
        ([(0, TASK, ""), (30, (), ""), (45, (), "")], 15),
        ([(0, (), ""), (30, TASK, ""), (45, (), "5"), (60, (), "5")], 15),
        ([(0, None, ""), (30, None, "")], 0),
        ([(0, (), ""), (30, None, ""), (45, (), ""), (60, (), "")], 15),
        ([(0, (), "1 2"), (30, (), "2"), (45, (), "2")], 15),
        ([(0, (), "1"), (30, (), "5"), (45, (), ""), (60, (), "")], 15),
        ([(0, (), "1"), (30, (), "5"), (45, (), "5 6"), (60, (), "5")], 30),
    ],
    ids=[
        "one look tells nothing",
        "nobody was ever there",
        "the same stay",
        "who comes and goes in between had it from nobody",
        "a task waits",
        "a task has left its queue: whoever is there then may have it",
        "a task was lost with its queue",
        "a task came and was taken",
        "queues that cannot be read",
        "queues that could not be read once",
        "one has gone and may have handed on",
        "handed on twice",
        "handed on once",
    ],
)
def test_time_counts_from_the_last_moment_at_which_a_task_can_have_changed_hands(
    looks: list[Look], seconds: float
) -> None:
    assert watched(looks) == seconds


def test_a_number_that_is_given_to_another_session_is_not_the_same_session() -> None:
    custody = Custody()
    custody.look(0, Others((), (session(pid=7, opened=-500),), NOW))
    assert custody.look(30, Others((), (session(pid=7, opened=-20),), NOW)) == 0
