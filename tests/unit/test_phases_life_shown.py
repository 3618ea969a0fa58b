"""What ``sources/`` says of a source, and what the bucket for resource optimisation holds of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import phase_context as fakes
import pytest
from test_phases_life import the_life, the_manifest

from e2e_validator.errors import WrongLife
from e2e_validator.life.shown import shown
from e2e_validator.providers.ocp import ros

TODAY = date(2026, 11, 21)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def said(**change: Any) -> dict[str, Any]:
    """A source as the API shows it, whose only payload of this month went through."""
    state = fakes.whole_state()
    status = {
        name: {"start": words["start"], "end": words["end"], "state": "complete"} for name, words in state.items()
    }
    fields = {
        "source_type": "OCP",
        "provider_linked": True,
        "active": True,
        "paused": False,
        "has_data": True,
        "current_month_data": True,
        "previous_month_data": False,
        "cost_models": [],
        "status": status,
    }
    return fields | change


def wrong(source: dict[str, Any] | None, *, cost_model: str | None = None, **change: Any) -> list[str]:
    return list(shown(source, the_life(**change), TODAY, source_type="OCP", cost_model=cost_model))


def test_a_source_that_is_shown_as_its_rows_are_is_right() -> None:
    assert wrong(said()) == []
    assert wrong(said(cost_models=[{"uuid": "m"}]), cost_model="m") == []


def test_a_source_of_last_month_is_shown_as_such() -> None:
    life: dict[str, Any] = {"manifests": (the_manifest(month=OCTOBER),)}
    assert wrong(said(current_month_data=False, previous_month_data=True), **life) == []
    assert wrong(said(), **life) == [
        "sources/: current_month_data is True, must be False",
        "sources/: previous_month_data is False, must be True",
    ]


def test_of_older_months_there_is_no_status() -> None:
    old: dict[str, Any] = {"manifests": (the_manifest(month=datetime(2026, 8, 1, tzinfo=UTC)),)}
    assert wrong(said(current_month_data=False, status=None), **old) == []
    (found,) = wrong(said(current_month_data=False), **old)
    assert found.startswith("sources/: status is {")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"active": False}, "sources/: active is False, must be True"),
        ({"paused": True}, "sources/: paused is True, must be False"),
        ({"provider_linked": False}, "sources/: provider_linked is False"),
        ({"has_data": False}, "sources/: has_data is False"),
        ({"source_type": "AWS"}, "sources/: source_type is 'AWS'"),
        ({"cost_models": [{"uuid": "x"}]}, "sources/: cost_models are x, must be none"),
        ({"status": None}, "sources/: status.download.state is None, the manifest says 'complete'"),
        (
            {"status": said()["status"] | {"summary": said()["status"]["summary"] | {"state": "in-progress"}}},
            "sources/: status.summary.state is 'in-progress', the manifest says 'complete'",
        ),
        (
            {"status": said()["status"] | {"summary": said()["status"]["summary"] | {"end": "2026"}}},
            "sources/: status.summary.end is 2026",
        ),
    ],
)
def test_what_is_shown_otherwise_is_named(change: dict[str, Any], says: str) -> None:
    assert wrong(said(**change))[0].startswith(says)


def test_a_source_that_is_not_listed_is_named() -> None:
    assert wrong(None) == ["sources/ does not list the source"]


def test_the_latest_manifest_is_the_one_that_is_told_of() -> None:
    first = the_manifest(state=fakes.whole_state(summary=fakes.step(start=3, end=4)))
    last = replace(the_manifest(), id=11, uuid="uuid-2", created=fakes.at(0.5))
    assert wrong(said(), manifests=(first, last)) == []
    assert wrong(said(), manifests=(replace(first, created=fakes.at(1)), last)) != []


@pytest.mark.parametrize(
    ("named", "there", "says"),
    [
        ([], [], ""),
        (["ros.csv"], ["ros.csv"], ""),
        ([], ["a.csv"], "1 files of the source, its payloads name 0: a.csv"),
        (["ros.csv"], [], "0 files of the source, its payloads name 1: ros.csv"),
    ],
)
def test_the_bucket_holds_what_the_payloads_name(tmp_path: Path, named: list[str], there: list[str], says: str) -> None:
    context = fakes.context(tmp_path, "convert")
    folder = tmp_path / "payload"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"resource_optimization_files": named}))
    for name in named:
        (folder / name).touch()
    context.state.payloads[0].payload_folder = str(folder)
    objects = fakes.objects(context)
    objects.ros = "ros-data"
    prefix = f"{context.target.schema_name}/source={fakes.PROVIDER}/"
    objects.stored = {("ros-data", f"{prefix}date=2026-11-21/{name}"): b"" for name in there}
    if says:
        with pytest.raises(WrongLife, match=says):
            ros.check(context)
    else:
        ros.check(context)


def test_a_target_without_that_bucket_is_not_asked(tmp_path: Path) -> None:
    ros.check(fakes.context(tmp_path, "convert"))
