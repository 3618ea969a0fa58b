"""Tag keys that scenarios share: enabled by the first, disabled by the last, left alone when enabled before."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from e2e_validator.access.http import Unreachable
from e2e_validator.access.masu import Masu
from e2e_validator.phases.run import Run
from e2e_validator.phases.tag_keys import enable, release


class FakeMasu:
    """The keys of an organisation; ``stuck`` ones can neither be enabled nor disabled."""

    def __init__(self, *enabled: str, stuck: tuple[str, ...] = ()) -> None:
        self.enabled, self.stuck, self.gone = set(enabled), set(stuck), False

    def enabled_tags(self) -> list[str]:
        return sorted(self.enabled)

    def change_tags(self, action: str, keys: list[str]) -> None:
        if self.gone:
            raise Unreachable("masu did not answer")
        changed = set(keys) - self.stuck
        self.enabled = self.enabled | changed if action == "create" else self.enabled - changed


def masu(*enabled: str, **more: Any) -> Any:
    return cast("Masu", FakeMasu(*enabled, **more))


def test_a_key_is_disabled_by_the_last_scenario_that_needs_it(tmp_path: Path) -> None:
    run, there = Run("run-1", tmp_path), masu()
    assert enable(run, there, "first", ["environment"]) == []
    assert enable(run, there, "second", ["environment", "app"]) == []
    assert release(run, there, "first", ["environment"]) == []
    assert there.enabled == {"environment", "app"}
    assert release(run, there, "second", ["environment", "app"]) == []
    assert there.enabled == set()


def test_a_key_that_was_enabled_before_the_run_stays_enabled(tmp_path: Path) -> None:
    run, there = Run("run-1", tmp_path), masu("environment")
    for scenario in ("first", "second"):
        enable(run, there, scenario, ["environment"])
    for scenario in ("first", "second"):
        assert release(run, there, scenario, ["environment"]) == []
    assert there.enabled == {"environment"}


def test_a_key_that_somebody_disabled_meanwhile_is_enabled_again(tmp_path: Path) -> None:
    run, there = Run("run-1", tmp_path), masu()
    enable(run, there, "first", ["environment"])
    there.enabled.clear()
    assert enable(run, there, "second", ["environment"]) == []
    assert there.enabled == {"environment"}


@pytest.mark.parametrize("again", [1, 2])
def test_a_key_is_released_once_however_often_it_is_asked_for(tmp_path: Path, again: int) -> None:
    run, there = Run("run-1", tmp_path), masu()
    enable(run, there, "first", ["environment"])
    for _ in range(again):
        assert release(run, there, "first", ["environment"]) == []
    assert there.enabled == set()


def test_keys_that_masu_does_not_change_are_told(tmp_path: Path) -> None:
    run, there = Run("run-1", tmp_path), masu(stuck=("app",))
    assert enable(run, there, "first", ["environment", "app"]) == ["app"]
    there.stuck, there.enabled = {"environment"}, {"environment"}
    assert release(run, there, "first", ["environment", "app"]) == ["environment"]


def test_a_masu_that_was_gone_is_asked_again(tmp_path: Path) -> None:
    run, there = Run("run-1", tmp_path), masu()
    enable(run, there, "first", ["environment"])
    there.gone = True
    with pytest.raises(Unreachable):
        release(run, there, "first", ["environment"])
    there.gone = False
    assert release(run, there, "first", ["environment"]) == []
    assert there.enabled == set()
