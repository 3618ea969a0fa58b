"""Secrets stay out of everything that is written."""
# ruff: noqa: RUF001 - letters that look alike are what is tested

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import allure_commons
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.errors import E2EError
from e2e_validator.events import Event, PhaseFinished, Recognised, Repaired, RunStarted, as_json
from e2e_validator.finding import Finding
from e2e_validator.report import allure, redact
from e2e_validator.report.allure_repairs import fault_step, repair_step
from e2e_validator.report.journal import Journal
from e2e_validator.report.junit import early_abort_junit, properties
from e2e_validator.report.redact import MASK, Redactor
from e2e_validator.report.results import write_results

SECRETS = ["s3cr3t-P@ss/w0rd", 'quo"te\\back', "pa<ss>&word", "grün-geheim", "AKIAEXAMPLE"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "spell",
    [
        str,
        json.dumps,
        lambda secret: json.dumps(secret, ensure_ascii=False),
        repr,
        lambda secret: base64.b64encode(secret.encode()).decode(),
        lambda secret: secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        lambda secret: quote(secret, safe=""),
        quote_plus,
    ],
)
def test_a_given_secret_is_masked_in_every_spelling(secret: str, spell: Any) -> None:
    spelled = spell(secret)
    core = spelled.strip("\"'")
    assert core not in Redactor([secret]).text(f"before {spelled} after")
    assert Redactor([secret]).text(f"before {spelled} after").endswith(" after")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://koku:hunter2@db:5432/postgres", "postgresql://koku:***@db:5432/postgres"),
        ("redis://:hunter2@127.0.0.1:6379/0", "redis://:***@127.0.0.1:6379/0"),
        ("postgresql://koku:hun@ter2@db/x", "postgresql://koku:***@db/x"),
        ("host=db user=koku password=hunter2 dbname=x", "host=db user=koku password=*** dbname=x"),
        ("host=db password='hunter 2' dbname=x", "host=db password=*** dbname=x"),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ("?user=a&password=hunter2&x=1", "?user=a&password=***&x=1"),
        ('{"secret_key": "hunter2", "a": 1}', '{"secret_key": ***, "a": 1}'),
        ("{'s3_secret_key': 'hunter2'}", "{'s3_secret_key': ***}"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("Authorization: Basic aGVsbG86aGVsbG8=\nHost: x", "Authorization: ***\nHost: x"),
        ("Authorization: AWS4-HMAC-SHA256 Credential=AK/1, Signature=ab", "Authorization: ***"),
        ("curl -H 'x-rh-identity: eyJpZCI6MX0=' http://x/", "curl -H 'x-rh-identity: ***' http://x/"),
        ('curl -H "x-rh-identity: $IDENTITY" http://x/', 'curl -H "x-rh-identity: $IDENTITY" http://x/'),
        ("{'x-rh-identity': b'eyJpZCI6MX0='}", "{'x-rh-identity': ***}"),
        ("[('Authorization', 'Bearer a.b'), ('Host', 'x')]", "[('Authorization', ***), ('Host', 'x')]"),
        ('"{\\"authorization\\": \\"Bearer a.b\\"}"', '"{\\"authorization\\": ***}"'),
        ("Cookie: sid=1; csrf=2", "Cookie: ***"),
        ("the server wanted Bearer abcdefgh12345", "the server wanted Bearer ***"),
    ],
)
def test_a_secret_that_nobody_named_is_masked_by_its_place(text: str, masked: str) -> None:
    assert Redactor().text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/api/cost-management/v1/sources/?name=a@b",
        "24 of 24 figures are equal, 9 tokens",
        "every file of manifest 7 to reach DONE",
        "s3://koku-bucket/data/org1234567/OCP/source=1/year=2026/",
        "the password is wrong",
        "token: 5 of 9",
        "Basic usage",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Redactor(["", "abc"]).text(text) == text


def test_nested_values_are_masked_by_literal_and_by_key() -> None:
    value = {
        "headers": {"X-RH-Identity": "eyJ", "Host": "x"},
        "db": [{"password": "short", "port": 5432, "empty": ""}, ("hunter2!", b"hunter2!")],
        "hunter2! as key": None,
        "polls": 12,
        "token": None,
        "secrets_checked": 3,
    }
    assert Redactor(["hunter2!"]).value(value) == {
        "headers": {"X-RH-Identity": "***", "Host": "x"},
        "db": [{"password": "***", "port": 5432, "empty": ""}, ["***", "***"]],
        "*** as key": None,
        "polls": 12,
        "token": None,
        "secrets_checked": 3,
    }


