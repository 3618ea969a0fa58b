"""Allure: what a phase adds to its own result while it runs, and the two files beside the results.

Everything here goes through Allure's hooks; without ``--alluredir`` nothing listens and nothing is written. With it,
steps and attachments need an item that runs: outside of one, Allure raises ``KeyError``.

Allure itself takes the message of the exception that ends an item, which no redactor saw: ``Redactor.sweep`` the
folder at the end of the run.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import allure

from e2e_validator.errors import PhaseInterrupted
from e2e_validator.report.jsontext import plain, to_json, write_report
from e2e_validator.report.redact import Redactor

# Its methods carry no types.
_dynamic: Any = allure.dynamic

PARENT_SUITE = "end-to-end validation"
_PAYLOAD = re.compile(r"^(?P<base>.*)\[(?P<number>\d+)\]$")

# The first category that matches takes the result. The names of our errors stand in front of every message,
# as Allure takes it from the exception.
CATEGORIES: tuple[dict[str, Any], ...] = (
    {
        # Passed ones have a message of this plugin (see ``allure_repairs``); with --fail-on-repair they failed.
        "name": "Repaired: a product fault was worked around",
        "matchedStatuses": ["passed", "failed"],
        "messageRegex": r"(repaired: .*|.*\bRepairNotAllowed\b.*)",
    },
    {
        # Passed ones have a message of this plugin, too; with --fail-on-known they failed.
        "name": "Known: figures are not what the data say",
        "matchedStatuses": ["passed", "failed"],
        "messageRegex": r"(known: .*|.*\bKnownNotAllowed\b.*)",
    },
    {
        "name": "Koku deviates from the data, and that was not accepted",
        "matchedStatuses": ["failed"],
        "messageRegex": r".*\bDeviates\b.*",
    },
    {
        "name": "The product gave wrong numbers",
        "matchedStatuses": ["failed"],
        "messageRegex": r".*\bNumbersDiffer\b.*",
    },
    {
        "name": "The product did not finish within the limit",
        "matchedStatuses": ["failed"],
        "messageRegex": r".*\bPhaseTimeout\b.*",
    },
    {"name": "The product failed otherwise", "matchedStatuses": ["failed"]},
    {
        "name": "The environment was not ready (says nothing of the product)",
        "matchedStatuses": ["broken"],
        "messageRegex": r".*\bBlocked\b.*",
    },
    {
        "name": "Something could not be read (nothing can be said)",
        "matchedStatuses": ["broken"],
        "messageRegex": r".*\bInconclusive\b.*",
    },
    {
        "name": "Interrupted (says nothing of the product)",
        "matchedStatuses": ["broken"],
        "messageRegex": r".*\bPhaseInterrupted\b.*",
    },
    {
        "name": "Something of the run is left behind",
        "matchedStatuses": ["broken"],
        "messageRegex": r".*\bCleanupIncomplete\b.*",
    },
    {"name": "A bug in the validator", "matchedStatuses": ["broken"]},
    {"name": "Not run, because an earlier phase did not pass", "matchedStatuses": ["skipped"]},
)


def label(scenario: str, phase: str, tags: Iterable[str] = (), description: str = "") -> None:
    """Name the result of the phase that runs now; call it inside ``runtest``, before anything can raise.

    A phase of a later payload (``ingest[2]``) gets the parameter ``payload``: Allure cuts the brackets off a test's
    name and would take it for a repetition of ``ingest``.
    """
    match = _PAYLOAD.match(phase)
    _dynamic.title(f"{scenario}: {phase}")
    _dynamic.parent_suite(PARENT_SUITE)
    _dynamic.suite(scenario)
    _dynamic.sub_suite(f"payload {match['number']}" if match else "payload 1")
    for tag in tags:
        _dynamic.tag(tag)
    if description:
        _dynamic.description(description)
    if match:
        _dynamic.parameter("payload", int(match["number"]))


def step(title: str, redactor: Redactor | None = None) -> AbstractContextManager[None]:
    """A step of the phase that runs now; steps nest, and one that raises is red."""
    return cast("AbstractContextManager[None]", allure.step((redactor or Redactor()).text(title)))


def attach_text(name: str, text: str, redactor: Redactor | None = None) -> None:
    """Attach ``text`` to the step or phase that runs now."""
    allure.attach((redactor or Redactor()).text(text), name, allure.attachment_type.TEXT)


def attach_json(name: str, value: Any, redactor: Redactor | None = None) -> None:
    """Attach ``value`` as indented JSON to the step or phase that runs now."""
    body = to_json((redactor or Redactor()).value(plain(value)), indent=2)
    allure.attach(body, name, allure.attachment_type.JSON)


def write_environment(folder: Path, environment: Mapping[str, str], redactor: Redactor | None = None) -> None:
    """Write ``environment.properties``, which Allure shows on its first page.

    Raises:
        E2EError: The file cannot be written.
    """
    clean = (redactor or Redactor()).value(dict(environment))
    lines = [f"{_property(key, key=True)}={_property(str(value))}\n" for key, value in clean.items()]
    write_report(folder / "environment.properties", "".join(lines))


def write_categories(folder: Path) -> None:
    """Write ``categories.json``: what the product did, what the environment did, what is a bug in this program.

    Raises:
        E2EError: The file cannot be written.
    """
    write_report(folder / "categories.json", to_json(list(CATEGORIES), indent=2) + "\n")


def write_interrupt(folder: Path, sentence: str) -> None:
    """Write a broken result of the whole run, wherever the interrupt came.

    Raises:
        E2EError: The file cannot be written.
    """
    one = str(uuid4())
    now = int(time.time() * 1000)
    result = {
        "uuid": one,
        "name": "the run",
        "fullName": "e2e_validator: the run",
        "historyId": "e2e_validator-run",
        "status": "broken",
        "statusDetails": {"message": f"{PhaseInterrupted.__name__}: {sentence}"},
        "start": now,
        "stop": now,
        "labels": [{"name": "parentSuite", "value": PARENT_SUITE}, {"name": "suite", "value": "the run"}],
    }
    write_report(folder / f"{one}-result.json", to_json(result))


def _property(text: str, *, key: bool = False) -> str:
    """``text`` in the spelling of a Java properties file."""
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    # Java reads UTF-16 units: a character beyond them is two.
    units = (
        character if character.isascii() else "".join(f"\\u{unit:04x}" for unit in _utf16(character))
        for character in escaped
    )
    joined = "".join(units)
    return re.sub(r"([ :=#!])", r"\\\1", joined) if key else joined


def _utf16(character: str) -> list[int]:
    """The UTF-16 units of a character."""
    encoded = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[place : place + 2]) for place in range(0, len(encoded), 2)]
