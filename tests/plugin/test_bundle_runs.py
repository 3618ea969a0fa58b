"""The failure bundle of whole runs: it is there, says what it lacks, changes no verdict, and shows no secret."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from cluster import objects
from cluster.broken import crash_loop
from cluster.installed import Installed
from cluster.picture import start as start_picture
from namespace_stack import backends_of
from nested import TODAY, Ended, files_with, furnish, quick, run

from e2e_validator.deployment import Target
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
NS = "cost-onprem"
HEALTHY = ("-p", "tampering")
PASSWORD, TOKEN, ACCESS_KEY = "Pl4nted-Passw0rd", "eyPlantedTokenOfNobody", "AKIAPLANTEDOFNOBODY1"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJvcmdfaWQiOiIxMjM0NTY3In0.c2lnbmF0dXJl"


def tampered(name: str) -> str:
    """A scenario of that name, which ``tampering.py`` knows, and which is red for it."""
    return quick(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return furnish(tmp_path, {"csv_value_changed": tampered("csv_value_changed"), "quick": quick("quick")})


def bundle_of(ended: Ended, phase: str = "upload", scenario: str = "csv_value_changed") -> Path:
    return ended.reports / scenario / "bundle" / phase


def test_a_red_phase_leaves_a_bundle_that_the_failure_names(project: Path, target_file: Path) -> None:
    ended = run(project, "scenarios", "--target", str(target_file), "--today", TODAY, *HEALTHY)
    assert ended.code == 1, ended.text
    assert ended.verdicts("csv_value_changed")["upload"] == "FAILED"
    folder = bundle_of(ended)
    page = (folder / "summary.md").read_text(encoding="utf-8")
    assert page.startswith("# csv_value_changed: upload ended FAILED")
    assert "is 43200.01, expected 43200" in page
    assert "cause: numbers_differ" in page
    assert "upload began" in page
    assert "csv_value_changed/bundle/upload/summary.md" in ended.text
    log = (folder / "bundle.log").read_text(encoding="utf-8")
    assert "pods       not collected: a target of kind endpoints has no pods that we know of" in log
    for name in ("sql/sessions.json", "sql/server.json", "queues.json", "objects/1-ingress.json", "target.json"):
        assert json.loads((folder / name).read_text(encoding="utf-8")), name
    (stored,) = json.loads((folder / "objects/1-ingress.json").read_text(encoding="utf-8"))["objects"]
    assert stored["bytes"] > 0, "it is taken before the cleanup"
    attached = [path.read_text(encoding="utf-8") for path in (ended.reports / "allure-results").glob("*.txt")]
    assert any(text.startswith("# csv_value_changed: upload ended FAILED") for text in attached)
    assert list((ended.reports / "csv_value_changed" / "bundle").iterdir()) == [folder]
    assert not (ended.reports / "quick" / "bundle").exists(), "nothing failed there"


def test_in_an_embedded_run_the_servers_logs_are_in_it(project: Path) -> None:
    ended = run(project, "scenarios/csv_value_changed.yaml", "--embedded", "--today", TODAY, *HEALTHY)
    assert ended.code == 1, ended.text
    logs = {path.name for path in (bundle_of(ended) / "logs").iterdir()}
    assert {"postgres.log", "object_store.log", "standin.log"} <= logs


def test_without_a_target_the_bundle_says_so(project: Path, stack_target: Target) -> None:
    data = stack_target.model_dump(by_alias=True) | {"masu_url": "http://127.0.0.1:9/"}
    (project / "target.json").write_text(json.dumps(data), encoding="utf-8")
    ended = run(project, "scenarios/quick.yaml", "--target", "target.json", "--today", TODAY)
    assert ended.code == 10, ended.text
    folder = bundle_of(ended, "preflight", "quick")
    log = (folder / "bundle.log").read_text(encoding="utf-8")
    assert "queues     not collected: queues.json: Unreachable: " in log
    assert "sources    not collected: the scenario has no source yet" in log
    assert (folder / "sql" / "sessions.json").is_file(), "what can be looked at is there"


def test_the_brokers_say_how_far_the_listener_has_read(project: Path) -> None:
    with EmbeddedStack.start(today=date.fromisoformat(TODAY), transports=("kafka",)) as stack:
        told = stack.endpoints.further["kafka"]
        target = Target.load({"kind": "endpoints", **stack.endpoints.as_json(), **told})
        target.save(project / "target.json")
        ended = run(project, "scenarios", "--target", "target.json", "--today", TODAY, *HEALTHY)
    assert ended.code == 1, ended.text
    found = json.loads((bundle_of(ended) / "kafka.json").read_text(encoding="utf-8"))
    assert (found["topic"], found["group"]) == ("platform.upload.announce", "hccm-group")
    assert found["partitions"]
    assert all(one["lag"] in {0, None} for one in found["partitions"]), found


def test_no_secret_of_a_cluster_is_in_what_a_failing_run_leaves(project: Path, stack_target: Target) -> None:
    server, picture = start_picture(Installed(), backends_of(stack_target))
    dsn_password = stack_target.secrets()[3]
    with server:
        crash_loop(picture, "listener")
        pod, *_ = picture.pods("listener")
        lines = [
            f"connecting to postgresql://koku:{PASSWORD}@db/koku",
            f"retrying with password='{PASSWORD}'",
            f"Authorization: Bearer {TOKEN}",
            f"AWS_SECRET_ACCESS_KEY={PASSWORD} AWS_ACCESS_KEY_ID={ACCESS_KEY}",
            f"known: {dsn_password} {stack_target.s3_access_key} {stack_target.s3_secret_key}",
            f"sent {JWT} to the gateway",
            "a line without any",
        ]
        masu, *_ = picture.pods("masu")
        picture.write_log(masu, masu["spec"]["containers"][0]["name"], *lines)
        picture.write_log(pod, "listener", *lines, previous=True)
        message = f"Error: password={PASSWORD} token={TOKEN} key {stack_target.s3_access_key}"
        picture.add(objects.event(masu, "Warning", "Failed", message))
        picture.load(server)
        config = server.write_kubeconfig(project / "kubeconfig")
        token = config.read_text(encoding="utf-8").partition("token: ")[2].split()[0]
        ended = run(
            project, "scenarios/csv_value_changed.yaml", "--today", TODAY, "--namespace", NS, "--kubeconfig",
            str(config), *HEALTHY,
        )  # fmt: skip
    config.unlink()
    (folder,) = (ended.reports / "csv_value_changed" / "bundle").iterdir()
    assert ended.code in {1, 10}, ended.text
    assert files_with(folder, "a line without any"), (folder / "bundle.log").read_text(encoding="utf-8")
    assert files_with(folder / "logs", "a line without any")
    assert [path.name for path in folder.glob("logs/*.previous.log")]
    assert "Error: password=" in (folder / "events.txt").read_text(encoding="utf-8")
    assert files_with(folder, '"restarts": 7')
    for secret in (
        PASSWORD,
        TOKEN,
        JWT,
        ACCESS_KEY,
        token,
        dsn_password,
        *stack_target.secrets(),
        "planted-client-secret",
    ):
        assert secret not in ended.text
        assert files_with(ended.folder, secret) == []
