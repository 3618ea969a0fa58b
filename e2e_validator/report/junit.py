"""JUnit XML: properties for pytest's own report, and a report for runs that end before pytest writes one."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from e2e_validator.errors import E2EError, first_line
from e2e_validator.events import PhaseFinished
from e2e_validator.moments import now
from e2e_validator.report.jsontext import plain, write_report
from e2e_validator.report.known import ids, worst
from e2e_validator.report.outcome import INTERRUPTED
from e2e_validator.report.redact import Redactor
from e2e_validator.report.repairs import WORKED, causes, names, read_try

# What XML 1.0 cannot hold in any spelling (section 2.2 of its recommendation).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PAYLOAD = re.compile(r"^(?P<base>.*)\[(?P<number>\d+)\]$")


def xml_text(text: str) -> str:
    """``text`` without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def properties(event: PhaseFinished, run_id: str, redactor: Redactor | None = None) -> list[tuple[str, str]]:
    """What a phase's ``<testcase>`` carries as ``<property>``: for an item's ``user_properties``.

    Always ``run_id``, ``scenario``, ``phase`` (without payload), ``payload``, ``verdict`` and ``seconds``, and if there
    are any ``facts``, the rows of its finding (``cause``, ``found``, ``remedy``, ``reference``), ``repairs`` (the names
    of those that worked, expected or not) and ``repairs_in_vain``; then every plain value (text, number, truth) at the
    top of ``event.data``, for example ``polls``, ``limit_seconds`` and ``compared`` (the number of figures). Nested
    values belong to ``results.json``.
    """
    match = _PAYLOAD.match(event.phase)
    tries = [read_try(entry) for entry in event.repairs]
    worked = [one for one in tries if one.effect == WORKED]
    pairs: dict[str, Any] = {
        "run_id": run_id,
        "scenario": event.scenario,
        "phase": match["base"] if match else event.phase,
        "payload": match["number"] if match else "1",
        "verdict": event.verdict,
        "seconds": f"{event.seconds:.3f}",
        "facts": event.facts,
        "cause": causes(tries),
        **(event.finding.rows() if event.finding else {}),
        "deviations": ids(event.data),
        "deviation_figures": worst(event.data),
        "repairs": names(worked),
        "repairs_in_vain": names(one for one in tries if one.effect != WORKED),
    }
    data = (redactor or Redactor()).value(plain(event.data))
    pairs |= {key: value for key, value in data.items() if key not in pairs and _is_plain(value)}
    clean = redactor or Redactor()
    return [
        (xml_text(key), xml_text(clean.text(value if isinstance(value, str) else json.dumps(value))))
        for key, value in pairs.items()
        if value != ""
    ]


def early_abort_junit(
    path: Path, reason: str, *, run_id: str = "", seconds: float = 0.0, redactor: Redactor | None = None
) -> None:
    """Write a JUnit file with one ``<error>``, for a run that ended before its first phase: never an empty green one.

    Args:
        path: The file; its folder is made.
        reason: Why the run ended; the first line is the message.
        run_id: The run, if it had one already.
        seconds: How long the run took.
        redactor: Masks secrets in the reason.

    Raises:
        E2EError: The file cannot be written.
    """
    text = xml_text((redactor or Redactor()).text(reason)).strip() or "The run ended before its first phase."
    took = f"{seconds:.3f}"
    suites = ET.Element("testsuites", name="pytest tests")
    suite = ET.SubElement(
        suites,
        "testsuite",
        {
            "name": "e2e_validator",
            "errors": "1",
            "failures": "0",
            "skipped": "0",
            "tests": "1",
            "time": took,
            "timestamp": now().isoformat(timespec="seconds"),
        },
    )
    case = ET.SubElement(suite, "testcase", {"classname": "e2e_validator", "name": "run", "time": took})
    if run_id:
        holder = ET.SubElement(case, "properties")
        ET.SubElement(holder, "property", {"name": "run_id", "value": xml_text(run_id)})
    ET.SubElement(case, "error", {"message": first_line(text)}).text = text
    ET.indent(suites)
    write_report(path, '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n")


def add_interrupt(path: Path, sentence: str, *, run_id: str = "") -> None:
    """Add an ``<error>`` of the whole run to a report that pytest wrote, so that none of an interrupted run is green.

    A testcase without a name goes: pytest writes one for a test that an interrupt ended between two of its reports.

    Raises:
        E2EError: The file cannot be read or written.
    """
    try:
        root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - pytest wrote it just now
    except (OSError, ET.ParseError) as error:
        raise E2EError(f"Cannot read {path}: {error}.") from error
    suite = root if root.tag == "testsuite" else root.find("testsuite")
    if suite is None:
        suite = ET.SubElement(root, "testsuite", {"name": "e2e_validator", "failures": "0", "skipped": "0"})
    for case in [case for case in suite.findall("testcase") if not case.get("name")]:
        suite.remove(case)
    case = ET.SubElement(suite, "testcase", {"classname": "e2e_validator", "name": "run", "time": "0.000"})
    holder = ET.SubElement(case, "properties")
    for name, value in (("run_id", run_id), ("verdict", INTERRUPTED)):
        ET.SubElement(holder, "property", {"name": name, "value": xml_text(value)})
    ET.SubElement(case, "error", {"message": sentence}).text = sentence
    suite.set("errors", str(sum(case.find("error") is not None for case in suite.findall("testcase"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    write_report(path, '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n")


def _is_plain(value: Any) -> bool:
    """Whether ``value`` fits a property."""
    return isinstance(value, (str, int, float, bool)) and not isinstance(value, Mapping)
