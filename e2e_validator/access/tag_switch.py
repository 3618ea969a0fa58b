"""What enables and disables the tag keys of an organisation: masu where it offers that, else the API (5.1, 5.5).

masu takes a key that Koku has never seen; in production it does not offer that, and the API has only keys that stood
in a file which Koku has read (docs/contract/koku.md 3.5). Of some source types Koku enables every new key by itself;
of those the API alone is asked (docs/contract/clouds.md 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from e2e_validator.access.http import Refused
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.source_names import KeyKind, SourceNames
from e2e_validator.errors import Blocked

_LIMIT_REACHED = 412


class TagSwitch(Protocol):
    """Enables and disables the tag keys of one source type for the organisation."""

    title: str

    def enabled_tags(self) -> list[str]:
        """The keys that are enabled."""

    def enabled_among(self, keys: Sequence[str]) -> set[str]:
        """Those of ``keys`` that a file with them would show: enabled, or new and enabled once they are read."""

    def change_tags(self, action: str, keys: Sequence[str]) -> None:
        """Enable (``create``) or disable (``delete``) keys; those that it does not know stay as they are."""

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:
        """Those of ``keys`` that it cannot switch yet."""

    def command(self, action: str, key: str) -> str:
        """What a user types to enable (``create``) or disable (``delete``) a key."""


class ByApi:
    """The settings of the public API: what a user has, in production too."""

    title = "the Koku API"

    def __init__(self, koku: KokuApi, url: str, source_type: str) -> None:
        """``url`` is the API's, for commands."""
        self._koku = koku
        self._type = source_type
        self._url = url

    def enabled_tags(self) -> list[str]:
        """The keys that are enabled."""
        return sorted(key for key, entry in self._known().items() if entry["enabled"] is True)

    def enabled_among(self, keys: Sequence[str]) -> set[str]:
        """Those that are enabled."""
        return set(keys) & set(self.enabled_tags())

    def change_tags(self, action: str, keys: Sequence[str]) -> None:
        """Enable or disable keys by their uuids.

        Raises:
            Blocked: Koku allows no more keys to be enabled.
        """
        known = self._known()
        ids = [str(known[key]["uuid"]) for key in keys if key in known]
        if not ids:
            return
        try:
            self._koku.switch_tags(ids, enable=action == "create")
        except Refused as refusal:
            if refusal.status != _LIMIT_REACHED:
                raise
            raise _limit_reached(refusal, action, keys) from refusal

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:
        """Those that the settings do not list."""
        return sorted(set(keys) - set(self._known()))

    def command(self, action: str, key: str) -> str:
        """A request that needs the organisation's identity header or a token, which is not shown."""
        return _request(self._url, "settings/tags/", action, self._known().get(key))

    def _known(self) -> Mapping[str, Mapping[str, object]]:
        return {str(entry["key"]): entry for entry in self._koku.tag_settings(self._type)}


class ByMasu:
    """Masu, which takes a key that Koku has never seen."""

    title = "masu"

    def __init__(self, masu: Masu, source_type: str) -> None:
        """Nothing is asked yet."""
        self._masu = masu
        self._type = source_type

    def enabled_tags(self) -> list[str]:
        """The keys that are enabled."""
        return self._masu.enabled_tags(self._type)

    def enabled_among(self, keys: Sequence[str]) -> set[str]:
        """Those that are enabled."""
        return set(keys) & set(self.enabled_tags())

    def change_tags(self, action: str, keys: Sequence[str]) -> None:
        """Enable or disable keys."""
        self._masu.change_tags(self._type, action, keys)

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:  # noqa: ARG002 - masu takes every key
        """None of them."""
        return []

    def command(self, action: str, key: str) -> str:
        """A request to masu."""
        return self._masu.switch_command(self._type, action, key)


class ByKinds:
    """The settings of the public API for keys that Koku enables when it first reads them; each with its kind before it.

    A key that is not known yet counts as enabled, and cannot be disabled before a file with it was read.
    """

    title = "the Koku API"

    def __init__(self, koku: KokuApi, url: str, names: SourceNames) -> None:
        """``url`` is the API's, for commands."""
        self._koku = koku
        self._url = url
        self._names = names

    def enabled_tags(self) -> list[str]:
        """The keys that are known and enabled."""
        return sorted(key for key, entry in self._known().items() if entry["enabled"] is True)

    def enabled_among(self, keys: Sequence[str]) -> set[str]:
        """All but those that are known and disabled."""
        known = self._known(keys)
        return {key for key in keys if key not in known or known[key]["enabled"] is True}

    def change_tags(self, action: str, keys: Sequence[str]) -> None:
        """Enable or disable keys by their uuids.

        Raises:
            Blocked: Koku allows no more keys to be enabled.
        """
        known = self._known(keys)
        for kind in self._names.switched:
            ids = [str(known[key]["uuid"]) for key in keys if key in known and key.startswith(kind.prefix)]
            if not ids:
                continue
            try:
                self._koku.switch_keys(kind.settings, ids, enable=action == "create")
            except Refused as refusal:
                if refusal.status != _LIMIT_REACHED:
                    raise
                raise _limit_reached(refusal, action, keys) from refusal

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:
        """Those that the settings do not list."""
        return sorted(set(keys) - set(self._known(keys)))

    def command(self, action: str, key: str) -> str:
        """A request that needs the organisation's identity header or a token, which is not shown."""
        kind = next(kind for kind in self._names.switched if key.startswith(kind.prefix))
        return _request(self._url, kind.settings, action, self._known([key]).get(key))

    def _known(self, keys: Sequence[str] | None = None) -> Mapping[str, Mapping[str, object]]:
        """Every known key of the kinds that ``keys`` have; None for all kinds."""
        return {
            f"{kind.prefix}{entry['key']}": entry
            for kind in self._names.switched
            if keys is None or any(key.startswith(kind.prefix) for key in keys)
            for entry in self._listed(kind)
        }

    def _listed(self, kind: KeyKind) -> Sequence[Mapping[str, object]]:
        found = self._koku.key_settings(kind.settings)
        return [entry for entry in found if not kind.listed_type or entry["source_type"] == self._names.type]


def switch_of(koku: KokuApi, masu: Masu, url: str, names: SourceNames) -> TagSwitch:
    """Masu if it offers ``enabled_tags/``, which it does not in production; ``url`` is the API's."""
    if names.switched:
        return ByKinds(koku, url, names)
    return ByMasu(masu, names.type) if masu.can_enable_tags() else ByApi(koku, url, names.type)


def _request(url: str, settings: str, action: str, entry: Mapping[str, object] | None) -> str:
    body = f'{{"ids": ["{entry["uuid"] if entry else "UUID"}"]}}'
    return (
        f"curl -X PUT '{url}{settings}{'enable' if action == 'create' else 'disable'}/'"
        f" -H \"x-rh-identity: $IDENTITY\" -H 'content-type: application/json' -d '{body}'"
    )


def _limit_reached(refusal: Refused, action: str, keys: Sequence[str]) -> Blocked:
    verb, hint = "disable", ""
    if action == "create":
        verb, hint = "enable", "; disable keys that are not needed in the settings."
    return Blocked(f"Koku refuses to {verb} {', '.join(keys)}: {_said(refusal)}{hint}")


def _said(refusal: Refused) -> str:
    return " ".join(refusal.body.split())[:200]
