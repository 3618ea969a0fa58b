"""One process at a time in a run's folder, its workers included."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e_validator.errors import UsageError
from e2e_validator.plugin.run_lock import RunLock


def test_a_run_is_one_process_s_until_it_lets_go(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    first.take()
    first.take()
    with pytest.raises(UsageError, match=r"is still at work \(it was started as process \d+\)"):
        second.take()
    first.release()
    second.take()
    second.release()
    second.release()


def test_workers_that_outlive_their_controller_hold_the_run(tmp_path: Path) -> None:
    controller, workers, later = RunLock(tmp_path), [RunLock(tmp_path), RunLock(tmp_path)], RunLock(tmp_path)
    controller.take()
    for worker in workers:
        worker.share()
    controller.release()
    for worker in workers:
        with pytest.raises(UsageError, match="is still at work"):
            later.take()
        worker.release()
    later.take()
    later.release()
