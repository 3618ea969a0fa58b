"""Tag keys are switched for the whole organisation, so scenarios and runs that go on side by side share them.

The first run that needs a key enabled enables it and the last one disables it: disabled any earlier, the key would be
missing in the summary of the others. Within a run a file says which scenario needs which key; between runs, and their
processes, two shared locks do: that a run needs the key, and that it was a run that enabled it. A key that was
enabled without that second lock is the user's and stays enabled. Of a key that must be disabled the same holds the
other way round, and as long as one run needs it one way, no other can have it the other way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from e2e_validator.access.claims import Claims
from e2e_validator.access.tag_switch import TagSwitch
from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.errors import Blocked
from e2e_validator.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Wish:
    """How a key must be, how that is brought about and given back, and what the file and locks of it are called."""

    state: str
    action: str
    undo: str
    file: str
    needed: str
    made: str

    @property
    def other(self) -> Wish:
        """The opposite."""
        return DISABLED if self is ENABLED else ENABLED


ENABLED = Wish("enabled", "create", "delete", "tag_keys.json", "is needed", "was enabled by a run")
DISABLED = Wish("disabled", "delete", "create", "tag_keys_off.json", "is not wanted", "was disabled by a run")


class NeededOtherwiseError(Exception):
    """Others need a key the other way round, as long as they last; ``key`` and ``holder`` name one, in words."""

    def __init__(self, key: str, holder: str) -> None:
        """Say which."""
        super().__init__(f"the key {key} is needed otherwise by {holder}")
        self.key, self.holder = key, holder


@dataclass(frozen=True, slots=True)
class Released:
    """What became of keys that a scenario does not need any more, apart from those that were given back.

    ``stuck`` are still as the run made them although no run needs that; ``needed`` stay so for another run.
    """

    stuck: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


def enable(
    run: Run,
    claims: Claims,
    switch: TagSwitch,
    scenario: str,
    keys: Sequence[str],
    wish: Wish = ENABLED,
    *,
    change: bool = True,
) -> list[str]:
    """See that ``keys`` are as ``wish`` says for ``scenario``; those that are not so afterwards, sorted.

    Without ``change`` they are claimed as they are.

    Raises:
        Blocked: the keys cannot be claimed.
        NeededOtherwiseError: a scenario at work needs one of them the other way round; nothing is claimed then.
    """
    (left,) = enable_all(run, claims, switch, scenario, [(wish, keys, change)])
    return left


def enable_all(
    run: Run, claims: Claims, switch: TagSwitch, scenario: str, wants: Sequence[tuple[Wish, Sequence[str], bool]]
) -> list[list[str]]:
    """The same for several wishes at once, with whether keys may be switched: all of them are claimed, or none.

    So of two scenarios that need something of each other's none waits with what the other waits for.
    """
    with claims.alone(_changing(claims)):
        for wish, keys, _ in wants:
            _refuse_otherwise(run, claims, scenario, keys, wish)
        return [_claim(run, claims, switch, scenario, keys, wish, change=change) for wish, keys, change in wants]


def _claim(
    run: Run, claims: Claims, switch: TagSwitch, scenario: str, keys: Sequence[str], wish: Wish, *, change: bool
) -> list[str]:
    with _holders(run, wish) as holders:
        missing = not_so(switch, keys, wish)
        ours = missing if change else []
        for key in keys:
            if not claims.take(_needed(claims, key, wish), shared=True, owner=scenario):
                raise Blocked(f"The tag key {key} cannot be claimed: a session holds its lock alone.")
            entry = holders.setdefault(key, {"ours": False, "scenarios": []})
            entry["ours"] |= key in ours or claims.held_elsewhere(_made(claims, key, wish))
            entry["scenarios"] = sorted({*entry["scenarios"], scenario})
            if entry["ours"]:
                claims.take(_made(claims, key, wish), shared=True, owner=scenario)
        # Before it is done: a run that goes on after a kill would take the keys for the user's, and leave them so.
        _write(run, holders, wish)
        if not ours:
            return missing
        switch.change_tags(wish.action, missing)
        return not_so(switch, keys, wish)


def hold(
    run: Run,
    claims: Claims,
    switch: TagSwitch,
    scenario: str,
    keys: Sequence[str],
    wish: Wish = ENABLED,
    *,
    change: bool = True,
) -> None:
    """See that the process still holds the keys that the scenario claimed; a new process has yet to claim them."""
    owned = all(claims.owned(_needed(claims, key, wish), shared=True, owner=scenario) for key in keys)
    if not (owned and claims.confirm()):
        enable(run, claims, switch, scenario, keys, wish, change=change)


def release(
    run: Run, claims: Claims, switch: TagSwitch, scenario: str, keys: Sequence[str], wish: Wish = ENABLED
) -> Released:
    """Give back those of ``keys`` that runs switched and no run needs so any more."""
    with claims.alone(_changing(claims)), _holders(run, wish) as holders:
        for key in keys:
            claims.drop(_needed(claims, key, wish), shared=True, owner=scenario)
            claims.drop(_made(claims, key, wish), shared=True, owner=scenario)
            if key in holders:
                holders[key]["scenarios"] = [name for name in holders[key]["scenarios"] if name != scenario]
        done = sorted(key for key in keys if key in holders and not holders[key]["scenarios"])
        ours = [key for key in done if holders[key]["ours"]]
        free = [key for key in ours if _free(claims, _needed(claims, key, wish))]
        if free:
            switch.change_tags(wish.undo, free)
        stuck = not_so(switch, free, wish.other) if free else []
        for key in set(done) - set(stuck):
            del holders[key]
        return Released(tuple(stuck), tuple(key for key in ours if key not in free))


def wishes(state: ScenarioState) -> tuple[tuple[Wish, list[str], bool], ...]:
    """How the scenario needs its keys, and whether they may be switched for that."""
    return (ENABLED, state.enabled_tags, True), (DISABLED, state.disabled_tags, True), (ENABLED, state.kept_tags, False)


def enabled_by(run: Run, scenario: str, wish: Wish = ENABLED) -> list[str]:
    """The keys that a run made as ``wish`` says, and that the scenario, or no run any more, needs so."""
    return sorted(
        key
        for key, entry in _read(run, wish).items()
        if entry["ours"] and scenario in (entry["scenarios"] or [scenario])
    )


def not_so(switch: TagSwitch, keys: Sequence[str], wish: Wish) -> list[str]:
    """Those of ``keys`` that are not as they must be, sorted."""
    enabled = switch.enabled_among(keys)
    return sorted(set(keys) - enabled) if wish is ENABLED else sorted(enabled)


def _refuse_otherwise(run: Run, claims: Claims, scenario: str, keys: Sequence[str], wish: Wish) -> None:
    within = _read(run, wish.other)
    for key in keys:
        own = [name for name in within.get(key, {"scenarios": []})["scenarios"] if name != scenario]
        if own:
            raise NeededOtherwiseError(key, f"the scenario {own[0]}, which needs it {wish.other.state}")
        name = _needed(claims, key, wish.other)
        if not _free(claims, name):
            holder = next(map(str, claims.holders(name)), "a run")
            raise NeededOtherwiseError(key, f"{holder}, which needs it {wish.other.state}")


def _free(claims: Claims, name: str) -> bool:
    """Whether no other process holds the lock of a key; none can begin to while the keys are being changed."""
    if not claims.take(name, shared=False):
        return False
    claims.drop(name, shared=False)
    return True


def _changing(claims: Claims) -> str:
    return f"tag keys of {claims.schema}"


def _needed(claims: Claims, key: str, wish: Wish) -> str:
    return f"tag key {key} of {claims.schema} {wish.needed}"


def _made(claims: Claims, key: str, wish: Wish) -> str:
    return f"tag key {key} of {claims.schema} {wish.made}"


@contextmanager
def _holders(run: Run, wish: Wish) -> Iterator[dict[str, dict[str, Any]]]:
    """Which scenario needs which key so in this run; what was changed is written even when there is no answer."""
    holders = _read(run, wish)
    try:
        yield holders
    finally:
        _write(run, holders, wish)


def _read(run: Run, wish: Wish) -> dict[str, dict[str, Any]]:
    path = run.folder / wish.file
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _write(run: Run, holders: dict[str, dict[str, Any]], wish: Wish) -> None:
    write_whole(run.folder / wish.file, json.dumps(holders, indent=1))
