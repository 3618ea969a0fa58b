"""The failure bundle: bounded in time, complete about what it lacks, without secrets, and never in anybody's way."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from patience import ANSWER_SECONDS
from phase_context import context, emitted, source

from e2e_validator.access.http import Unreachable
from e2e_validator.bundle import of_services, taking
from e2e_validator.bundle.boxes import Limits, collect
from e2e_validator.bundle.look import Collector, Keep, Look, NotHere, Prefix, Source
from e2e_validator.bundle.of_cluster import event_line, pod_state
from e2e_validator.bundle.of_stack import STACK
from e2e_validator.bundle.summary import Occasion, summary_text
from e2e_validator.deployment import Target
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.runner import run_phase
from e2e_validator.errors import Blocked, GaveUp
from e2e_validator.events import Observed, PhaseFinished
from e2e_validator.finding import Finding
from e2e_validator.plugin.registry import PHASES
from e2e_validator.report.redact import Redactor

SECRET = "hunter-2-and-3"
FOUND = Finding("summary_lost", "every file is done", remedy="ask masu", reference="koku.md 1.5")
LOOK = Look(Target.unknown(), since=datetime.now(UTC))


def gives(_: Look, keep: Keep) -> None:
    keep("a.txt", f"the password {SECRET}\n")
    keep("deep/er/b.json", {"password": "other", "rows": [1, None, SECRET]})


def breaks(_: Look, keep: Keep) -> None:
    keep("c.txt", "before")
    raise Unreachable(f"db at x?password={SECRET} is gone\nsecond line")


def lacks(_: Look, _keep: Keep) -> None:
    raise NotHere("there are no pods")


GIVES, BREAKS, LACKS = Collector("gives", "g", gives), Collector("breaks", "b", breaks), Collector("lacks", "l", lacks)


@pytest.fixture
def red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A phase whose run ends red, on a target that has little."""
    monkeypatch.setattr(taking, "COLLECTORS", (GIVES, BREAKS, LACKS))
    monkeypatch.setitem(PHASES, "preflight", ends(GaveUp("It ended.", detail="last seen   nothing")))
    return context(tmp_path, "preflight", redactor=Redactor([SECRET]))


def ends(error: Exception | None) -> Any:
    def phase(the_context: Context) -> Outcome:
        the_context.emit(Observed("2026-11-21T12:00:00+00:00", "scenario_x", "preflight", 1, 0.5, "a manifest", {}))
        if error is not None:
            raise error
        return Outcome("well")

    return phase


def bundle(the_context: Context) -> Path:
    return the_context.folder / "bundle" / "preflight"


@pytest.mark.parametrize(
    ("error", "verdict", "taken"),
    [
        (GaveUp("Gone."), "FAILED", True),
        (Blocked("No disk."), "BLOCKED", True),
        (Unreachable("away"), "INCONCLUSIVE", True),
        (ZeroDivisionError("ours"), "ERROR", False),
        (None, "PASSED", False),
    ],
)
def test_a_bundle_is_taken_of_what_the_environment_can_explain(
    red: Context, monkeypatch: pytest.MonkeyPatch, error: Exception | None, verdict: str, taken: bool
) -> None:
    monkeypatch.setitem(PHASES, "preflight", ends(error))
    finished, _, raised = run_phase(red, PHASES[red.base])
    assert (finished.verdict, raised) == (verdict, error)
    assert bundle(red).exists() is taken


def test_it_holds_no_secret_and_says_what_it_lacks(red: Context) -> None:
    run_phase(red, PHASES[red.base])
    files = {str(path.relative_to(bundle(red))): path.read_text() for path in bundle(red).rglob("*") if path.is_file()}
    assert set(files) == {"a.txt", "c.txt", "deep/er/b.json", "summary.md", "bundle.log"}
    assert not [name for name, text in files.items() if SECRET in text]
    assert files["a.txt"] == "the password ***\n"
    assert json.loads(files["deep/er/b.json"]) == {"password": "***", "rows": [1, None, "***"]}
    log = files["bundle.log"].splitlines()
    assert "breaks     not collected: Unreachable: db at x?password=*** is gone" in log
    assert "lacks      not collected: there are no pods" in log


