"""``python -m e2e_validator.embedded.standin CONFIG.json``: run the stand-in until it is told to stop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from e2e_validator.embedded.standin.api_process import load_build_app, serve
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import ConfigError, StandinConfig
from e2e_validator.embedded.standin.ingest.listener import listen_for_announcements
from e2e_validator.embedded.standin.supervisor import Child, NotReadyError, listen, prepare, supervise
from e2e_validator.embedded.standin.tasks.worker import work

WORKERS = 1


def main(argv: list[str]) -> int:
    """Start everything; returns only if the start fails (2: bad configuration, 3: a server does not answer)."""
    if len(argv) != 1:
        print("usage: python -m e2e_validator.embedded.standin CONFIG.json", file=sys.stderr)
        return 2
    try:
        config = StandinConfig.load(Path(argv[0]))
        clock = Clock(config.today, config.shift_seconds)
        config.log_dir.mkdir(parents=True, exist_ok=True)
        koku, masu = listen(config.koku_port), listen(config.masu_port)
        control = listen(config.control.port) if config.control is not None else None
        prepare(config, clock)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except NotReadyError as error:
        print(error, file=sys.stderr)
        return 3
    api = partial(serve, config, clock, koku, masu, load_build_app())
    listener: Callable[[], None] = partial(listen_for_announcements, config, clock)
    workers: dict[str, Callable[[], None]] = {
        f"worker-{n}": partial(work, config, clock, f"celery@worker-{n}") for n in range(_workers(config))
    }
    if control is not None and config.control is not None:
        from e2e_validator.embedded.faults.control_door import control_door
        from e2e_validator.embedded.faults.firing import watched

        api = partial(api, furnish=control_door(config, config.control, control))
        listener = watched(config, config.control, "listener", listener)
        workers = {name: watched(config, config.control, name, run) for name, run in workers.items()}
    children = [
        Child("api", api),
        Child("listener", listener),
        *(Child(name, run) for name, run in workers.items()),
    ]
    supervise(children, config, clock)
    return 0


def _workers(config: StandinConfig) -> int:
    return WORKERS if config.classic is None else config.classic.workers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
