"""Tag keys are enabled for the whole organisation, so scenarios that run side by side share them.

The first scenario of a run that needs a key enables it and the last one disables it again: disabled any earlier, the
key would be missing in the summary of the others. A key that was enabled before the run stays enabled.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from e2e_validator.access.masu import Masu
from e2e_validator.phases.run import Run, write_atomically


def enable(run: Run, masu: Masu, scenario: str, keys: Sequence[str]) -> list[str]:
    """Enable ``keys`` for ``scenario``; those that are not enabled afterwards, sorted."""
    with _holders(run) as holders:
        missing = sorted(set(keys) - set(masu.enabled_tags()))
        for key in keys:
            entry = holders.setdefault(key, {"ours": False, "scenarios": []})
            entry["ours"] |= key in missing
            entry["scenarios"] = sorted({*entry["scenarios"], scenario})
        # Before it is done: whoever goes on after a kill would take the keys for enabled by others, and leave them.
        _write(run, holders)
        if missing:
            masu.change_tags("create", missing)
        return sorted(set(keys) - set(masu.enabled_tags()))


def release(run: Run, masu: Masu, scenario: str, keys: Sequence[str]) -> list[str]:
    """Disable those of ``keys`` that this run enabled and no other scenario needs; those still enabled, sorted."""
    with _holders(run) as holders:
        for key in keys:
            if key in holders:
                holders[key]["scenarios"] = [name for name in holders[key]["scenarios"] if name != scenario]
        done = [key for key in keys if key in holders and not holders[key]["scenarios"]]
        ours = sorted(key for key in done if holders[key]["ours"])
        if ours:
            masu.change_tags("delete", ours)
        left = sorted(set(ours) & set(masu.enabled_tags())) if ours else []
        for key in set(done) - set(left):
            del holders[key]
        return left


@contextmanager
def _holders(run: Run) -> Iterator[dict[str, dict[str, Any]]]:
    """Who needs which key, one process at a time; what was changed is written even when masu does not answer."""
    path = _file(run)
    with (run.folder / "tag_keys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        holders = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        try:
            yield holders
        finally:
            _write(run, holders)


def _write(run: Run, holders: dict[str, dict[str, Any]]) -> None:
    write_atomically(_file(run), json.dumps(holders, indent=1))


def _file(run: Run) -> Path:
    return run.folder / "tag_keys.json"
