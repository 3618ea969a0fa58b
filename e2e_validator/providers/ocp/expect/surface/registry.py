"""Every family: which questions are asked of a source, and which of them others' sources have a part in."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.providers.ocp.expect.surface.check import Check
from e2e_validator.providers.ocp.expect.surface.crossing import crossings, days
from e2e_validator.providers.ocp.expect.surface.deltas import deltas
from e2e_validator.providers.ocp.expect.surface.everyone import everyone
from e2e_validator.providers.ocp.expect.surface.limits import limits
from e2e_validator.providers.ocp.expect.surface.lists import resources, tags
from e2e_validator.providers.ocp.expect.surface.narrowing import narrowing
from e2e_validator.providers.ocp.expect.surface.order import orders
from e2e_validator.providers.ocp.expect.surface.sources import sources
from e2e_validator.providers.ocp.expect.surface.spans import spans
from e2e_validator.providers.ocp.expect.surface.subject import Subject
from e2e_validator.providers.ocp.expect.surface.volumes import volumes

# Questions about this source alone: their answers do not change any more.
OWN = (limits, orders, narrowing, crossings, days, spans, volumes, deltas, tags, sources)
# Questions whose answers have other sources in them, and may change at any time.
SHARED = (everyone, resources)


def own_checks(subject: Subject) -> Iterator[Check]:
    """What is asked about this source alone."""
    for family in OWN:
        yield from family(subject)


def shared_checks(subject: Subject) -> Iterator[Check]:
    """What is asked of the whole organisation."""
    for family in SHARED:
        yield from family(subject)
