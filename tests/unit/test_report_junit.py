"""JUnit: what a testcase carries, and the file of a run that ended early."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest

from e2e_validator.errors import E2EError
from e2e_validator.events import PhaseFinished
from e2e_validator.finding import Finding
from e2e_validator.report.junit import add_interrupt, early_abort_junit, properties
from e2e_validator.report.redact import Redactor

# The files are our own: nothing here is untrusted.
parse, fromstring = ET.parse, ET.fromstring
AT = "2026-11-21T09:00:00+00:00"


def test_properties_of_a_phase_carry_its_plain_figures() -> None:
    data = {"polls": 12, "limit_seconds": 1200, "compared": 24, "exact": Decimal("1.50"), "rows": [1], "ok": True}
    event = PhaseFinished(AT, "two-months", "ingest[2]", "PASSED", 1.23456, facts="9 of 9 files", data=data)
    assert properties(event, "r-1") == [
        ("run_id", "r-1"),
        ("scenario", "two-months"),
        ("phase", "ingest"),
        ("payload", "2"),
        ("verdict", "PASSED"),
        ("seconds", "1.235"),
        ("facts", "9 of 9 files"),
        ("polls", "12"),
        ("limit_seconds", "1200"),
        ("compared", "24"),
        ("exact", "1.50"),
        ("ok", "true"),
    ]


def test_properties_of_a_repaired_phase_name_cause_and_repairs() -> None:
    tries = [
        {"repair": "stale_lock", "cause": "lock_left", "effect": "no effect"},
        {"repair": "lost_summary", "cause": "summary_lost", "effect": "worked"},
        {"repair": "lost_summary", "cause": "summary_lost", "effect": "worked"},
    ]
    found = dict(properties(PhaseFinished(AT, "one", "summary", "REPAIRED", 1, repairs=tries), "r-1"))
    wanted = {"cause": "summary_lost", "repairs": "lost_summary", "repairs_in_vain": "stale_lock"}
    assert wanted.items() <= found.items()
    assert found["verdict"] == "REPAIRED"


def test_properties_of_a_failed_phase_name_its_own_cause() -> None:
    tries = [{"repair": "stale_lock", "cause": "lock_left", "effect": "worked"}]
    event = PhaseFinished(AT, "one", "summary", "FAILED", 1, finding=Finding("summary_doubled", "s"), repairs=tries)
    assert dict(properties(event, "r-1"))["cause"] == "summary_doubled"


def test_properties_of_a_healthy_phase_say_nothing_of_repairs() -> None:
    found = dict(properties(PhaseFinished(AT, "one", "api", "PASSED", 1), "r-1"))
    assert not {"cause", "repairs", "repairs_in_vain"} & set(found)


def test_data_cannot_overrule_what_the_phase_is() -> None:
    event = PhaseFinished(AT, "one", "api", "FAILED", 1, data={"verdict": "PASSED", "run_id": "other"})
    assert ("verdict", "FAILED") in properties(event, "r-1")
    assert "other" not in dict(properties(event, "r-1")).values()


def test_early_abort_is_one_error_never_an_empty_green_report(tmp_path: Path) -> None:
    early_abort_junit(tmp_path / "new" / "junit.xml", "No target.\nGive --target FILE.", run_id="r-1", seconds=1.5)
    root = parse(tmp_path / "new" / "junit.xml").getroot()
    suite = root.find("testsuite")
    assert suite is not None
    counts = {key: suite.get(key) for key in ("tests", "errors", "failures", "skipped", "time")}
    assert counts == {"tests": "1", "errors": "1", "failures": "0", "skipped": "0", "time": "1.500"}
    case = suite.find("testcase")
    error = root.find(".//error")
    assert case is not None
    assert error is not None
    assert (case.get("classname"), case.get("name")) == ("e2e_validator", "run")
    assert error.get("message") == "No target."
    assert error.text == "No target.\nGive --target FILE."


EVERY_CONTROL = "".join(map(chr, range(0x20))) + "\x7f\x85\ud800\udfff\ufffe\uffff"


@pytest.mark.parametrize("reason", [EVERY_CONTROL, f"a{EVERY_CONTROL}b", "<&>\"']]>", "日本 🙂", "", " \n "])
def test_early_abort_is_valid_xml_for_any_text(tmp_path: Path, reason: str) -> None:
    early_abort_junit(tmp_path / "junit.xml", reason, run_id=reason)
    error = parse(tmp_path / "junit.xml").getroot().find(".//error")
    assert error is not None
    assert error.get("message")


@pytest.mark.parametrize("text", [EVERY_CONTROL, "\x1b[31mred"])
def test_properties_are_valid_xml_for_any_text(text: str) -> None:
    event = PhaseFinished(AT, "one", "api", "FAILED", 1, facts=text, data={text: text})
    for name, value in properties(event, text):
        fromstring(ET.tostring(ET.Element("property", {"name": name, "value": value})))


def test_early_abort_hides_secrets(tmp_path: Path) -> None:
    early_abort_junit(tmp_path / "junit.xml", "No: pa<ss>word1", redactor=Redactor(["pa<ss>word1"]))
    assert "ss" not in (tmp_path / "junit.xml").read_text().split("<error", 1)[1].split("</error")[0].replace(
        "message", ""
    )


GREEN = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="2">
<testcase classname="a" name="upload" time="0.1" /><testcase time="0.001" /></testsuite></testsuites>
"""


def test_an_interrupt_is_an_error_and_its_nameless_case_goes(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(GREEN)
    add_interrupt(path, "The run was interrupted by <SIGINT>.", run_id="r-1")
    suite = parse(path).getroot().find("testsuite")
    assert suite is not None
    assert [case.get("name") for case in suite.findall("testcase")] == ["upload", "run"]
    assert (suite.get("tests"), suite.get("errors")) == ("2", "1")
    error = suite.find("testcase/error")
    assert error is not None
    assert error.get("message") == "The run was interrupted by <SIGINT>."
    values = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert values == {"run_id": "r-1", "verdict": "INTERRUPTED"}


def test_a_report_that_pytest_could_not_finish_is_named(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text("<testsuites>")
    with pytest.raises(E2EError, match=r"^Cannot read .*junit\.xml"):
        add_interrupt(tmp_path / "junit.xml", "It was interrupted.")


def test_unwritable_junit_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(E2EError) as caught:
        early_abort_junit(tmp_path / "file" / "junit.xml", "No target.")
    assert str(caught.value).startswith(f"Cannot write {tmp_path}/file/junit.xml: ")
    assert "\n" not in str(caught.value)
