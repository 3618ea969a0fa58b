"""What enables and disables the tag keys of an organisation: masu where it offers that, else the API (5.1, 5.5).

masu takes a key that Koku has never seen; in production it does not offer that, and the API has only keys that stood
in a file which Koku has read (docs/contract/koku.md 3.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from e2e_validator.access.http import Refused
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.errors import Blocked

_LIMIT_REACHED = 412


class TagSwitch(Protocol):
    """Enables and disables the tag keys of one source type for the organisation."""

    title: str

    def enabled_tags(self) -> list[str]:
        """The keys that are enabled."""

    def change_tags(self, action: str, keys: Sequence[str]) -> None:
        """Enable (``create``) or disable (``delete``) keys; those that it does not know stay as they are."""

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:
        """Those of ``keys`` that it cannot enable yet."""

    def disable_command(self, key: str) -> str:
        """What a user types to disable a key."""


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
            raise Blocked(
                f"Koku refuses to enable {', '.join(keys)}: {_said(refusal)}; disable keys that are not needed in the"
                " settings."
                if action == "create"
                else f"Koku refuses to disable {', '.join(keys)}: {_said(refusal)}"
            ) from refusal

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:
        """Those that the settings do not list."""
        return sorted(set(keys) - set(self._known()))

    def disable_command(self, key: str) -> str:
        """A request that needs the organisation's identity header or a token, which is not shown."""
        entry = self._known().get(key)
        body = f'{{"ids": ["{entry["uuid"] if entry else "UUID"}"]}}'
        return (
            f"curl -X PUT '{self._url}settings/tags/disable/' -H \"x-rh-identity: $IDENTITY\""
            f" -H 'content-type: application/json' -d '{body}'"
        )

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

    def change_tags(self, action: str, keys: Sequence[str]) -> None:
        """Enable or disable keys."""
        self._masu.change_tags(self._type, action, keys)

    def unknown_tags(self, keys: Sequence[str]) -> list[str]:  # noqa: ARG002 - masu takes every key
        """None of them."""
        return []

    def disable_command(self, key: str) -> str:
        """A request to masu."""
        return self._masu.disable_command(self._type, key)


def switch_of(koku: KokuApi, masu: Masu, url: str, source_type: str) -> TagSwitch:
    """Masu if it offers ``enabled_tags/``, which it does not in production; ``url`` is the API's."""
    return ByMasu(masu, source_type) if masu.can_enable_tags() else ByApi(koku, url, source_type)


def _said(refusal: Refused) -> str:
    return " ".join(refusal.body.split())[:200]
