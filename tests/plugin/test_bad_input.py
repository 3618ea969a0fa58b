"""What is wrong on the command line or in the environment is said in one sentence, with the right exit code."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nested import MODES, TODAY, Ended, files_with, furnish, quick, run

from e2e_validator.deployment import Target

BOTH = pytest.mark.parametrize("mode", MODES)
NOWHERE = {
    "koku_url": "http://127.0.0.1:9/api/cost-management/v1/",
    "masu_url": "http://127.0.0.1:9/api/cost-management/v1/",
    "s3_url": "http://127.0.0.1:9",
    "s3_access_key": "Acc3ssKeyOfNobody",
    "s3_secret_key": "S3cretKeyOfNobody",
    "dsn": "postgresql://koku:Pa55wordOfNobody@127.0.0.1:9/koku",
}
SECRETS = ("Acc3ssKeyOfNobody", "S3cretKeyOfNobody", "Pa55wordOfNobody")
Run = Callable[..., Ended]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one scenario."""
    return furnish(tmp_path, {"quick": quick("quick")})


@pytest.fixture
def target(project: Path) -> Path:
    """A file that names a deployment where nobody listens."""
    return write(project, NOWHERE)


def write(project: Path, data: Any) -> Path:
    path = project / "target.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def assert_refused(ended: Ended, sentence: str) -> None:
    """Exit code 4, the sentence once, nothing that looks like our mistake, and no secret."""
    assert ended.code == 4, ended.text
    errors = [line for line in ended.text.splitlines() if line.startswith("ERROR: ")]
    assert len(errors) == 1, ended.text
    assert re.search(sentence, errors[0]), errors[0]
    assert "Traceback" not in ended.text
    assert "INTERNALERROR" not in ended.text
    assert "PASS" not in ended.text


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--namespace", "cost", "--kubeconfig", "no/such"), "--kubeconfig no/such: there is no such file"),
        (("--context", "prod"), "--context: is about a namespace; give --namespace NS too"),
        (("--embedded", "--target", "x.yaml"), "Give only one of --namespace, --target and --embedded"),
        (("--today", "2026-13-01"), "--today 2026-13-01: is not a date; write it as YYYY-MM-DD"),
        (("--today", "9999-12-31"), "--today 9999-12-31: write a day of the years 1971 to 2198"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(project: Path, args: tuple[str, ...], sentence: str) -> None:
    ended = run(project, "scenarios", *args)
    assert_refused(ended, sentence)
    assert not ended.has_run()


@BOTH
def test_a_target_file_that_is_missing_is_refused(project: Path, mode: str) -> None:
    ended = run(project, "scenarios", "--target", "no/such.yaml", "--today", TODAY, *MODES[mode])
    assert_refused(ended, r"--target no/such\.yaml: cannot be read: No such file or directory")
    (case,) = ended.junit().values()
    assert case.find("error") is not None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("koku_url: [unclosed\ns3_secret_key: S3cretKeyOfNobody", r"is not YAML or JSON \(line \d+, column \d+\)"),
        ("s3_secret_kez: S3cretKeyOfNobody", "s3_secret_kez is no key of a target .did you mean s3_secret_key"),
    ],
)
def test_garbage_for_a_target_is_refused_without_its_values(project: Path, text: str, sentence: str) -> None:
    (project / "target.yaml").write_text(text, encoding="utf-8")
    ended = run(project, "scenarios", "--target", "target.yaml", "--today", TODAY)
    assert_refused(ended, sentence)
    assert SECRETS[1] not in ended.text
    assert files_with(project / "reports", SECRETS[1]) == []


@BOTH
def test_a_run_folder_that_cannot_be_made_is_refused(project: Path, target: Path, mode: str) -> None:
    (project / "taken").write_text("a file", encoding="utf-8")
    args = ("--target", str(target), "--today", TODAY, "--run-dir", "taken", *MODES[mode])
    assert_refused(run(project, "scenarios", *args), "--run-dir: .*/taken/.* cannot be made: Not a directory")


@BOTH
def test_a_silent_deployment_blocks_and_blames_no_product(project: Path, target: Path, mode: str) -> None:
    ended = run(project, "scenarios", "--target", str(target), "--today", TODAY, *MODES[mode])
    assert ended.code == 10, ended.text
    verdicts = ended.verdicts("quick")
    assert verdicts.pop("preflight") == "BLOCKED"
    assert set(verdicts.values()) == {"SKIPPED"}
    case = ended.junit()["quick::preflight"]
    assert case.find("failure") is None
    assert case.find("error") is not None
    headline = ended.phases["quick"]["preflight"]["headline"]
    assert re.match(r"\d+ of \d+ preflight checks failed; Koku API: .* did not answer: .*Connection refused", headline)
    assert headline in ended.text
    assert "Traceback" not in ended.text
    assert_no_secret(ended)


