"""Containers that were killed while a payload was at work."""

from __future__ import annotations

from datetime import datetime, timedelta

from e2e_validator.access.ended_containers import KILLED
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.errors import counted
from e2e_validator.finding import Finding


def container_killed(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """A container of the deployment was killed since the payload was announced; it may have been at work on it."""
    since = _since(observed, expected)
    if since is None:
        return None
    killed = [one for one in observed.ended or () if one.code == KILLED and one.at >= since]
    if not killed:
        return None
    more = f", and {counted(len(killed) - 1, 'more container')}" if killed[1:] else ""
    return Finding(
        "container_killed",
        f"{killed[0]} at {killed[0].at:%H:%M:%S} UTC, after the payload was announced{more}",
        {"containers": [f"{one} at {one.at:%H:%M:%S} UTC, {counted(one.restarts, 'restart')}" for one in killed]},
        "raise its memory limit, or see in the pod's events what killed it; what it had begun may be half written",
        "docs/contract/koku.md 7.2",
        final=False,
    )


def _since(observed: ObservedSource, expected: ExpectedSource | None) -> datetime | None:
    """When the payload was announced; of a source that no run made, when its manifest was recorded."""
    if expected is not None:
        return observed.now - timedelta(seconds=expected.announced_seconds) if expected.announced_seconds else None
    return observed.manifest.created if observed.manifest else None
