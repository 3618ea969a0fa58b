"""Tag keys are enabled by masu where it offers that, else by the API, which knows only what Koku has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from e2e_validator.access.http import Refused
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.tag_switch import ByApi, ByKinds, ByMasu, switch_of
from e2e_validator.errors import Blocked
from e2e_validator.providers.aws.names import NAMES as AWS_NAMES
from e2e_validator.providers.ocp.names import NAMES

URL = "https://api.example/api/cost-management/v1/"


class Settings:
    """The organisation's keys as the API shows them."""

    def __init__(self, *, refuses: int = 0, **keys: bool) -> None:
        self.keys, self.refuses = keys, refuses
        self.asked: list[tuple[list[str], bool]] = []

    def tag_settings(self, source_type: str) -> list[dict[str, Any]]:
        assert source_type == "OCP"
        return [{"key": key, "uuid": f"uuid-{key}", "enabled": enabled} for key, enabled in self.keys.items()]

    def switch_tags(self, uuids: Sequence[str], *, enable: bool) -> None:
        if self.refuses:
            raise Refused(f"the Koku API answered {self.refuses}", self.refuses, '{"error": "The maximum is 200."}')
        self.asked.append((list(uuids), enable))
        self.keys |= {uuid.removeprefix("uuid-"): enable for uuid in uuids}


def switch(settings: Settings) -> ByApi:
    return ByApi(cast("KokuApi", settings), URL, "OCP")


def test_known_keys_are_enabled_and_disabled_by_their_uuids() -> None:
    settings = Settings(app=True, team=False)
    by_api = switch(settings)
    assert by_api.enabled_tags() == ["app"]
    by_api.change_tags("create", ["team", "never_seen"])
    by_api.change_tags("delete", ["app"])
    assert settings.asked == [(["uuid-team"], True), (["uuid-app"], False)]
    assert by_api.enabled_tags() == ["team"]


def test_an_unread_key_is_unknown_and_nothing_is_asked_for_it() -> None:
    settings = Settings(app=False)
    assert switch(settings).unknown_tags(["team", "app"]) == ["team"]
    switch(settings).change_tags("create", ["team"])
    assert settings.asked == []


def test_a_reached_limit_blocks_and_all_else_is_a_refusal() -> None:
    with pytest.raises(
        Blocked, match=r"Koku refuses to enable app: .*The maximum is 200.*; disable keys that are not needed"
    ):
        switch(Settings(app=False, refuses=412)).change_tags("create", ["app"])
    with pytest.raises(Refused):
        switch(Settings(app=False, refuses=403)).change_tags("create", ["app"])


def test_the_command_that_disables_a_key_names_its_uuid() -> None:
    command = switch(Settings(app=True)).command("delete", "app")
    assert f"curl -X PUT '{URL}settings/tags/disable/'" in command
    assert '{"ids": ["uuid-app"]}' in command


class MasuOf:
    def __init__(self, *, offers: bool) -> None:
        self.offers = offers

    def can_enable_tags(self) -> bool:
        return self.offers

    def switch_command(self, source_type: str, action: str, key: str) -> str:
        return f"{action} {source_type} {key}"


def test_masu_enables_them_where_it_offers_that() -> None:
    masu, koku = cast("Masu", MasuOf(offers=True)), cast("KokuApi", Settings())
    switch = switch_of(koku, masu, URL, NAMES)
    assert isinstance(switch, ByMasu)
    assert (switch.unknown_tags(["never_seen"]), switch.command("delete", "app")) == ([], "delete OCP app")
    assert isinstance(switch_of(koku, cast("Masu", MasuOf(offers=False)), URL, NAMES), ByApi)


class Lists:
    """The settings of an organisation: keys by list, as (key, source type, enabled)."""

    def __init__(self, *, refuses: int = 0) -> None:
        self.refuses = refuses
        self.lists: dict[str, list[dict[str, Any]]] = {
            "settings/tags/": [
                {"key": key, "uuid": f"{kind}-{key}", "enabled": on, "source_type": kind}
                for key, kind, on in (("app", "AWS", True), ("owner", "AWS", False), ("owner", "OCP", True))
            ],
            "settings/aws_category_keys/": [{"key": "app", "uuid": "category-app", "enabled": False}],
        }
        self.asked: list[tuple[str, list[str], bool]] = []
        self.read: list[str] = []

    def key_settings(self, path: str) -> list[dict[str, Any]]:
        self.read.append(path)
        return self.lists[path]

    def switch_keys(self, path: str, uuids: Sequence[str], *, enable: bool) -> None:
        if self.refuses:
            raise Refused("refused", self.refuses, "The maximum is 200.")
        self.asked.append((path, list(uuids), enable))


def kinds(lists: Lists) -> ByKinds:
    found = switch_of(cast("KokuApi", lists), cast("Masu", MasuOf(offers=True)), URL, AWS_NAMES)
    assert isinstance(found, ByKinds)
    return found


def test_new_keys_count_as_enabled_where_koku_enables_them() -> None:
    lists = Lists()
    by_kinds = kinds(lists)
    keys = ["tag:app", "tag:owner", "tag:new", "category:app"]
    assert by_kinds.enabled_among(keys) == {"tag:app", "tag:new"}
    assert by_kinds.enabled_tags() == ["tag:app"]
    assert by_kinds.unknown_tags(["tag:new", "tag:owner", "category:new"]) == ["category:new", "tag:new"]
    lists.read.clear()
    by_kinds.enabled_among(["category:app"])
    assert lists.read == ["settings/aws_category_keys/"]


def test_keys_of_several_kinds_are_switched_each_in_its_list() -> None:
    lists = Lists()
    kinds(lists).change_tags("create", ["tag:owner", "category:app", "tag:new"])
    kinds(lists).change_tags("delete", ["tag:app"])
    assert lists.asked == [
        ("settings/tags/", ["AWS-owner"], True),
        ("settings/aws_category_keys/", ["category-app"], True),
        ("settings/tags/", ["AWS-app"], False),
    ]
    with pytest.raises(Blocked, match=r"Koku refuses to enable tag:owner: .*The maximum is 200"):
        kinds(Lists(refuses=412)).change_tags("create", ["tag:owner"])
    with pytest.raises(Refused):
        kinds(Lists(refuses=403)).change_tags("delete", ["tag:app"])


def test_the_command_that_enables_a_category_names_its_list() -> None:
    command = kinds(Lists()).command("create", "category:app")
    assert f"curl -X PUT '{URL}settings/aws_category_keys/enable/'" in command
    assert '{"ids": ["category-app"]}' in command
