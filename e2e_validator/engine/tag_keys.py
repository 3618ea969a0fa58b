"""Tag keys are enabled for the whole organisation, so scenarios and runs that go on side by side share them.

The first run that needs a key enables it and the last one disables it: disabled any earlier, the key would be
missing in the summary of the others. Within a run a file says which scenario needs which key; between runs, and their
processes, two shared locks do: that a run needs the key, and that it was a run that enabled it. A key that was
enabled without that second lock is the user's and stays enabled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from e2e_validator.access.claims import Claims
from e2e_validator.access.tag_switch import TagSwitch
from e2e_validator.engine.run_state import Run
from e2e_validator.errors import Blocked
from e2e_validator.whole_file import write_whole

_FILE = "tag_keys.json"


@dataclass(frozen=True, slots=True)
class Released:
    """What became of keys that a scenario does not need any more, apart from those that were disabled.

    ``stuck`` are still enabled although no run needs them; ``needed`` stay enabled for another run.
    """

    stuck: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


def enable(run: Run, claims: Claims, switch: TagSwitch, scenario: str, keys: Sequence[str]) -> list[str]:
    """Enable ``keys`` for ``scenario``; those that are not enabled afterwards, sorted.

    Raises:
        Blocked: the keys cannot be claimed.
    """
    with claims.alone(_changing(claims)), _holders(run) as holders:
        missing = sorted(set(keys) - set(switch.enabled_tags()))
        for key in keys:
            if not claims.take(_needed(claims, key), shared=True, owner=scenario):
                raise Blocked(f"The tag key {key} cannot be claimed: a session holds its lock alone.")
            entry = holders.setdefault(key, {"ours": False, "scenarios": []})
            entry["ours"] |= key in missing or claims.held_elsewhere(_enabled(claims, key))
            entry["scenarios"] = sorted({*entry["scenarios"], scenario})
            if entry["ours"]:
                claims.take(_enabled(claims, key), shared=True, owner=scenario)
        # Before it is done: a run that goes on after a kill would take the keys for the user's, and leave them enabled.
        _write(run, holders)
        if missing:
            switch.change_tags("create", missing)
        return sorted(set(keys) - set(switch.enabled_tags()))


def hold(run: Run, claims: Claims, switch: TagSwitch, scenario: str, keys: Sequence[str]) -> None:
    """See that the process still holds the keys that the scenario enabled; a new process has yet to claim them."""
    owned = all(claims.owned(_needed(claims, key), shared=True, owner=scenario) for key in keys)
    if not (owned and claims.confirm()):
        enable(run, claims, switch, scenario, keys)


def release(run: Run, claims: Claims, switch: TagSwitch, scenario: str, keys: Sequence[str]) -> Released:
    """Disable those of ``keys`` that runs enabled and no run needs any more."""
    with claims.alone(_changing(claims)), _holders(run) as holders:
        for key in keys:
            claims.drop(_needed(claims, key), shared=True, owner=scenario)
            claims.drop(_enabled(claims, key), shared=True, owner=scenario)
            if key in holders:
                holders[key]["scenarios"] = [name for name in holders[key]["scenarios"] if name != scenario]
        done = sorted(key for key in keys if key in holders and not holders[key]["scenarios"])
        ours = [key for key in done if holders[key]["ours"]]
        free = [key for key in ours if _free(claims, key)]
        if free:
            switch.change_tags("delete", free)
        stuck = sorted(set(free) & set(switch.enabled_tags())) if free else []
        for key in set(done) - set(stuck):
            del holders[key]
        return Released(tuple(stuck), tuple(key for key in ours if key not in free))


def enabled_by(run: Run, scenario: str) -> list[str]:
    """The keys that are enabled because a run enabled them, and that the scenario, or no run any more, needs."""
    return sorted(
        key for key, entry in _read(run).items() if entry["ours"] and scenario in (entry["scenarios"] or [scenario])
    )


def _free(claims: Claims, key: str) -> bool:
    """Whether no process of any run needs the key; none can begin to while the keys are being changed."""
    name = _needed(claims, key)
    if not claims.take(name, shared=False):
        return False
    claims.drop(name, shared=False)
    return True


def _changing(claims: Claims) -> str:
    return f"tag keys of {claims.schema}"


def _needed(claims: Claims, key: str) -> str:
    return f"tag key {key} of {claims.schema} is needed"


def _enabled(claims: Claims, key: str) -> str:
    return f"tag key {key} of {claims.schema} was enabled by a run"


@contextmanager
def _holders(run: Run) -> Iterator[dict[str, dict[str, Any]]]:
    """Which scenario needs which key in this run; what was changed is written even when there is no answer."""
    holders = _read(run)
    try:
        yield holders
    finally:
        _write(run, holders)


def _read(run: Run) -> dict[str, dict[str, Any]]:
    path = run.folder / _FILE
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _write(run: Run, holders: dict[str, dict[str, Any]]) -> None:
    write_whole(run.folder / _FILE, json.dumps(holders, indent=1))
