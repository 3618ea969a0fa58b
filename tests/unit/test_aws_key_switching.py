"""Before the data come every key is as the scenario says; what stands against that is said, and nothing is left so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from phase_context import PROVIDER, context, file, manifest, sent, source_state
from phase_prices import TagKeys

from e2e_validator.access.source_state import SourceState
from e2e_validator.engine import left, tag_keys
from e2e_validator.engine.claims import hold_scenario
from e2e_validator.engine.context import Context
from e2e_validator.engine.tag_keys import DISABLED, ENABLED
from e2e_validator.errors import Blocked, PhaseFailed, PhaseTimeout
from e2e_validator.phases import cleanup
from e2e_validator.providers.aws import key_introduction, key_switching
from e2e_validator.providers.aws.cost_file.reading import lines_of
from e2e_validator.providers.aws.key_switching import settle_keys
from e2e_validator.providers.aws.made import control_package
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.scenario.source_type import DataKeys
from e2e_validator.waiting.reading import Progress

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "aws" / "aws_tag_keys_disabled.yaml"
TODAY = date(2026, 11, 21)


class Settings(TagKeys):
    """Keys of which new ones are enabled; ``unread`` are those that Koku has not read yet."""

    def __init__(self, *enabled: str, unread: tuple[str, ...] = (), stuck: tuple[str, ...] = ()) -> None:
        super().__init__(set(enabled) | set(unread), frozenset(stuck))
        self.unread = set(unread)

    def unknown_tags(self, keys: Any) -> list[str]:
        return sorted(set(keys) & self.unread)


def prepared(folder: Path, settings: Settings, keys: DataKeys) -> Context:
    the_context = context(folder, "source")
    cast("Any", the_context.clients).tags = settings
    the_context.loaded = replace(the_context.loaded, keys=keys)
    return the_context


def keys_left(the_context: Context) -> list[str]:
    """What is said of tag keys when the target could not be looked at any more."""
    items = left.may_be_left(the_context.state, the_context.target).items
    return [item.command for item in items if item.what.startswith("tag key")]


BOTH = DataKeys(enabled=("tag:stage",), disabled=("tag:owner",))


def test_keys_are_enabled_and_disabled_and_given_back(tmp_path: Path) -> None:
    settings = Settings("tag:owner")
    the_context = prepared(tmp_path, settings, BOTH)
    assert settle_keys(the_context) == ["1 key enabled", "1 key disabled"]
    assert settings.enabled == {"tag:stage"}
    state = the_context.state
    assert (state.enabled_tags, state.disabled_tags, state.kept_tags) == (["tag:stage"], ["tag:owner"], [])
    assert [command.split(" it ")[0] for command in keys_left(the_context)] == ["disable", "enable"]
    assert cleanup._give_tag_keys_back(the_context) == ()
    assert settings.enabled == {"tag:owner"}


def test_a_disabled_key_is_said_to_be_left_until_it_is_not(tmp_path: Path) -> None:
    settings = Settings("tag:owner", "tag:stage")
    the_context = prepared(tmp_path, settings, BOTH)
    settle_keys(the_context)
    settings.stuck = frozenset({"tag:owner"})
    with pytest.raises(Exception, match="the tag keys tag:owner are still disabled") as told:
        cleanup._give_tag_keys_back(the_context)
    assert cast("Any", told.value).detail == "enable tag:owner"


def test_a_key_that_koku_has_not_read_is_made_known_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Koku would enable it as it reads it, and summarise at once (docs/contract/clouds.md 11)."""
    settings = Settings(unread=("tag:owner", "tag:stage"))
    asked: list[list[str]] = []

    def introduce(_context: Context, keys: Any) -> str:
        asked.append(list(keys))
        settings.unread -= set(keys)
        return "made known"

    monkeypatch.setattr(key_switching, "introduce", introduce)
    the_context = prepared(tmp_path, settings, BOTH)
    assert settle_keys(the_context) == ["made known", "1 key enabled", "1 key disabled"]
    assert asked == [["tag:owner"]]
    assert "tag:owner" not in settings.enabled


def test_a_key_that_stays_enabled_fails_the_phase(tmp_path: Path) -> None:
    the_context = prepared(tmp_path, Settings("tag:owner", "tag:stage", stuck=("tag:owner",)), BOTH)
    with pytest.raises(PhaseFailed, match="the keys tag:owner are still not disabled"):
        settle_keys(the_context)
    assert the_context.state.disabled_tags == ["tag:owner"]


