"""The file for --target: what it may say, and one sentence without a secret for everything else."""

from __future__ import annotations

import json
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from e2e_validator.deployment import Target
from e2e_validator.deployment.endpoints import from_file
from e2e_validator.errors import UsageError

SECRET = "s3cr3t-vAlue"
GOOD: dict[str, Any] = {
    "koku_url": "http://127.0.0.1:8000/api/cost-management/v1/",
    "masu_url": "http://127.0.0.1:5042/api/cost-management/v1/",
    "s3_url": "http://127.0.0.1:9000",
    "s3_access_key": "access",
    "s3_secret_key": SECRET,
    "dsn": f"postgresql://koku:{SECRET}@127.0.0.1:5432/koku",
}


def write(folder: Path, data: Any) -> Path:
    path = folder / "stack.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    """The sentence, after a check that nothing of its whole chain of causes shows a secret."""
    with pytest.raises(UsageError) as failure:
        from_file(path)
    assert SECRET not in "".join(traceback.format_exception(failure.value))
    assert "\n" not in str(failure.value)
    return str(failure.value).removeprefix(f"--target {path}: ")


def test_what_embedded_up_prints_is_a_target(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    more = {"org_id": "7654321", "schema": "acct10001", "buckets": {"ingress": "inn", "archive": "out", "ros": "ros"}}
    path.write_text(json.dumps(GOOD | more))
    target = from_file(path)
    assert (target.kind, target.name, target.org_id) == ("endpoints", "stack", "7654321")
    assert (target.schema_name, target.buckets["archive"]) == ("acct10001", "out")


def test_the_schema_follows_from_the_organisation_by_default(tmp_path: Path) -> None:
    assert from_file(write(tmp_path, GOOD | {"org_id": "42"})).schema_name == "org42"


def test_a_variable_of_the_environment_stands_for_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_PASSWORD", SECRET)
    target = from_file(write(tmp_path, GOOD | {"dsn": "postgresql://koku:${PG_PASSWORD}@db/koku"}))
    assert target.dsn == f"postgresql://koku:{SECRET}@db/koku"


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    assert refusal(write(tmp_path, GOOD | {"dsn": "${NOT_THERE}"})) == "the environment variable NOT_THERE is not set."


@pytest.mark.parametrize(
    ("is_set", "written", "means"),
    [
        (None, "${ARCHIVE:-koku-bucket}", "koku-bucket"),
        ("", "${ARCHIVE:-koku-bucket}", "koku-bucket"),
        ("other", "${ARCHIVE:-koku-bucket}", "other"),
        (None, "a${ARCHIVE:-}b", "ab"),
        ("-x-", "a${ARCHIVE:-}b", "a-x-b"),
        (None, "${ARCHIVE:--}${ARCHIVE:-:-}", "-:-"),
        ("${HOME}", "${ARCHIVE:-x}", "${HOME}"),
        ("x", "$ARCHIVE ${} ${1} {ARCHIVE:-y}", "$ARCHIVE ${} ${1} {ARCHIVE:-y}"),
    ],
)
def test_a_variable_may_say_what_stands_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_set: str | None, written: str, means: str
) -> None:
    monkeypatch.delenv("ARCHIVE", raising=False)
    if is_set is not None:
        monkeypatch.setenv("ARCHIVE", is_set)
    assert from_file(write(tmp_path, GOOD | {"s3_secret_key": written})).s3_secret_key == means


@pytest.mark.parametrize(
    "written",
    [f"${{KEY-{SECRET}}}", f"${{KEY:={SECRET}}}", f"${{KEY:-{SECRET}", "${KEY:-${OTHER}}", "${KEY", "${KEY }"],
)
def test_an_odd_variable_is_named_and_not_taken_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("KEY", SECRET)
    path = write(tmp_path, GOOD | {"s3_secret_key": written})
    assert refusal(path) == "KEY must be written ${KEY} or ${KEY:-value}."


def test_a_variable_is_expanded_in_the_bucket_names_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE", "koku-bucket-2")
    path = write(tmp_path, GOOD | {"buckets": {"ingress": "inn", "archive": "${ARCHIVE}"}})
    assert from_file(path).buckets == {"ingress": "inn", "archive": "koku-bucket-2"}


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == "cannot be read: No such file or directory."


def test_a_folder_is_one_sentence(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "cannot be read: Is a directory."


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert refusal(path) == "is not text in UTF-8."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"s3_secret_key: [{SECRET}\nx: y", "is not YAML or JSON (line 2, column 2)."),
        (f"s3_secret_key: {SECRET}\x07", "is not YAML or JSON."),
        (f"s3_secret_key: {SECRET}\nfrom: 2026-02-31", "is not YAML or JSON."),
        ("", "must be a mapping with koku_url, masu_url, s3_url, dsn and credentials."),
        (f"- {SECRET}", "must be a mapping with koku_url, masu_url, s3_url, dsn and credentials."),
        (SECRET, "must be a mapping with koku_url, masu_url, s3_url, dsn and credentials."),
        (f"1: {SECRET}", "must be a mapping with koku_url, masu_url, s3_url, dsn and credentials."),
    ],
)
def test_what_is_no_mapping_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    assert refusal(write(tmp_path, text)) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"dsn": None}, "dsn is not text, write it in quotes."),
        ({"s3_secret": SECRET}, "s3_secret is no key of a target (did you mean s3_secret_key?)."),
        ({"org_id": 1234567}, "org_id is not text, write it in quotes."),
        ({"org_id": ""}, "org_id is empty."),
        ({"s3_secret_key": ""}, "s3_secret_key is empty."),
        ({"buckets": {"ingres": "x", "archive": "y"}}, "buckets lacks ingress."),
        ({"buckets": {"ingress": "", "archive": "y"}}, "buckets lacks ingress."),
        ({"buckets": {"ingress": "in put", "archive": "out"}}, "buckets has no bucket name as ingress."),
        ({"dsn": SECRET}, "dsn is not a PostgreSQL connection string."),
        ({"dsn": f"host=db passwort={SECRET}"}, "dsn is not a PostgreSQL connection string."),
        ({"koku_url": f"http://koku:{SECRET}@host/v1/"}, "koku_url must not hold a user or a password."),
        ({"koku_url": "host:8000/v1/"}, "koku_url must be a URL such as http://host:8000/."),
        ({"koku_url": "http://"}, "koku_url must be a URL such as http://host:8000/."),
        ({"koku_url": "http:///v1/"}, "koku_url must be a URL such as http://host:8000/."),
        ({"koku_url": "http://host:80a/v1/"}, "koku_url is not a URL."),
        ({"koku_url": "http://host/v1/?x=/"}, "koku_url must not hold a query or a fragment."),
        ({"s3_url": "127.0.0.1:9000"}, "s3_url must be a URL such as http://host:8000/."),
        ({"s3_url": f"http://a:{SECRET}@host:9000"}, "s3_url must not hold a user or a password."),
    ],
)
def test_a_wrong_value_is_one_sentence(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    assert refusal(write(tmp_path, GOOD | change)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# " + "x" * 300_000, "is larger than 256 KiB."),
        ("[" * 5000, "is nested too deeply."),
        ("{a: " * 3000, "is nested too deeply."),
        ("a: &a {x: 1}\nb: *a\n", "is not YAML or JSON (line 2, column 4)."),
    ],
)
def test_a_file_that_unfolds_to_too_much_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(text)
    assert refusal(path) == sentence


def test_a_key_cannot_steer_a_terminal(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, GOOD | {"\x1b[31mx" + "y" * 200: "1"})).isprintable()


@pytest.mark.parametrize("url", ["koku_url", "masu_url"])
def test_a_base_url_without_a_slash_at_its_end_is_refused(tmp_path: Path, url: str) -> None:
    said = refusal(write(tmp_path, GOOD | {url: "http://host/api/cost-management/v1"}))
    assert said == f"{url} must end in /, such as http://host:8000/api/cost-management/v1/."


def test_the_address_of_the_object_store_has_no_path(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, GOOD | {"s3_url": "http://host:9000/koku-bucket"}))
    assert said.startswith("s3_url must be host and port alone")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    data = {key: value for key, value in GOOD.items() if key not in {"dsn", "koku_url"}}
    assert refusal(write(tmp_path, data | {"xyz": SECRET})).startswith(
        "koku_url is missing; dsn is missing; xyz is no key of a target (known: kind, name, koku_url,"
    )


def test_a_target_shows_its_addresses_and_no_secret() -> None:
    target = Target.load(GOOD)
    shown = f"{target!r} {target} {target.title}"
    assert (SECRET in shown, "access" in shown, "http://127.0.0.1:8000/" in shown) == (False, False, True)


def test_a_validation_error_never_repeats_the_input() -> None:
    with pytest.raises(ValidationError) as failure:
        Target.load({"s3_secret_key": SECRET, "dsn": [SECRET]})
    assert SECRET not in str(failure.value)


@pytest.mark.parametrize("dsn", [f"postgresql://u:{SECRET}@h/d", f"host=h password={SECRET}", GOOD["dsn"]])
def test_the_password_inside_the_dsn_is_a_secret_of_its_own(dsn: str) -> None:
    secrets = Target.load(GOOD | {"s3_secret_key": "another", "dsn": dsn}).secrets()
    assert set(secrets) == {"access", "another", dsn, SECRET}


def test_a_quoted_password_is_a_secret_as_it_is_typed() -> None:
    assert "p@ss word" in Target.load(GOOD | {"dsn": "postgresql://u:p%40ss%20word@h/d"}).secrets()


def test_a_dsn_without_a_password_adds_none() -> None:
    assert Target.load(GOOD | {"dsn": "host=h"}).secrets() == ["access", SECRET, "host=h"]


def test_a_saved_target_is_read_back_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text("{}")
    path.chmod(0o644)
    target = Target.load(GOOD | {"schema": "acct10001"})
    target.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert from_file(path).model_dump() == target.model_dump() | {"name": ""}
    assert [entry.name for entry in tmp_path.iterdir()] == ["stack.json"]


def test_the_target_of_a_run_without_one_names_nothing_live() -> None:
    target = Target.unknown()
    assert {target.koku_url, target.masu_url, target.s3_url} == {"http://unknown.invalid/"}
    assert target.kind == "none"