def test_the_summary_tells_failure_cause_and_timeline(red: Context) -> None:
    run_phase(red, PHASES[red.base])
    page = (bundle(red) / "summary.md").read_text()
    assert page.startswith("# scenario_x: preflight ended FAILED\n\nIt ended.\n")
    assert "last seen   nothing" in page
    assert "seen: a manifest" in page
    assert page.index("preflight began") < page.index("seen: a manifest") < page.index("preflight ended FAILED\n\n##")
    assert "| `deep/er/b.json` | gives | g |" in page
    assert "2 could not be collected" in page


def test_what_goes_wrong_with_it_changes_nothing(red: Context) -> None:
    bundle(red).parent.mkdir(parents=True)
    bundle(red).write_text("a file where the folder should be")
    finished, _, error = run_phase(red, PHASES[red.base])
    assert finished.verdict == "FAILED"
    assert isinstance(error, GaveUp)
    assert isinstance(emitted(red)[-1], PhaseFinished)


def test_without_a_redactor_nothing_is_written(red: Context) -> None:
    red.redactor = None
    run_phase(red, PHASES[red.base])
    assert not bundle(red).parent.exists()


def test_a_run_that_is_asked_to_stop_takes_none(red: Context) -> None:
    red.run.stop_file.touch()
    run_phase(red, PHASES[red.base])
    assert not bundle(red).parent.exists()


def test_a_run_without_a_target_says_so_and_looks_at_nothing(red: Context) -> None:
    red.target = Target.unknown()
    run_phase(red, PHASES[red.base])
    assert (bundle(red) / "bundle.log").read_text() == "nothing collected: the run has no target\n"
    assert not (bundle(red) / "a.txt").exists()


def test_a_collector_that_hangs_costs_its_time_and_no_more() -> None:
    release = threading.Event()

    def hangs(_: Look, keep: Keep) -> None:
        keep("early.txt", "kept")
        release.wait()
        keep("late.txt", "too late")

    # It returns although the collector hangs until it is released below: waited for, it would hang for ever.
    slow, quick = collect((Collector("slow", "s", hangs), GIVES), LOOK, Limits(total=600.0, each=0.05))
    release.set()
    assert slow.done.wait(ANSWER_SECONDS)
    assert slow.files == {"early.txt": "kept"}
    assert slow.problems == ["not done after 0.05 s"]
    assert (len(quick.files), quick.problems) == (2, [])


def test_the_time_for_all_is_the_last_word() -> None:
    release = threading.Event()

    def hangs(_: Look, _keep: Keep) -> None:
        release.wait()

    blocked = Collector("slow", "s", hangs)
    (box,) = collect((blocked,), LOOK, Limits(total=0.05, each=600.0))
    release.set()
    assert box.problems == ["not done after 0.05 s"]


def test_what_a_collector_cannot_get_costs_it_only_that() -> None:
    def some(_: Look, keep: Keep) -> None:
        keep("locks.json", psycopg.errors.UndefinedTable('relation "x" does not exist\nLINE 1'))
        keep("sessions.json", [])

    (box,) = collect((Collector("database", "d", some),), LOOK, Limits())
    assert box.files == {"sessions.json": []}
    assert box.problems == ['locks.json: UndefinedTable: relation "x" does not exist']


def test_it_looks_at_what_the_scenario_has_made_alone(tmp_path: Path) -> None:
    the_context = context(tmp_path, "summary")
    look = taking.look_of(the_context)
    assert [one.uuid for one in look.sources] == ["provider-1"]
    assert [(one.bucket, one.prefix) for one in look.prefixes] == [
        ("ingress", "cluster/1.tar.gz"),
        ("archive", f"data/csv/{the_context.target.schema_name}/OCP/source=provider-1/"),
    ]
    the_context.state.source, the_context.state.payloads = source() | {"uuid": ""}, []
    assert (taking.look_of(the_context).sources, taking.look_of(the_context).prefixes) == ((), ())