@pytest.mark.embedded
@pytest.mark.parametrize("wrong", ["dsn", "s3_secret_key"])
def test_a_wrong_password_blocks_and_is_not_shown(project: Path, stack_target: Target, wrong: str) -> None:
    data = stack_target.model_dump(by_alias=True)
    data[wrong] = re.sub(r":[^:@/]+@", f":{SECRETS[2]}@", data[wrong]) if wrong == "dsn" else SECRETS[1]
    ended = run(project, "scenarios", "--target", str(write(project, data)), "--today", TODAY)
    assert ended.code == 10, ended.text
    assert ended.verdicts("quick")["preflight"] == "BLOCKED"
    name = {"dsn": "PostgreSQL", "s3_secret_key": "object store"}[wrong]
    assert re.search(rf"FAIL  {name}: ", ended.phases["quick"]["preflight"]["detail"])
    assert "Traceback" not in ended.text
    assert_no_secret(ended)
    for secret in stack_target.secrets():
        assert secret not in ended.text
        assert files_with(ended.reports, secret) == []


def assert_no_secret(ended: Ended) -> None:
    """Neither the console nor any report shows a secret of the target file."""
    for secret in SECRETS:
        assert secret not in ended.text
        assert files_with(ended.folder / "reports", secret) == []


def test_a_folder_of_another_name_is_taken_when_it_is_named(project: Path, target: Path) -> None:
    (project / "mine").mkdir()
    header = "# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n"
    (project / "mine" / "quick.yaml").write_text(header + quick("quick"), encoding="utf-8")
    ended = run(project, "mine", "--target", str(target), "--today", TODAY)
    # The deployment of this target does not answer: the scenario was collected, and is blocked.
    assert ended.code == 10, ended.text
    assert ended.verdicts("quick")["preflight"] == "BLOCKED"


@pytest.mark.parametrize("text", ["a: 1\n", "version: 3\nservices: {}\n", "name: x\ndata: 1\n"])
def test_other_files_of_yaml_are_nobodys_business(project: Path, text: str) -> None:
    (project / "other").mkdir()
    (project / "other" / "compose.yaml").write_text(text, encoding="utf-8")
    ended = run(project, "other", "--today", TODAY)
    assert (ended.code, "scenario file" in ended.text) == (5, False)


def test_files_that_break_programs_are_refused_at_collection(project: Path) -> None:
    folder, fixtures = project / "scenarios", project / "fixtures"
    (folder / "quick.yaml").unlink()
    head = "version: 1\nname: {name}\ndescription: Why.\n"
    bad = {
        "large": ("# " + "x" * 6_000_000, "the file is larger than 5 MiB"),
        "deep": ("[" * 5000, "the file is nested too deeply"),
        "half": (head + 'tags: ["\\ud800"]\n', "the character U+D800 is not allowed"),
        "long": (head + f"data: {{template: {'x' * 4096}}}\n", "is not the name of a file"),
        "old": (head + "period: {start: 0001-01-01, end: 9999-12-31}\ndata: {template: one_pod.yml}\n", "in the years"),
        "bomb": (head + "data: {payloads: bomb}\n", "it has more than 256 MiB"),
    }
    for name, (text, _) in bad.items():
        (folder / f"{name}.yml").write_text(text.replace("{name}", name), encoding="utf-8")
    claim = tarfile.TarInfo("manifest.json")
    claim.size = 8 * 1024**4
    (fixtures / "bomb").mkdir()
    path = fixtures / "bomb" / "payload.0.20261101-20261201.tar.gz"
    path.write_bytes(gzip.compress(claim.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024))
    ended = run(project, "scenarios", "--today", TODAY)
    assert ended.code == 2, ended.text
    assert "Traceback" not in ended.text
    assert "INTERNALERROR" not in ended.text
    for name, (_, sentence) in bad.items():
        assert any(f"{name}.yml:" in line and sentence in line for line in ended.text.splitlines()), name


def test_a_report_that_is_taken_otherwise_is_said_to_be(project: Path) -> None:
    text = "version: 1\nname: old\ndescription: Why.\nperiod: {start: month-1m, end: month-1m+1d}\n"
    text += "data: {template: old.yml}\n"
    (project / "scenarios" / "old.yaml").write_text(text, encoding="utf-8")
    report = (project / "fixtures" / "nise" / "one_pod.yml").read_text(encoding="utf-8")
    dated = report.replace("OCPGenerator:\n", "OCPGenerator:\n      start_date: last_month\n", 1)
    assert dated != report
    (project / "fixtures" / "nise" / "old.yml").write_text(dated, encoding="utf-8")
    ended = run(project, "scenarios/old.yaml", "--today", TODAY, "--collect-only")
    assert ended.code == 0, ended.text
    assert "the scenario old is taken, but not as written; what is different: e2e-validator lint" in ended.text