def test_a_secret_within_a_longer_one_leaves_no_rest() -> None:
    assert Redactor(["hunter", "hunter-two"]).text("hunter-two hunter") == "*** ***"


def test_a_redactor_does_not_show_what_it_hides() -> None:
    assert "hunter2!" not in repr(Redactor(["hunter2!"]))


class Recorder:
    """Stands where Allure's listener stands, and writes what it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    @allure_commons.hookimpl
    def attach_data(self, body: str, name: str) -> None:
        (self.folder / name).write_text(body, encoding="utf-8")

    @allure_commons.hookimpl
    def start_step(self, title: str) -> None:
        with (self.folder / "step").open("a", encoding="utf-8") as file:
            file.write(f"{title}\n")


@pytest.fixture
def allure_results(tmp_path: Path) -> Iterator[Path]:
    recorder = Recorder(tmp_path / "out" / "allure-results")
    allure_commons.plugin_manager.register(recorder)
    yield recorder.folder
    allure_commons.plugin_manager.unregister(recorder)


def test_no_writer_lets_a_secret_through(tmp_path: Path, allure_results: Path) -> None:
    out = tmp_path / "out"
    redactor = Redactor(SECRETS)
    everything = " | ".join(SECRETS) + " | postgresql://koku:unnamed-secret@db/x"
    data = {"dsn": everything, "list": [everything], everything: 1, "password": "unnamed-secret"}
    started = RunStarted(
        "2026-11-21T09:00:00Z", "r", everything, "2026-11-21", {"x": everything}, {"one": ["api"]}, "o"
    )
    finished = PhaseFinished(
        "2026-11-21T09:00:01Z", "one", "api", "FAILED", 1, everything, everything, everything, data
    )
    undo = f"UPDATE x SET password = 'unnamed-secret', url = '{everything}'"
    found = Finding(everything, everything, data, everything, everything)
    recognised = Recognised("2026-11-21T09:00:00Z", "one", "api", found, "r", 2.0)
    repaired = Repaired(
        "2026-11-21T09:00:00Z", "one", "api", "r", everything, 1, 2, everything, "worked", 1, False, undo, "evidence"
    )
    finished = replace(finished, finding=found, repairs=[as_json(repaired)])
    events: list[Event] = [started, recognised, repaired, finished]
    with Journal(out / "events" / "main.ndjson", redactor) as journal:
        for event in events:
            journal.write(event)
    write_results(out / "results.json", [as_json(event) for event in events], redactor)
    early_abort_junit(out / "junit.xml", everything, redactor=redactor)
    (out / "properties.txt").write_text(str(properties(finished, "r", redactor)))
    allure.write_environment(allure_results, {"dsn": everything}, redactor)
    allure.attach_text("text", everything, redactor)
    allure.attach_json("json", data, redactor)
    with allure.step(everything, redactor):
        pass
    fault_step(recognised, redactor)
    evidence = tmp_path / "run" / "evidence"
    evidence.mkdir(parents=True)
    (evidence / "before.json").write_text(json.dumps(data))
    (evidence / "after.json").write_text(f"half a file {everything}")
    repair_step(repaired, tmp_path / "run", redactor)
    written = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert len(written) == 13
    for path, body in written.items():
        for secret in [*SECRETS, "unnamed-secret"]:
            for spelling in (secret, json.dumps(secret)[1:-1], secret.replace("&", "&amp;").replace("<", "&lt;")):
                assert spelling.encode() not in body, path
        assert b"***" in body, path


def test_sweep_masks_what_others_wrote_and_leaves_data_alone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "junit.xml").write_text("<e message='pa&lt;ss&gt;&amp;word'/> grün-geheim", encoding="utf-8")
    (tmp_path / "x-result.json").write_text(json.dumps({"m": SECRETS}))
    (tmp_path / "deep" / "undo.sql").write_text("INSERT INTO x VALUES ('AKIAEXAMPLE');")
    (tmp_path / "clean.txt").write_bytes(b"\xff\x00clean")
    (tmp_path / "data.csv").write_text("AKIAEXAMPLE")
    rewritten = Redactor(SECRETS).sweep(tmp_path)
    assert [path.name for path in rewritten] == ["junit.xml", "undo.sql", "x-result.json"]
    assert (tmp_path / "deep" / "undo.sql").read_text() == "INSERT INTO x VALUES ('***');"
    assert (tmp_path / "deep" / "junit.xml").read_text() == "<e message='***'/> ***"
    assert json.loads((tmp_path / "x-result.json").read_text()) == {"m": ["***"] * len(SECRETS)}
    assert (tmp_path / "clean.txt").read_bytes() == b"\xff\x00clean"
    assert (tmp_path / "data.csv").read_text() == "AKIAEXAMPLE"
    assert Redactor(SECRETS).sweep(tmp_path) == []
    assert Redactor().sweep(tmp_path) == []


def test_a_file_that_cannot_be_swept_is_named_without_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").write_text("AKIAEXAMPLE")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(E2EError) as caught:
        Redactor(SECRETS).sweep(tmp_path)
    assert str(caught.value) == (
        f"Cannot mask secrets in {tmp_path}/a.txt: Permission denied; do not share this folder."
    )


URL = "GET https://someone:hunter2secret@koku.example.com/api/?secret=abc123def&limit=10 answered 500"
MASKED = "GET https://someone:***@koku.example.com/api/?secret=***&limit=10 answered 500"


def test_a_secret_in_a_url_is_masked_in_allure_and_pytest(tmp_path: Path) -> None:
    allure, junit = tmp_path / "allure-results", tmp_path / "junit.xml"
    allure.mkdir()
    details = {"statusDetails": {"message": URL, "trace": f"Refused: {URL}\n"}, "status": "broken"}
    (allure / "1-result.json").write_text(json.dumps(details))
    (allure / "2-attachment.txt").write_text(URL)
    (allure / "3-attachment.json").write_text(json.dumps({"url": URL, "rows": [URL]}))
    (allure / "4-attachment.json").write_text("{ no JSON")
    case = f'<testcase name="api"><failure message="{URL.replace("&", "&amp;")}">{URL.replace("&", "&amp;")}</failure>'
    junit.write_text(f"<testsuites><testsuite>{case}</testcase></testsuite></testsuites>")
    Redactor().sweep_reports(allure, junit)
    found = json.loads((allure / "1-result.json").read_text())
    assert found == {"statusDetails": {"message": MASKED, "trace": f"Refused: {MASKED}\n"}, "status": "broken"}
    assert (allure / "2-attachment.txt").read_text() == MASKED
    assert json.loads((allure / "3-attachment.json").read_text()) == {"url": MASKED, "rows": [MASKED]}
    assert (allure / "4-attachment.json").read_text() == "{ no JSON"
    failure = ET.parse(junit).getroot().find(".//failure")  # noqa: S314 - written above
    assert failure is not None
    assert (failure.get("message"), failure.text) == (MASKED, MASKED)


def test_reports_without_a_secret_stay_as_they_are_to_the_byte(tmp_path: Path) -> None:
    text = '{ "status":   "passed" }'
    (tmp_path / "1-result.json").write_text(text)
    (tmp_path / "junit.xml").write_text("<testsuites ><testsuite/></testsuites>")
    Redactor(["hunter2"]).sweep_reports(tmp_path, tmp_path / "junit.xml")
    assert (tmp_path / "1-result.json").read_text() == text
    assert (tmp_path / "junit.xml").read_text() == "<testsuites ><testsuite/></testsuites>"
    Redactor().sweep_reports(tmp_path / "no-allure", None)


PIECES = (
    *("password", "PAſſWD", "pgpwd", "client_secret", "api-Key", "apiKey", "access_token", "ID_TOKEN", "token"),
    *(
        "Authorization",
        "authorızation",
        "proxy-authorİzation",
        "Set-CooKie",
        "cookıe",
        "X-RH-Identity",
        "x-rh-ıdentity",
    ),
    *(
        "X-Amz-Security-Token",
        "Bearer",
        "BASİC",
        "baſıc",
        "eyJhbGciOi",
        ".eyJzdWIiOi",
        ".abc-def",
        "https://a:b@c",
        "://",
    ),
    *("=", ": ", "'", '"', " ", "\n", "$TOKEN", "abcdefgh12", "@", "x", "\\", ",", "_", "-"),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_looking_for_words_first_masks_no_less(text: str) -> None:
    plain = text
    for _, pattern in redact._PATTERNS:
        plain = pattern.sub(rf"\g<keep>{MASK}", plain)
    assert Redactor().text(text) == plain


@pytest.mark.parametrize(
    "text",
    ["PAſſWORD=abc", "authorızation: abc", "CooKİe: abc", "x-rh-ıdentİty: abc", "BAſİC abcdefgh1", "toKen='x y'"],
)
def test_letters_that_are_alike_to_a_pattern_hide_nothing(text: str) -> None:
    assert MASK in Redactor().text(text)