def test_it_looks_at_the_bucket_of_the_source_itself(tmp_path: Path) -> None:
    """Whose payloads do not stand in the ingress bucket; all of them are listed once."""
    the_context = context(tmp_path, "summary")
    first = the_context.state.payloads[0]
    own = replace(first, bucket="e2e-own-1")
    the_context.state.payloads = [own, replace(own, object_key="another")]
    places = [one for one in taking.look_of(the_context).prefixes if one.bucket != "archive"]
    assert places == [Prefix("own", "", "e2e-own-1")]


def test_objects_are_listed_where_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    class Store:
        ingress, archive = "ingress-bucket", "archive-bucket"

        def __init__(self, _target: Any) -> None: ...

        def entries(self, bucket: str, prefix: str, *, most: int) -> list[Any]:
            assert most
            asked.append((bucket, prefix))
            return []

    monkeypatch.setattr(of_services, "Objects", Store)
    places = (Prefix("own", "", "e2e-own-1"), Prefix("ingress", "a"), Prefix("archive", "b"))
    (box,) = collect((of_services.OBJECTS,), replace(LOOK, prefixes=places), Limits())
    assert asked == [("e2e-own-1", ""), ("ingress-bucket", "a"), ("archive-bucket", "b")]
    assert list(box.files) == ["objects/1-own.json", "objects/2-ingress.json", "objects/3-archive.json"]


def test_before_a_repair_it_has_a_folder_of_its_own(red: Context) -> None:
    folder = taking.take_before_repair(red, "1-lost_summary", FOUND)
    assert folder == bundle(red) / "before-1-lost_summary"
    page = (folder / "summary.md").read_text()
    assert page.startswith("# scenario_x: preflight before the repair 1-lost_summary\n\nevery file is done\n")
    assert (
        "\n* cause: summary_lost\n* found: every file is done\n* remedy: ask masu\n* reference: koku.md 1.5\n" in page
    )


def test_a_long_timeline_keeps_its_ends() -> None:
    events = [Observed(f"t{number:04}", "s", "p", number, 0.1, f"state {number}", {}) for number in range(1000)]
    page = summary_text(Occasion("s", "p", "FAILED"), "now", [Source("u", "c")], events, [])
    assert "seen: state 0\n" in page
    assert "seen: state 999\n" in page
    assert "(800 more: see the run's journal)" in page


def test_a_pod_s_environment_is_not_shown() -> None:
    pod = {
        "metadata": {"name": "masu-1", "labels": {"app.kubernetes.io/component": "cost-processor"}},
        "spec": {"nodeName": "n", "containers": [{"name": "masu", "env": [{"name": "X", "value": SECRET}]}]},
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": "masu", "image": "i", "restartCount": 3, "lastState": {"terminated": {"exitCode": 137}}}
            ],
        },
    }
    shown = pod_state(pod)
    assert SECRET not in json.dumps(shown)
    assert shown["containers"][0]["restarts"] == 3
    assert shown["containers"][0]["last_state"] == {"terminated": {"exitCode": 137}}


def test_an_event_is_one_line() -> None:
    event = {
        "involvedObject": {"kind": "Pod", "name": "masu-1"},
        "type": "Warning",
        "reason": "BackOff",
        "message": "restarting\nfailed container",
        "lastTimestamp": "2026-11-21T12:00:00Z",
        "count": 7,
    }
    assert event_line(event) == ("2026-11-21T12:00:00Z  Warning  Pod/masu-1  BackOff: restarting failed container (x7)")
    assert event_line({"metadata": {}}).endswith(": ")


def test_the_end_of_each_server_s_log_is_taken(tmp_path: Path) -> None:
    (tmp_path / "postgres.log").write_text("x" * 300_000 + "the end")
    (tmp_path / "api.jsonl").write_text("{}")
    (tmp_path / "api.pid").write_text("1")
    kept: dict[str, Any] = {}
    STACK.collect(Look(LOOK.target, LOOK.since, logs=tmp_path), kept.__setitem__)
    assert set(kept) == {"logs/postgres.log", "logs/api.jsonl.log"}
    assert kept["logs/postgres.log"].endswith("the end")
    assert len(kept["logs/postgres.log"]) == 200_000
    with pytest.raises(NotHere):
        STACK.collect(LOOK, kept.__setitem__)