def test_keys_of_which_nothing_is_said_are_left_alone(tmp_path: Path) -> None:
    settings = Settings("tag:owner")
    the_context = prepared(tmp_path, settings, DataKeys(kept=("tag:owner",)))
    assert settle_keys(the_context) == []
    assert keys_left(the_context) == []
    assert cleanup._give_tag_keys_back(the_context) == ()
    assert settings.enabled == {"tag:owner"}


def test_a_key_that_the_organisation_has_disabled_blocks(tmp_path: Path) -> None:
    """Its tags would be cut: the summary would differ, and the product would be blamed."""
    the_context = prepared(tmp_path, Settings(), DataKeys(kept=("tag:owner",)))
    with pytest.raises(Blocked, match="The organisation has the keys tag:owner disabled, and the scenario does"):
        settle_keys(the_context)


def test_a_key_that_others_need_otherwise_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    the_context = prepared(tmp_path, Settings("tag:owner", "tag:stage"), BOTH)
    other = {"tag:owner": {"ours": False, "scenarios": ["plain"]}}
    (the_context.run.folder / ENABLED.file).write_text(json.dumps(other), encoding="utf-8")
    cast("Any", the_context.plan.limits)["source"] = 0.01
    with pytest.raises(Blocked, match="The key tag:owner is needed otherwise by the scenario plain, which needs it"):
        settle_keys(the_context)
    monkeypatch.setattr(tag_keys, "enable_all", lambda *_args: [["never"], []])
    with pytest.raises(PhaseFailed):
        settle_keys(the_context)


def test_what_cannot_be_asked_for_in_time_is_no_one_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: Any) -> list[list[str]]:
        raise PhaseTimeout("nothing answered")

    monkeypatch.setattr(tag_keys, "enable_all", gone)
    with pytest.raises(PhaseTimeout):
        settle_keys(prepared(tmp_path, Settings(), BOTH))


def test_a_new_process_claims_the_keys_again(tmp_path: Path) -> None:
    settings = Settings("tag:owner", "tag:stage", "tag:kept")
    the_context = prepared(tmp_path, settings, replace(BOTH, kept=("tag:kept",)))
    settle_keys(the_context)
    the_context.clients.claims.close()
    settings.enabled.add("tag:owner")
    hold_scenario(the_context)
    assert settings.enabled == {"tag:stage", "tag:kept"}
    assert the_context.clients.claims.held(["tag key tag:kept of org1234567 is needed"])
    the_context.clients.claims.close()
    other = {"tag:owner": {"ours": False, "scenarios": ["plain"]}}
    (the_context.run.folder / ENABLED.file).write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(Blocked, match="While no process of this run held it, the key tag:owner is needed otherwise"):
        hold_scenario(the_context)
    assert DISABLED.other is ENABLED


def through(**change: Any) -> SourceState:
    return source_state(manifest(uuid="uuid-w", **change))


@pytest.mark.parametrize(
    ("shows", "unread", "progress", "seen"),
    [
        (through(), (), Progress.DONE, "known"),
        (through(), ("tag:owner",), Progress.PENDING, "not known yet: tag:owner"),
        (through(completed=None), (), Progress.PENDING, "known; its manifest is not completed yet"),
        (source_state(manifest(uuid="another")), (), Progress.PENDING, "no manifest row yet"),
        (through(reports=(file("FAILED"),)), (), Progress.DEAD, "a file of it FAILED"),
    ],
)
def test_a_key_is_known_once_koku_is_through_with_its_bill(
    tmp_path: Path, shows: SourceState, unread: tuple[str, ...], progress: Progress, seen: str
) -> None:
    the_context: Any = context(tmp_path, "source", shows=shows)
    the_context.clients.tags = Settings(unread=unread)
    found = key_introduction.look(the_context, PROVIDER, sent(control=True), ["tag:owner"])
    assert (found.progress, found.seen) == (progress, seen)


def test_the_bill_that_makes_keys_known_has_a_value_of_each(tmp_path: Path) -> None:
    loaded = load_scenario(SCENARIO, fixtures=ROOT / "fixtures", today=TODAY)
    keys = ["tag:e2e_owner", "category:Cost, Center"]
    made = control_package(plan(loaded, today=TODAY), tmp_path, key="e2e-x", token="00000000", today=TODAY, keys=keys)
    (path,) = made.folder.rglob("*.csv.gz")
    (row, *_) = [line.cells for line in lines_of(path)]
    assert (row["resourceTags/user:e2e_owner"], row["costCategory/Cost, Center"]) == ("x", "x")
