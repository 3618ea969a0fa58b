"""Allure: what was repaired, as steps with their evidence, labels, and a category of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import allure

from e2e_validator.errors import E2EError
from e2e_validator.events import Recognised, Repaired
from e2e_validator.report.allure import attach_json, attach_text, step
from e2e_validator.report.allure_known import LABEL as KNOWN
from e2e_validator.report.jsontext import to_json, write_report
from e2e_validator.report.model import RepairTry
from e2e_validator.report.redact import Redactor

# Its methods carry no types.
_dynamic: Any = allure.dynamic

LABEL = "repaired"


def fault_step(event: Recognised, redactor: Redactor) -> None:
    """A step for a known fault that was recognised, with what can be done and the evidence."""
    with step(f"fault {event.cause}: {event.finding.sentence}", redactor):
        attach_text("finding", event.finding.text(), redactor)
        attach_json("evidence", event.finding.evidence, redactor)


def repair_step(event: Repaired, run_folder: Path, redactor: Redactor) -> None:
    """A step for a try of a repair: what it did, how to take it back, and the JSON files of its evidence."""
    title = f"REPAIR {event.repair} {event.effect} ({event.number} of {event.limit}): {event.did}"
    rows = {
        "cause": event.cause,
        "did": event.did,
        "effect": event.effect,
        "expected": "by the scenario" if event.expected else "no",
        "undo": event.undo,
        "evidence": event.folder,
    }
    with step(title, redactor):
        attach_text("repair", "".join(f"{name:<10}{value}\n" for name, value in rows.items() if value), redactor)
        for path in sorted((run_folder / event.folder).glob("*.json")) if event.folder else ():
            _attach_file(path, redactor)


def label_repaired(worked: Sequence[RepairTry]) -> None:
    """Label the phase that runs now as repaired; call it inside ``runtest``."""
    _dynamic.tag(LABEL)
    _dynamic.label(LABEL, *dict.fromkeys(one.repair for one in worked))


def explain_repaired(folder: Path) -> None:
    """Give each repaired or known result that passed a message: Allure sorts into categories by message alone.

    Raises:
        E2EError: A file cannot be read or written.
    """
    for path in sorted(folder.glob("*-result.json")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise E2EError(f"Cannot read {path}: {error}.") from error
        for name in (KNOWN, LABEL):
            values = [label["value"] for label in result.get("labels", ()) if label["name"] == name]
            if values and result.get("status") == "passed" and not result.get("statusDetails"):
                result["statusDetails"] = {"message": f"{name}: {', '.join(values)}"}
                write_report(path, to_json(result))


def _attach_file(path: Path, redactor: Redactor) -> None:
    """Attach a file of evidence; one that cannot be read is said so, as the phase goes on without it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        attach_text(path.name, f"cannot be read: {error}", redactor)
        return
    try:
        attach_json(path.name, json.loads(text), redactor)
    except ValueError:
        attach_text(path.name, text, redactor)
