"""What the control process can reach: the stand-in's processes and doors, the real servers, the database."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis

from e2e_validator.embedded.standin.config import ControlConfig, StandinConfig
from e2e_validator.embedded.standin.doors import Door
from e2e_validator.slowness import expired


@dataclass(frozen=True, slots=True)
class Plant:
    """The stack as the control process holds it."""

    config: StandinConfig
    control: ControlConfig
    doors: dict[str, Door]
    valkey: redis.Redis

    def server_pid(self, part: str) -> int:
        """The process id of ``postgres``, ``object_store`` or ``valkey``."""
        return int((self.control.stack / f"{part}.pid").read_text())

    def hold_server(self, part: str) -> Path:
        """The file that keeps a part that has ended from being started again, and its end from being reported."""
        return self.control.stack / f"{part}.hold"

    def signal_child(self, child: str, number: int) -> None:
        """Send a signal to a process of the stand-in, such as ``listener`` or ``worker-0``."""
        os.kill(child_pid(self.config, child), number)


def child_pid(config: StandinConfig, child: str) -> int:
    """The process id the supervisor has noted."""
    return int((config.log_dir / f"koku-{child}.pid").read_text())


def child_hold(config: StandinConfig, child: str) -> Path:
    """The file that keeps the supervisor from starting a process again."""
    return config.log_dir / f"koku-{child}.hold"


def kill_and_wait(pid: int, number: int = signal.SIGKILL, within_s: float = 10) -> None:
    """End a process of another parent and wait until it is gone.

    Raises:
        TimeoutError: it is still there.
    """
    os.kill(pid, number)
    until(lambda: not Path(f"/proc/{pid}").exists(), within_s)


def keep_down(plant: Plant, part: str, number: int, answers: Callable[[], bool], within_s: float) -> Callable[[], None]:
    """End a server with a signal and keep it down; what is returned has the keeper start it, and waits till it answers.

    Raises:
        TimeoutError: it is still there.
    """
    hold = plant.hold_server(part)
    hold.touch()
    kill_and_wait(plant.server_pid(part), number, within_s)

    def release() -> None:
        hold.unlink(missing_ok=True)
        until(answers, within_s)

    return release


def until(what: Callable[[], bool], within_s: float) -> None:
    """Wait until it is true; ``within_s`` on an idle machine.

    Raises:
        TimeoutError: it is not, in that time.
    """
    began = time.monotonic()
    while not what():
        if expired(within_s, began):
            raise TimeoutError(f"not within {within_s} s")
        time.sleep(0.01)
