"""The rules of how a source lives: each can fail, and says which row and column."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import phase_context as fakes
import pytest

from e2e_validator.access.life import (
    CopyRow,
    FileRow,
    ManifestRow,
    NamedRows,
    PeriodRow,
    ProviderRow,
    SourceLife,
)
from e2e_validator.errors import HarnessError, WrongLife
from e2e_validator.life import looking, rules
from e2e_validator.life.early import unless_early
from e2e_validator.phases import cost, manifest, summary
from e2e_validator.providers.ocp.declared import Declared, declared_by, recorded
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.waiting.reading import Progress
from e2e_validator.waiting.waiter import Waiter

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
OWNER = rules.Whose(fakes.PROVIDER, "s", "cluster-s", NAMES)
TOLD = Declared(
    "cluster-s", "5.4.4", certified=False, daily_reports=True, channel="stable", exported=NOVEMBER, month=NOVEMBER
)
PROVIDER = ProviderRow("s", "OCP", active=True, paused=False, setup_complete=True, created=fakes.at(-9))
COPY = CopyRow("s", "OCP", fakes.PROVIDER)
PERIOD = PeriodRow("cluster-s", "s", NOVEMBER, DECEMBER, fakes.at(4), fakes.at(4), fakes.at(6))
FILE = FileRow("uuid-1_a.csv", 1, None, fakes.at(1), fakes.at(2))


def the_manifest(**change: Any) -> ManifestRow:
    fields: dict[str, Any] = {
        "id": 10,
        "uuid": "uuid-1",
        "month": NOVEMBER,
        "files": 1,
        "exported": NOVEMBER,
        "created": fakes.at(0),
        "completed": fakes.at(7),
        "state": fakes.whole_state(),
        "reports": (FILE,),
    }
    own = {
        "cluster_id": "cluster-s",
        "operator_version": "5.4.4",
        "operator_certified": False,
        "operator_daily_reports": True,
        "cluster_channel": "stable",
    }
    fields["own"] = {name: change.pop(name, value) for name, value in own.items()}
    return ManifestRow(**fields | change)


def the_life(**change: Any) -> SourceLife:
    fields: dict[str, Any] = {
        "provider": PROVIDER,
        "copies": (COPY,),
        "periods": (PERIOD,),
        "manifests": (the_manifest(),),
        "named": (NamedRows("a_table", "cluster-s", "s", 4),),
    }
    return SourceLife(**fields | change)


def test_a_source_that_is_as_it_must_be_breaks_no_rule() -> None:
    assert [*rules.provider(PROVIDER, OWNER), *rules.set_up(PROVIDER), *rules.tenant_copy([COPY], OWNER)] == []
    assert [*recorded(the_manifest(), TOLD), *rules.files(the_manifest())] == []
    assert [one for name in rules.STEPS for one in rules.step(the_manifest(), name)] == []
    assert [*rules.period([PERIOD], NOVEMBER, OWNER), *rules.named(the_life(), OWNER)] == []
    assert [*rules.summarised_after_files(the_manifest())] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "other"}, "api_provider.name is 'other', must be 's'"),
        ({"type": "AWS"}, "api_provider.type is 'AWS', must be 'OCP'"),
        ({"active": False}, "api_provider.active is false"),
        ({"active": None}, "api_provider.active is NULL"),
        ({"paused": True}, "api_provider.paused is true"),
        ({"created": None}, "api_provider.created_timestamp is NULL"),
    ],
)
def test_a_provider_that_is_not_what_was_asked_for(change: dict[str, Any], says: str) -> None:
    (wrong,) = rules.provider(replace(PROVIDER, **change), OWNER)
    assert wrong.startswith(says)


def test_a_provider_that_is_gone() -> None:
    assert [*rules.provider(None, OWNER)] == ["api_provider: the provider's row is gone"]


@pytest.mark.parametrize("value", [False, None])
def test_a_provider_that_is_not_set_up_after_a_file(value: bool | None) -> None:
    (wrong,) = rules.set_up(replace(PROVIDER, setup_complete=value))
    assert "setup_complete" in wrong


@pytest.mark.parametrize(
    ("copies", "says"),
    [
        ((), "has 0 rows"),
        ((COPY, COPY), "has 2 rows"),
        ((replace(COPY, name="someone"),), "reporting_tenant_api_provider.name is 'someone', must be 's'"),
        ((replace(COPY, type="AWS"),), "reporting_tenant_api_provider.type is 'AWS', must be 'OCP'"),
        ((replace(COPY, provider="p"),), "reporting_tenant_api_provider.provider_id is 'p'"),
    ],
)
def test_a_copy_that_is_not_that_of_the_provider(copies: tuple[CopyRow, ...], says: str) -> None:
    (wrong,) = rules.tenant_copy(copies, OWNER)
    assert says in wrong


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cluster_id": "other"}, "manifest.cluster_id is 'other', must be 'cluster-s'"),
        ({"cluster_id": None}, "manifest.cluster_id is NULL"),
        ({"month": DECEMBER}, "manifest.billing_period_start_datetime is 2026-12-01"),
        ({"month": None}, "manifest.billing_period_start_datetime is NULL"),
        ({"operator_version": "other"}, "manifest.operator_version is 'other', must be '5.4.4'"),
        ({"operator_certified": True}, "manifest.operator_certified is true, must be false"),
        ({"operator_daily_reports": False}, "manifest.operator_daily_reports is false, must be true"),
        ({"cluster_channel": None}, "manifest.cluster_channel is NULL, must be 'stable'"),
        ({"exported": DECEMBER}, "manifest.export_datetime is 2026-12-01"),
        ({"created": None}, "manifest.creation_datetime is NULL"),
    ],
)
def test_a_manifest_that_does_not_say_what_its_payload_says(change: dict[str, Any], says: str) -> None:
    (wrong,) = recorded(the_manifest(**change), TOLD)
    assert wrong.startswith(says)


@pytest.mark.parametrize("name", rules.STEPS)
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"end": 2}, "has no start"),
        ({"start": 1}, "has no end"),
        ({"start": 3, "end": 2}, "is later than"),
        ({"start": -1, "end": 2}, "manifest.creation_datetime"),
        ({}, "has no start"),
    ],
)
def test_a_step_without_its_words_or_in_the_wrong_order(name: str, words: dict[str, float], says: str) -> None:
    state = fakes.whole_state(**{name: fakes.step(**words)})
    wrong = [*rules.step(the_manifest(state=state), name)]
    assert says in wrong[0]
    assert f"state.{name}" in wrong[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"started": None}, "report status of a.csv: started_datetime is NULL"),
        ({"started": fakes.at(3)}, "started_datetime of a.csv 2026-11-21 12:00:03+00:00 is later than"),
        ({"completed": fakes.at(-1), "started": fakes.at(-2)}, "manifest.creation_datetime"),
        ({"completed": None}, "report status of a.csv: completed_datetime is NULL"),
        ({"status": 4}, "0 files are DONE and completed, manifest.num_total_files is 1"),
    ],
)
def test_a_file_without_its_times_or_in_the_wrong_order(change: dict[str, Any], says: str) -> None:
    assert says in next(iter(rules.files(the_manifest(reports=(replace(FILE, **change),)))))


def test_an_empty_file_is_never_started() -> None:
    never = the_manifest(reports=(replace(FILE, started=None),))
    assert [*rules.files(never, frozenset({FILE.name}))] == []
    assert [*rules.files(never, frozenset({"other.csv"}))] != []


def test_fewer_files_than_the_manifest_counts() -> None:
    (wrong,) = rules.files(the_manifest(files=2))
    assert wrong == "1 files are DONE and completed, manifest.num_total_files is 2"


@pytest.mark.parametrize(("seconds", "count"), [(3.9, 0), (4.1, 1)])
def test_a_summary_that_began_before_its_files_were_done(seconds: float, count: int) -> None:
    """The summary of the picture begins at 3 s; two machines' clocks may differ by one."""
    late = the_manifest(reports=(replace(FILE, completed=fakes.at(seconds)),))
    assert len([*rules.summarised_after_files(late)]) == count


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": NOVEMBER + timedelta(days=1)}, "report_period_start is 2026-11-02"),
        ({"end": DECEMBER - timedelta(days=1)}, "report_period_end is 2026-11-30"),
        ({"end": None}, "report_period_end is NULL"),
        ({"key": "x"}, "cluster_id is 'x'"),
        ({"alias": "x"}, "cluster_alias is 'x'"),
        ({"first_summarised": None}, "summary_data_creation_datetime is NULL"),
        ({"first_summarised": fakes.at(5)}, "summary_data_creation_datetime 2026-11-21 12:00:05+00:00 is later"),
        ({"start": DECEMBER}, "has 0 rows of 2026-11"),
    ],
)
def test_a_report_period_that_is_not_its_month(change: dict[str, Any], says: str) -> None:
    (wrong,) = rules.period([replace(PERIOD, **change)], NOVEMBER, OWNER)
    assert says in wrong


