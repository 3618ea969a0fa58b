"""How a command ends: its errors as sentences, and the exit codes that pytest gives them too."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from tempfile import NamedTemporaryFile

import click

from e2e_validator.errors import E2EError, HarnessError, Inconclusive, ScenarioError, UsageError, printable

# As pytest ends: 2 for scenario files that are wrong, 4 for what was typed; all else is the environment.
_CODES: tuple[tuple[type[E2EError], int], ...] = (
    (ScenarioError, 2),
    (UsageError, 4),
    (HarnessError, 3),
    (Inconclusive, 12),
    (E2EError, 10),
)


def run_to_end(command: Callable[[], object]) -> None:
    """Run ``command``; our own errors are one sentence (a problem of a file: one each) and an exit code.

    An unexpected exception is a bug in this program: one sentence too, with where its traceback is, and 3.
    """
    try:
        command()
    except E2EError as error:
        click.echo(str(error), err=True)
        sys.exit(next(code for kind, code in _CODES if isinstance(error, kind)))
    except Exception as error:  # noqa: BLE001 - the last place; what is caught here is told as what it is
        click.echo(_bug(error), err=True)
        sys.exit(3)


def _bug(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".rstrip(": ").split("\n")[0]
    text = printable(what if len(what) <= 200 else f"{what[:200]}...")
    try:
        with NamedTemporaryFile(prefix="e2e-validator-", suffix=".txt", delete=False) as file:
            file.write("".join(traceback.format_exception(error)).encode(errors="backslashreplace"))
    except OSError as full:
        return f"This is a bug of e2e-validator: {text}. Its traceback could not be written: {full.strerror}."
    return f"This is a bug of e2e-validator: {text}. Please report it with the traceback in {file.name}."
