"""``e2e-validator embedded up``: a stack in the foreground, until it is interrupted."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import FrameType

from rich.console import Console
from rich.text import Text

from e2e_validator.embedded.endpoints import Endpoints
from e2e_validator.embedded.faults.control import ControlAddress
from e2e_validator.embedded.stack import EmbeddedStack, StackName
from e2e_validator.errors import CleanupIncomplete, E2EError, UsageError
from e2e_validator.verdict import Verdict, exit_code

_BLOCKED = exit_code({Verdict.BLOCKED})


def run_foreground(*, today: date | None, as_json: bool, pace: str, stack: StackName = "onprem") -> int:
    """Start a stack, print its endpoints (a table, or one JSON object on one line) and keep it until SIGINT or SIGTERM.

    Returns:
        The exit code: 0 after a clean end; 10 when it could not be started or a part of it ended by itself; 13 when
        something could not be removed at the end.

    Raises:
        UsageError: E2E_SLOWNESS is not a factor.
    """
    try:
        with _interruptible(), EmbeddedStack.start(today=today, pace=pace, stack=stack) as running:
            try:
                _show(running.endpoints, running.control, as_json=as_json)
                # Nothing else is waited for: only a death has something to say.
                ended = running.ended_parts(timeout_seconds=None)
                print("\n".join(ended), file=sys.stderr)
                return _BLOCKED
            finally:
                _ignore_signals()  # a second Ctrl-C must not cut the cleaning off
    except KeyboardInterrupt:
        return 0
    except CleanupIncomplete as error:
        print(error, file=sys.stderr)
        return exit_code({Verdict.UNCLEAN})
    except UsageError:
        raise  # the command line ends with its code for what was asked wrongly
    except E2EError as error:
        print(error, file=sys.stderr)
        return _BLOCKED
    except BrokenPipeError:
        print("The endpoints cannot be written: standard output is closed.", file=sys.stderr)
        return _BLOCKED


def _show(endpoints: Endpoints, control: ControlAddress, *, as_json: bool) -> None:
    faults = {"control_url": control.url, "control_token": control.token}
    if as_json:
        # Under a key of their own: a target knows nothing of faults.
        print(json.dumps({**endpoints.as_json(), "control": faults}), flush=True)
        return
    # Rows without a frame, on lines as long as need be: they are copied from here.
    console = Console(soft_wrap=True, highlight=False)
    console.print("Embedded stack", style="bold")
    for name, value in {**endpoints.as_json(), **faults}.items():
        shown = ", ".join(f"{role} {bucket}" for role, bucket in value.items()) if isinstance(value, dict) else value
        console.print(Text(f"  {name:<14}", style="cyan").append(shown, style="default"))
    console.print("Ctrl-C ends it.")
    sys.stdout.flush()


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