def test_two_report_periods_of_one_month() -> None:
    assert next(iter(rules.period([PERIOD, PERIOD], NOVEMBER, OWNER))).endswith("has 2 rows of 2026-11, not 1")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"named": (NamedRows("a_table", "cluster-s", "else", 3),)},
            "a_table.cluster_alias is 'else' in 3 rows of 's'",
        ),
        ({"named": (NamedRows("a_table", None, "s", 3),)}, "a_table.cluster_id is NULL in 3 rows of 'cluster-s'"),
        ({"strayed": 2}, "2 rows of the daily summary have a report period that is not that of their month"),
    ],
)
def test_rows_under_somebody_else_s_name(change: dict[str, Any], says: str) -> None:
    assert [*rules.named(the_life(**change), OWNER)] == [says]


COMMIT = "cdd836a19466190844727ff8f71730cd39dc28b7"


@pytest.mark.parametrize(
    ("version", "noted", "right"),
    [
        ("5.4.4", "5.4.4", True),
        ("5.4.4", "costmanagement-metrics-operator:4.4.2", False),
        (COMMIT, "costmanagement-metrics-operator:4.4.2", True),
        (COMMIT, "koku-metrics-operator:v4.4.1", True),
        (COMMIT, COMMIT, True),
        (COMMIT, "other", False),
        (COMMIT, None, False),
        ("", "", True),
        ("", "other", False),
    ],
)
def test_the_version_of_the_operator(version: str, noted: str | None, right: bool) -> None:
    assert replace(TOLD, version=version).is_version(noted) is right


