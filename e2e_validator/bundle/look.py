"""What collectors look at, and what they hand over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from e2e_validator.access.source_names import SourceNames
from e2e_validator.deployment import Target

# File name (relative to the bundle) and content: text, or anything that becomes JSON.
Keep = Callable[[str, Any], None]


class NotHere(Exception):  # noqa: N818 - a state, not a mistake
    """The target has nothing of this kind; says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the scenario."""

    uuid: str
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Where objects of the scenario may stand.

    ``bucket`` is the role of the bucket: ``ingress``, ``archive``, or ``own`` for the source's, called ``name``.
    """

    bucket: str
    prefix: str
    name: str = ""


@dataclass(frozen=True)
class Look:
    """What a bundle is about: one phase of one scenario on one target.

    ``since`` is when the phase began (UTC); ``logs`` is the folder of the embedded stack's logs, where there is one.
    """

    target: Target
    since: datetime
    sources: tuple[Source, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    logs: Path | None = None
    names: SourceNames | None = None
    """How Koku calls what it keeps of the sources."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Looks at one thing. ``collect`` hands files over one by one, so that those before a time-out are kept."""

    name: str
    what: str
    collect: Callable[[Look, Keep], None] = field(repr=False)