def payload(folder: Path, **change: Any) -> Path:
    """A folder with a manifest.json, and one file of it."""
    told = {
        "cluster_id": "cluster-s",
        "uuid": "uuid-1",
        "version": "5.4.4",
        "date": "2026-11-01T00:00:00+00:00",
        "daily_reports": True,
        "cr_status": {"clusterVersion": "stable"},
    }
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(told | change))
    (folder / "uuid-1_a.csv").write_text("a,b\n1,2\n")
    return folder


def test_a_payload_tells_of_itself(tmp_path: Path) -> None:
    assert declared_by(payload(tmp_path / "a")) == TOLD
    later = declared_by(payload(tmp_path / "b", start="2026-12-03T05:00:00", date="nonsense", cr_status=None))
    assert (later.month, later.exported, later.channel) == (DECEMBER, None, None)


def test_a_payload_without_its_manifest_is_our_own_fault(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="manifest cannot be read"):
        declared_by(tmp_path)


def phase_at(tmp_path: Path, *lives: SourceLife) -> Any:
    """A phase that sees these lives one after the other, on a clock of its own."""
    context = fakes.context(tmp_path, "manifest", shows=fakes.source_state())
    context.state.source = {"id": "1", "uuid": fakes.PROVIDER, "name": "s", "key": "cluster-s"}
    context.state.payloads[0].payload_folder = str(payload(tmp_path / "payload"))
    fakes.database(context).lives[:] = lives
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def waiter(*, limit_seconds: float, **_: Any) -> Waiter:
        return Waiter(limit_seconds, clock=lambda: now[0], sleep=sleep)

    context.waiter = waiter  # type: ignore[method-assign, assignment]
    return context


def test_a_life_without_fault_passes_every_stage(tmp_path: Path) -> None:
    context = phase_at(tmp_path, the_life())
    for stage in (
        looking.after_source,
        looking.after_download,
        looking.after_conversion,
        looking.after_summary,
        looking.after_completion,
    ):
        looking.check(context, stage)


def test_what_comes_a_moment_later_is_not_wrong(tmp_path: Path) -> None:
    half = the_life(provider=replace(PROVIDER, setup_complete=False))
    looking.check(phase_at(tmp_path, half, half, the_life()), looking.after_conversion)


def test_what_stays_wrong_is_said_in_full(tmp_path: Path) -> None:
    wrong = the_life(provider=replace(PROVIDER, active=False), copies=())
    with pytest.raises(WrongLife, match="active is false") as caught:
        looking.check(phase_at(tmp_path, wrong), looking.after_source)
    assert "reporting_tenant_api_provider has 0 rows" in caught.value.detail


@pytest.mark.parametrize(
    ("life", "stage", "says"),
    [
        (the_life(manifests=()), looking.after_download, "there is no manifest uuid-1"),
        (the_life(manifests=(the_manifest(operator_version="x"),)), looking.after_download, "operator_version"),
        (the_life(manifests=(the_manifest(state={}),)), looking.after_download, "state.download"),
        (the_life(provider=replace(PROVIDER, setup_complete=False)), looking.after_conversion, "setup_complete"),
        (
            the_life(manifests=(the_manifest(state=fakes.whole_state(processing={})),)),
            looking.after_conversion,
            "state.processing",
        ),
        (
            the_life(manifests=(the_manifest(reports=(replace(FILE, started=None),)),)),
            looking.after_conversion,
            "started_datetime",
        ),
        (the_life(periods=()), looking.after_summary, "reporting_ocpusagereportperiod"),
        (the_life(strayed=1), looking.after_summary, "report period"),
        (
            the_life(manifests=(the_manifest(state=fakes.whole_state(summary=fakes.step(end=5))),)),
            looking.after_summary,
            "state.summary",
        ),
        (the_life(manifests=(the_manifest(completed=None),)), looking.after_completion, "completed_datetime is NULL"),
    ],
)
def test_each_stage_looks_at_what_is_its_own(tmp_path: Path, life: SourceLife, stage: Any, says: str) -> None:
    with pytest.raises(WrongLife, match=says):
        looking.check(phase_at(tmp_path, life), stage)


EARLY = fakes.manifest(completed=fakes.at(5.5))


@pytest.mark.parametrize(
    ("phase", "state", "says"),
    [
        (cost, fakes.source_state(EARLY, periods=(fakes.period(costed=None),)), "before its costs"),
        (manifest, fakes.source_state(EARLY, periods=(fakes.period(costed=4.5),)), "before its costs"),
        (
            summary,
            fakes.source_state(fakes.manifest(state=fakes.whole_state(summary=fakes.step(start=3)))),
            "before its summary has ended",
        ),
        (summary, fakes.source_state(fakes.manifest(reports=(fakes.file("PROCESSING"),))), "before its files are done"),
    ],
)
def test_a_manifest_that_is_complete_too_early_is_seen_at_once(
    tmp_path: Path, phase: Any, state: Any, says: str
) -> None:
    the_context = fakes.context(tmp_path, phase.__name__.rpartition(".")[2], shows=state)
    reading = unless_early(phase.look)(the_context)
    assert reading.progress is Progress.DEAD
    assert says in reading.reason


def test_a_payload_over_two_months_completes_after_each(tmp_path: Path) -> None:
    """Its summary begins anew for the second month when the first is complete (docs/contract/koku.md 1.5)."""
    state = fakes.source_state(fakes.manifest(state=fakes.whole_state(summary=fakes.step(start=3))))
    context = fakes.context(tmp_path, "summary", shows=state)
    context.sent.months = ["2026-11", "2026-12"]
    assert unless_early(summary.look)(context).progress is Progress.PENDING
